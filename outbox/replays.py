"""Replays: what providers told us, as lines without bodies, and having it worked off once more; an event that was applied changes nothing the second time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg.rows import class_row, scalar_row

from kernel.errors import Conflict

State = Literal["new", "hint", "done", "ignored", "dead"]
KEPT = "SELECT * FROM events_kept(%(whose)s, %(since)s, %(until)s, %(type)s, %(state)s, %(key)s, %(most)s)"
SHOWN = "SELECT * FROM events_shown(%(whose)s, %(since)s, %(until)s, %(type)s, %(state)s, %(key)s, %(most)s)"
AGAIN, REPLAYED = "SELECT events_again(%(chosen)s)", "SELECT events_replayed(%(whose)s, %(chosen)s)"
AT_ONCE = 500


class TooManyEvents(Conflict):
    """More events are meant than are replayed at once."""

    code = "too_many_events"
    next_step = "Choose a shorter time, a type or a state; whoever has the host's shell replays any number: sayso events replay."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are meant; what is left out is not asked about."""

    whose: UUID | None = None
    """The business that they are about; every one when left out."""
    since: datetime | None = None
    until: datetime | None = None
    type: str | None = None
    state: State | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as it stands in the inbox."""

    id: UUID
    provider: str
    key: str
    type: str
    state: State
    tries: int
    reason: str
    received_at: datetime
    due_at: datetime


def kept(line: psycopg.Connection[Any], wanted: Wanted, most: int | None = None) -> Sequence[Kept]:
    """The events that are meant, newest first, as the owner of the database reads them."""
    return _read(line, KEPT, wanted, most)


def shown(line: psycopg.Connection[Any], wanted: Wanted, most: int) -> Sequence[Kept]:
    """The same for the person who is signed in; nothing for anybody else."""
    return _read(line, SHOWN, wanted, most)


def _read(line: psycopg.Connection[Any], query: str, wanted: Wanted, most: int | None) -> Sequence[Kept]:
    return line.cursor(row_factory=class_row(Kept)).execute(query.encode(), asdict(wanted) | {"most": most}).fetchall()


def replay(line: psycopg.Connection[Any], wanted: Wanted) -> int:
    """Have all that are meant worked off once more, as the owner of the database; answers how many."""
    return _again(line, AGAIN, kept(line, wanted), wanted.whose)


def replay_shown(line: psycopg.Connection[Any], wanted: Wanted) -> int:
    """The same for the person who is signed in. Raises TooManyEvents."""
    chosen = shown(line, wanted, AT_ONCE + 1)
    if len(chosen) > AT_ONCE:
        raise TooManyEvents
    return _again(line, REPLAYED, chosen, wanted.whose)


def _again(line: psycopg.Connection[Any], statement: str, chosen: Sequence[Kept], whose: UUID | None) -> int:
    given = {"whose": whose, "chosen": [one.id for one in chosen]}
    return line.cursor(row_factory=scalar_row).execute(statement.encode(), given).fetchone() or 0
