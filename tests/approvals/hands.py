"""What a person finds when sending stands still: doubts, dead letters, and a hand on them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import text

from approvals.people import Person
from approvals.policing import put
from approvals.requests import Pending
from approvals.resolve import Subject, pause
from approvals.rulings import policies
from kernel.db import Database
from outbox.dispatch import Refused, Unsure
from outbox.facts import Scope
from tests.factories import Bench, Desk

LANE = "sms:sandbox"
WHY = "Mia told me."


def doubt(desk: Desk, bench: Bench, body: str = "Your table is ready.") -> Pending:
    """A send whose call broke off."""
    bench.memory.tell(Unsure("the connection broke off"))
    pending = desk.approved(body)
    bench.drain()
    assert desk.send(pending).state == "in_doubt"
    return pending


def dead(desk: Desk, bench: Bench) -> Pending:
    """A send that the provider refused."""
    bench.memory.tell(Refused("The number does not exist.", "21211"))
    pending = desk.approved()
    bench.drain()
    assert desk.send(pending).state == "failed"
    return pending


def act(desk: Desk, deed: Callable[..., object], *given: object, person: UUID | None = None) -> object:
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        return deed(session, session.get_one(Person, person or desk.founded.owner), *given)


def of_key(desk: Desk) -> Subject:
    """What the workspace's first agent asked for."""
    return Subject("key", Scope(key=desk.founded.key.id))


def hold(desk: Desk, subject: Subject, *, deed: Callable[..., object] = pause, person: UUID | None = None) -> None:
    act(desk, deed, subject, "enough", desk.settings, person=person)


def set_policy(desk: Desk, policy: str, person: UUID | None = None, **settings: object) -> None:
    """The owner sets a policy, as the portal does."""
    with desk.signed_in(person) as (session, somebody):
        found = policies()[policy]
        put(session, somebody, found, found.settings.model_validate(settings))


def rows(database: Database, query: str, **given: object) -> list[tuple[object, ...]]:
    with database.transaction() as session:
        return [tuple(row) for row in session.execute(text(query), given)]
