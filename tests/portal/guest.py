"""A person with a browser: follows links, reads forms off pages, presses buttons."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import httpx2
from psycopg import sql
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.testclient import TestClient

from approvals.links import Envelope, Invitation, invite
from approvals.people import Person, Rank
from approvals.requests import Pending
from approvals.tables import Approval
from crm.access.sessions import make_link
from kernel.clock import now
from kernel.db import Database, raw
from kernel.keys import new_id, show
from surfaces.app import create_app
from surfaces.door import Door
from surfaces.portal.routes import routes
from tests.factories import Desk

ROWS = sql.SQL("SELECT t.xmin::text || to_jsonb(t)::text FROM {} t")
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


class Reader(HTMLParser):
    """What a page holds: its form fields, and every address it names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.buttons: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.refresh: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down what matters of one tag."""
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.addresses += [given[name] for name in ("src", "href", "action", "srcset", "formaction") if name in given]
        if tag == "input" and given.get("type") == "hidden":
            self.fields[given["name"]] = given["value"]
        if tag == "button" and given.get("name") == "verdict":
            self.buttons.append(given["value"])
        if given.get("http-equiv") == "refresh":
            self.refresh = given["content"]


def app_of(desk: Desk) -> Starlette:
    """The whole application at this desk."""
    door = Door(desk.settings, desk.database)
    return create_app(door, routes(door))


@dataclass(frozen=True)
class Guest:
    """A browser; redirects are followed by hand."""

    desk: Desk
    http: TestClient

    def open(self, invitation: Invitation) -> httpx2.Response:
        """Follow an approval link to its page."""
        arrived = self.http.get(f"/a/{invitation.token}")
        assert (arrived.status_code, arrived.headers["location"]) == (303, "/a")
        return self.http.get("/a")

    def press(self, page: httpx2.Response, verdict: str, *, at: str = "/a", headers: dict[str, str] | None = None, **typed: str) -> httpx2.Response:
        """Press a button of the form on this page."""
        fields = {**Reader(page.text).fields, "verdict": verdict, **typed}
        return self.http.post(at, data=fields, headers=headers or {})

    def sign_in(self, person: UUID | None = None) -> None:
        """Come in by a one-time link, through its button."""
        token = login_token(self.desk, person)
        page = self.http.get(f"/portal/enter/{token}")
        entered = self.http.post(f"/portal/enter/{token}", data=Reader(page.text).fields)
        assert (entered.status_code, entered.headers["location"]) == (303, "/portal")


def guest_at(desk: Desk) -> Guest:
    """A new browser."""
    return Guest(desk, TestClient(app_of(desk), base_url=desk.settings.base_url, follow_redirects=False))


def invited(desk: Desk, pending: Pending, person: UUID | None = None) -> Invitation:
    """A link of one's own to a pending approval."""
    with desk.database.transaction(desk.founded.workspace) as session:
        approval = session.get_one(Approval, pending.approval_id)
        return invite(session, desk.settings.secret, approval, session.get_one(Person, person or desk.founded.owner), Envelope(approval.expires_at))


def login_token(desk: Desk, person: UUID | None = None) -> str:
    """A one-time sign-in token."""
    with desk.database.transaction(desk.founded.workspace) as session:
        return make_link(session, session.get_one(Person, person or desk.founded.owner), now())


def joined(desk: Desk, owner_db: Database, name: str, rank: Rank) -> UUID:
    """One more person of the workspace."""
    person = new_id()
    with owner_db.transaction() as session:
        session.add(Person(id=person, workspace_id=desk.founded.workspace, email=f"{name.lower()}@example.com", name=name, rank=rank))
    return person


def changed(owner_db: Database, statement: str, **given: Any) -> None:
    """Change a row behind everybody's back."""
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement), given)


def everything(owner_db: Database) -> dict[str, list[str]]:
    """Every row of every table with the transaction that wrote it."""
    with owner_db.transaction() as session:
        tables = session.scalars(text(TABLES)).all()
        line = raw(session)
        return {name: sorted(row for (row,) in line.execute(ROWS.format(sql.Identifier(name)))) for name in tables}


def state_of(desk: Desk, pending: Pending) -> str:
    """Where the approval stands."""
    with desk.database.transaction(desk.founded.workspace) as session:
        return session.get_one(Approval, pending.approval_id).state


def address_of(pending: Pending) -> str:
    """Its page in the portal."""
    return f"/portal/approvals/{show('apr', pending.approval_id)}"
