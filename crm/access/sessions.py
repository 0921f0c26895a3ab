"""How a person stays signed in: a one-time link, then a session in the portal or a terminal; all random, all stored as hashes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from approvals.people import Person
from crm.access.tables import LoginLink, PortalSession
from kernel.db import bind
from kernel.errors import Forbidden
from kernel.keys import new_secret, new_token, token_hash

Via = Literal["portal", "terminal"]
TERMINAL_PREFIX = "sayso_person_"
LINK_LASTS = timedelta(minutes=15)
SESSION_LASTS = timedelta(hours=12)


class LoginLinkEnded(Forbidden):
    """This sign-in link has been used or has expired."""

    code = "login_link_ended"
    next_step = "Sign in with a code that comes by e-mail, or ask whoever runs Sayso for a new link: `sayso login-link EMAIL` on the host."


def make_link(session: Session, person: Person, now: datetime) -> str:
    """A one-time token that signs this person in within 15 minutes."""
    token = new_token()
    session.add(LoginLink(workspace_id=person.workspace_id, person_id=person.id, token_hash=token_hash(token), expires_at=now + LINK_LASTS))
    session.flush()
    return token


def enter(session: Session, token: str, now: datetime) -> tuple[Person, str]:
    """Use a sign-in token up; answers the person and a new session's token. Raises LoginLinkEnded.

    The transaction must have been opened with `credential=token_hash(token)`.
    """
    link = session.scalar(select(LoginLink).where(LoginLink.token_hash == token_hash(token)))
    if link is None:
        raise LoginLinkEnded
    bind(session, link.workspace_id)
    unused = (LoginLink.id == link.id, LoginLink.used_at.is_(None), LoginLink.expires_at > now)
    if session.execute(update(LoginLink).where(*unused).values(used_at=func.now()).returning(LoginLink.id)).scalar() is None:
        raise LoginLinkEnded
    person = session.get_one(Person, link.person_id)
    return person, begin(session, person, "portal", now)


def begin(session: Session, person: Person, via: Via, now: datetime) -> str:
    """A new session's token, seen here and never again; one of a terminal can be told from a key at sight."""
    token = f"{TERMINAL_PREFIX}{new_secret()}" if via == "terminal" else new_token()
    row = PortalSession(workspace_id=person.workspace_id, person_id=person.id, token_hash=token_hash(token), via=via, expires_at=now + SESSION_LASTS)
    session.add(row)
    return token


def find_person(session: Session, token: str, via: Via, now: datetime) -> Person | None:
    """Who is signed in there by this session token, or None; binds the transaction to the person's workspace.

    The transaction must have been opened with `credential=token_hash(token)`.
    """
    live = (PortalSession.token_hash == token_hash(token), PortalSession.via == via, PortalSession.ended_at.is_(None), PortalSession.expires_at > now)
    row = session.scalar(select(PortalSession).where(*live))
    if row is None:
        return None
    bind(session, row.workspace_id)
    person = session.get_one(Person, row.person_id)
    return person if person.ended_at is None else None


def leave(session: Session, token: str) -> None:
    """End a session; the transaction must be bound to its workspace."""
    session.execute(update(PortalSession).where(PortalSession.token_hash == token_hash(token)).values(ended_at=func.now()))
