"""What a person does to many sends at once: asked for in one transaction, carried out one by one, each once, whatever dies between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast, get_args
from uuid import UUID

import psycopg
from psycopg.rows import class_row
from sqlalchemy.orm import Mapped, Session, mapped_column

from approvals.people import Person
from approvals.resolve import MayNotOperate, leave, replay, resolve
from kernel.db import Database, Row, raw
from kernel.errors import InvalidArguments, SaysoError
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey

Deed = Literal["replay", "leave", "sent", "again", "give_up"]
DEEDS: tuple[Deed, ...] = get_args(Deed)
MOST = 100
"""So many at once: as many as one page lists."""
AT_ONCE = 200


class NothingPicked(InvalidArguments):
    """None was picked, or more than a hundred, so nothing was done."""

    code = "nothing_picked"
    next_step = "Tick at least one of those that are listed, and at most a hundred."


class Batch(Row):
    """One deed over many sends."""

    __tablename__ = "batch"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    deed: Mapped[str]
    reason: Mapped[str]
    person_id: Mapped[UUID]
    created_at: Mapped[Stamp]


class BatchItem(Row):
    """One of those sends."""

    __tablename__ = "batch_item"

    workspace_id: Mapped[UUID]
    batch_id: Mapped[UUID] = mapped_column(primary_key=True)
    intent_id: Mapped[UUID] = mapped_column(primary_key=True)
    done_at: Mapped[datetime | None]
    refusal: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a page asks for; its id was made with the page."""

    id: UUID
    deed: Deed
    reason: str
    intents: Sequence[UUID]


BEGIN = "INSERT INTO batch (id, workspace_id, deed, reason, person_id) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
# What is not ours is left out here: the foreign key would refuse the whole.
PICK = "INSERT INTO batch_item (workspace_id, batch_id, intent_id) SELECT i.workspace_id, %s, i.id FROM intent i WHERE i.workspace_id = %s AND i.id = ANY(%s)"
OPEN = "SELECT workspace_id, batch_id, intent_id FROM batch_item WHERE done_at IS NULL ORDER BY batch_id, intent_id LIMIT %s"
TAKE = """
SELECT b.deed, b.reason, b.person_id FROM batch_item m JOIN batch b ON b.id = m.batch_id
WHERE m.batch_id = %s AND m.intent_id = %s AND m.done_at IS NULL FOR UPDATE OF m SKIP LOCKED
"""
DONE = "UPDATE batch_item SET done_at = now(), refusal = %s WHERE batch_id = %s AND intent_id = %s"


def begin(session: Session, person: Person, wish: Wish) -> None:
    """Write it down; the same page sent again changes nothing. Raises MayNotOperate, NothingPicked."""
    if not person.may_decide:
        raise MayNotOperate
    if not 0 < len(wish.intents) <= MOST:
        raise NothingPicked
    line = raw(session)
    if line.execute(BEGIN, (wish.id, person.workspace_id, wish.deed, wish.reason, person.id)).rowcount:
        picked = line.execute(PICK, (wish.id, person.workspace_id, list(wish.intents))).rowcount
        if not picked:
            raise NothingPicked


@dataclass(frozen=True, slots=True)
class Open:
    """One send that waits for what was asked."""

    workspace_id: UUID
    batch_id: UUID
    intent_id: UUID


def due(line: psycopg.Connection[Any]) -> list[Open]:
    """What waits, of every workspace, the first asked for first."""
    return line.cursor(row_factory=class_row(Open)).execute(OPEN, (AT_ONCE,)).fetchall()


def carry_out(gate: Database, one: Open) -> None:
    """Do it to one send, in one transaction with the mark that it was done; any number of clocks may try."""
    with gate.transaction(one.workspace_id) as session:
        taken = raw(session).execute(TAKE, (one.batch_id, one.intent_id)).fetchone()
        if taken is None:
            return
        deed, reason, person = taken
        refusal = _refusal(session, lambda: _deed(cast("Deed", deed))(session, session.get_one(Person, person), one.intent_id, reason))
        raw(session).execute(DONE, (refusal, one.batch_id, one.intent_id))


def _deed(deed: Deed) -> Callable[[Session, Person, UUID, str], object]:
    match deed:
        case "replay":
            return replay
        case "leave":
            return leave
        case verdict:
            return lambda session, person, intent, reason: resolve(session, person, intent, verdict, reason)


def _refusal(session: Session, does: Callable[[], object]) -> str | None:
    """Why it was refused, in words; whoever asked may have lost the right meanwhile."""
    try:
        with session.begin_nested():
            does()
    except SaysoError as refused:
        return refused.sentence
    return None


@dataclass(frozen=True, slots=True)
class Item:
    """One send of a batch, as a page lists it."""

    intent_id: UUID
    recipient: str
    done_at: datetime | None
    refusal: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is."""

    deed: str
    reason: str
    by: str
    created_at: datetime
    items: Sequence[Item]

    @property
    def done(self) -> int:
        """How many were looked at."""
        return sum(item.done_at is not None for item in self.items)

    @property
    def refused(self) -> Sequence[Item]:
        """Those to which nothing was done."""
        return [item for item in self.items if item.refusal]


FOUND = "SELECT b.deed, b.reason, p.name, b.created_at FROM batch b JOIN person p ON p.id = b.person_id WHERE b.id = %s AND b.workspace_id = %s"
ITEMS = """
SELECT m.intent_id, c.recipient, m.done_at, m.refusal FROM batch_item m JOIN content c ON c.intent_id = m.intent_id
WHERE m.batch_id = %s AND m.workspace_id = %s ORDER BY m.refusal IS NULL, m.intent_id
"""


def progress(session: Session, workspace: UUID, batch: UUID) -> Progress | None:
    """How far it is; None when this workspace has no such batch."""
    found = raw(session).execute(FOUND, (batch, workspace)).fetchone()
    items = raw(session).cursor(row_factory=class_row(Item)).execute(ITEMS, (batch, workspace)).fetchall()
    if found is None:
        return None
    deed, reason, by, created_at = found
    return Progress(deed, reason, by, created_at, items)
