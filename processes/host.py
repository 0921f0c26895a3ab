"""What only the host's shell may do: sign-in links, the sandbox's mailbox, founding a workspace; no key opens any of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from approvals.people import Person
from crm.access.keys import IssuedKey, issue
from crm.access.sessions import make_link
from crm.access.setup import as_country, found, people_with
from crm.access.tables import AgentIssue
from kernel.clock import now
from kernel.db import raw
from kernel.errors import NotFound, Unavailable
from kernel.keys import show
from kernel.roles import Role
from kernel.settings import Settings, load
from kernel.tenancy import Workspace
from outbox.restores import reopen
from outbox.retirement import forget, forget_beside
from outbox.scrutiny import visible
from processes.premises import attached, open_database
from processes.seed import Dice, Salon, fill
from providers.sandbox import SandboxMessage, read

MOST_ISSUES = 200


class NotRunning(Unavailable):
    """The database does not answer."""

    code = "not_running"
    next_step = "Start Sayso first (`sayso up`), or set SAYSO_DATABASE_URL to the database it uses."


@contextmanager
def as_owner(settings: Settings) -> Iterator[Session]:
    """One transaction as the owner of the database, who sees every workspace. Raises NotRunning."""
    database = open_database(settings, Role.OWNER, size=1)
    try:
        with database.transaction() as session:
            yield session
    except OperationalError as away:
        raise NotRunning from away
    finally:
        database.close()


def login_links(email: str) -> list[str]:
    """A one-time portal link for each workspace that this person belongs to. Raises NotFound, NotRunning."""
    settings = attached()
    with as_owner(settings) as session:
        return [entrance(settings, make_link(session, person, now())) for person in _people(session, email)]


def _people(session: Session, email: str) -> list[Person]:
    people = people_with(session, email)
    if not people:
        msg = "Nobody has this address."
        raise NotFound(msg, next_step="Check the address, or found a workspace: sayso workspace NAME EMAIL.")
    return people


def new_key(email: str, name: str) -> IssuedKey:
    """A new agent key for the workspace of this person; shown once. Raises NotFound, NotRunning."""
    with as_owner(attached()) as session:
        return issue(session, _people(session, email)[0].workspace_id, name)


def entrance(settings: Settings, token: str) -> str:
    """The address of a sign-in link."""
    return f"{settings.base_url}/portal/enter/{token}"


def mailbox() -> list[SandboxMessage]:
    """What the sandbox kept, oldest first."""
    return read(load().data_dir)


def forget_old(days: int) -> int:
    """Delete the sends that ended more than `days` ago, and as old events, keys and inbox rows; the audit stays. Answers how many. Raises NotRunning."""
    database = open_database(attached(), Role.OWNER, size=1)
    try:
        with database.line(seconds=3600) as line:
            sends = sum(iter(lambda: forget(line, days), 0))
            while forget_beside(line, days):
                pass
            return sends
    except OperationalError as away:
        raise NotRunning from away
    finally:
        database.close()


def open_restored() -> list[str]:
    """Open the lanes that the restore guard paused; answers their names. Raises NotRunning."""
    with as_owner(attached()) as session:
        return reopen(raw(session))


def found_workspace(name: str, owner_email: str, zone: str, country: str | None = None) -> IssuedKey:
    """A new workspace with its owner; answers the first agent's key, which is shown once."""
    settings = attached()
    with as_owner(settings) as session:
        founded = found(session, name, owner_email, zone=zone)
        workspace = session.get_one(Workspace, founded.workspace)
        workspace.country, workspace.plan = as_country(country) if country else None, settings.default_plan
        return founded.key


def issues() -> list[str]:
    """What agents reported, newest first."""
    with as_owner(attached()) as session:
        return list(reported(session))


def reported(session: Session) -> Iterator[str]:
    """Each report as a few lines, with nothing in it that a terminal would obey."""
    for told_of in session.scalars(select(AgentIssue).order_by(AgentIssue.created_at.desc()).limit(MOST_ISSUES)):
        head = f"{told_of.created_at:%Y-%m-%d %H:%M}  {show('iss', told_of.id)}  {show('org', told_of.workspace_id)}  {told_of.severity}  {told_of.area}"
        told = [f"  {name}: {json.dumps(words, ensure_ascii=False)}" for name, words in told_of.told.items()]
        yield visible("\n".join([head, f"  {told_of.title}", *told]))


def fill_workspace(email: str, seed: int, *, force: bool) -> dict[str, int]:
    """Fill the workspace of this person with a believable month; answers how many there are of what. Raises NotFound, HasCustomers, NotRunning."""
    settings = attached()
    with as_owner(settings) as session:
        workspace = _people(session, email)[0].workspace_id
    database = open_database(settings, Role.WEB, size=1)
    try:
        return dict(fill(Salon(database, settings, workspace, now(), Dice(seed)), force=force))
    finally:
        database.close()
