"""Deciding in somebody's place: a person who may decide lets another do it until a day, sees who that is, and takes it back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from approvals.letters import post
from approvals.people import Delegation, Person
from kernel.clock import now, zone_of
from kernel.errors import Conflict, NotFound
from kernel.keys import new_id, show
from kernel.settings import Settings
from kernel.tenancy import Workspace
from outbox.events import note
from outbox.kinds.notice import Notice

MOST_DAYS = 90


class NoSuchDay(Conflict):
    """This is not a day from today on within three months."""

    code = "no_such_day"
    next_step = "Choose the last day on which the other person decides for you."


class NotForYou(Conflict):
    """Nobody decides in their own place."""

    code = "not_for_you"
    next_step = "Choose somebody else of the business."


def delegate(session: Session, settings: Settings, person: Person, to: Person, last_day: date) -> UUID:
    """Let somebody decide in this person's place through a day, on the business's own clock. Raises NoSuchDay, NotForYou.

    The database takes it only in the person's own portal session, and while they may decide themselves.
    """
    if to.id == person.id:
        raise NotForYou
    business = session.get_one(Workspace, person.workspace_id)
    zone = zone_of(business.zone)
    today = now().astimezone(zone).date()
    if not today <= last_day <= today + timedelta(days=MOST_DAYS):
        raise NoSuchDay
    ends = datetime.combine(last_day + timedelta(days=1), time(), zone)
    row = {"id": new_id(), "workspace_id": person.workspace_id, "from_person": person.id, "to_person": to.id, "ends_at": ends}
    session.execute(insert(Delegation).values(row))
    body = (
        f"Hello {to.name},\n\n{person.name} lets you decide in their place for {business.name}, through {last_day:%A %d %B %Y}.\n\n"
        f"What waits: {settings.base_url}/portal\n"
    )
    post(session, settings, person.workspace_id, [Notice(to=to.email, subject=f"You decide for {person.name}", body=body)], ends)
    note(session, person.as_actor(), "delegation.given", show("per", to.id), until=ends.isoformat())
    return UUID(str(row["id"]))


def live(session: Session, workspace: UUID) -> list[Delegation]:
    """Who decides for whom today or soon."""
    mine = (Delegation.workspace_id == workspace, Delegation.revoked_at.is_(None), Delegation.ends_at > func.now())
    return list(session.scalars(select(Delegation).where(*mine).order_by(Delegation.ends_at, Delegation.id)))


def revoke(session: Session, person: Person, delegation: UUID) -> None:
    """Take it back, at once: one's own, or as an owner any. Raises NotFound."""
    mine = (Delegation.id == delegation, Delegation.workspace_id == person.workspace_id, Delegation.revoked_at.is_(None))
    if session.scalar(update(Delegation).where(*mine).values(revoked_at=func.now()).returning(Delegation.id)) is None:
        raise NotFound
    note(session, person.as_actor(), "delegation.revoked", show("dlg", delegation))
