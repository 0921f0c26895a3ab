"""The people of a business: an owner adds one, who is written to, and ends one, who is out at once; the database keeps an owner."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from approvals.letters import post
from approvals.people import Person, Rank
from kernel.errors import Conflict, NotFound
from kernel.keys import Wire, new_id, show
from kernel.operation import Asked
from kernel.settings import Settings
from kernel.tenancy import Workspace
from outbox.content import Address, one_line, readable
from outbox.events import note
from outbox.kinds.notice import Notice

UserId = Annotated[UUID, Wire("per")]


class Newcomer(Asked):
    """What an owner says of somebody who shall belong."""

    name: Annotated[str, AfterValidator(one_line), AfterValidator(readable)] = Field(max_length=80, description="What this person is called.")
    address: Address = Field(max_length=320, description="E-mail address.")
    rank: Rank = Field(description="owner, manager or staff.")


class AlreadyHere(Conflict):
    """Somebody with this e-mail address belongs to the business already."""

    code = "already_here"
    next_step = "Find them in the list. To give them another role, remove them and add them again."


class LastOwner(Conflict):
    """This is the only owner, and a business keeps one."""

    code = "last_owner"
    next_step = "Add another owner first."


def add(session: Session, settings: Settings, owner: Person, newcomer: Newcomer) -> UUID:
    """Let somebody belong, and write to them how to come in. Raises AlreadyHere.

    The database takes it only in a transaction that presents an owner's own portal session.
    """
    row = {"id": new_id(), "workspace_id": owner.workspace_id, "email": newcomer.address, "name": newcomer.name, "rank": newcomer.rank.value}
    person: UUID | None = session.scalar(insert(Person).values(row).on_conflict_do_nothing().returning(Person.id))
    if person is None:
        raise AlreadyHere
    business = session.get_one(Workspace, owner.workspace_id).name
    post(session, settings, owner.workspace_id, [_welcome(settings, owner, business, newcomer)])
    note(session, owner.as_actor(), "person.added", show("per", person), role=newcomer.rank.value)
    return person


def _welcome(settings: Settings, owner: Person, business: str, newcomer: Newcomer) -> Notice:
    body = (
        f"Hello {newcomer.name},\n\n"
        f"{owner.name} added you to {business} as {newcomer.rank.value}.\n\n"
        f"Come in with this e-mail address: {settings.base_url}/portal/sign-in\n"
        f"You will get a code by e-mail each time; there is no password.\n"
    )
    return Notice(to=newcomer.address, subject="You were added to a business on Sayso", body=body)


def find(session: Session, workspace: UUID, person: UUID) -> Person:
    """Somebody who belongs to the workspace today. Raises NotFound."""
    found = session.scalar(select(Person).where(Person.id == person, Person.workspace_id == workspace, Person.ended_at.is_(None)))
    if found is None:
        raise NotFound
    return found


def end(session: Session, owner: Person, person: UUID) -> None:
    """Let somebody belong no more; with the row the database ends their sessions, links and codes. Raises NotFound, LastOwner."""
    mine = (Person.id == person, Person.workspace_id == owner.workspace_id, Person.ended_at.is_(None))
    try:
        gone = session.scalar(update(Person).where(*mine).values(ended_at=func.now()).returning(Person.id))
    except IntegrityError:
        raise LastOwner from None
    if gone is None:
        raise NotFound
    note(session, owner.as_actor(), "person.ended", show("per", person))
