"""A connection without a database: it understands the few statements that the store sends, so that the store's own code moves rows in memory.

What the statements guard in SQL is interpreted here; which moves are wished for, and with which fence, is the store's own doing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from outbox import attempts, breakers, claims, grants, inquiries, paces, states, store
from outbox.states import EVIDENCE, WAITING, Claimed, Moved, State

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
WORKSPACE = UUID(int=9)
HEADS = (State.READY, State.CALLING, State.IN_DOUBT)


class Row(NamedTuple):
    """A delivery, as far as it matters; `lapsed`: its lease is over; `outlived`: its intent's use is over; `later`: not due yet."""

    state: State = State.HELD
    attempt: int = 0
    tries: int = 0
    owner: int | None = None
    lapsed: bool = False
    outlived: bool = False
    later: bool = False
    granted: bool = False
    keyed: bool = False
    heard: frozenset[tuple[int, str]] = frozenset()
    """What the provider said of which attempt."""

    def said(self, attempt: int) -> set[str]:
        """What it said of this one."""
        return {word for number, word in self.heard if number == attempt}

    @property
    def reached(self) -> bool:
        """Whether the provider said that it took an attempt, and not that it could not deliver it."""
        return any(word == "delivered" or (word == "sent" and "undelivered" not in self.said(number)) for number, word in self.heard)


Rows = tuple[Row, ...]


def intent(number: int) -> UUID:
    """The id of an intent; the later one sorts later."""
    return UUID(int=number + 1)


class Found:
    """What a statement answered."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.rowcount, self._rows = len(rows), list(rows)

    def fetchall(self) -> list[Any]:
        return self._rows

    def fetchone(self) -> Any:
        return self._rows[0] if self._rows else None


class MemoryLine:
    """Stands where the store expects a psycopg connection."""

    closed = autocommit = False

    def __init__(self, rows: Rows) -> None:
        self.rows = list(rows)

    def cursor(self, **_: Any) -> MemoryLine:
        return self

    def pipeline(self) -> AbstractContextManager[None]:
        return nullcontext()

    transaction = pipeline

    def rollback(self) -> None:
        """Nothing is ever left open: no statement fails here."""

    def execute(self, statement: str | bytes, wanted: Any = None) -> Found:
        """Interpret one statement that the store knows by name; any other is an error here."""
        known = statement.decode() if isinstance(statement, bytes) else statement
        return Found(list(MEANINGS[known](self, wanted)))

    def numbered(self) -> Iterator[tuple[int, Row]]:
        yield from list(enumerate(self.rows))


def _move(line: MemoryLine, wanted: Mapping[str, Any]) -> Iterator[Moved]:
    """states.MOVE: compare state and attempt, then set; the lease ends, whatever it was."""
    for wish in json.loads(wanted["moves"]):
        uuid, to, attempt, delay = UUID(wish["intent_id"]), wish["to_state"], wish["attempt"], wish["delay"]
        number = uuid.int - 1
        row = line.rows[number]
        if row.state in wish["was"].split(",") and (attempt in (None, row.attempt) or _hears_of_an_older(row, attempt, to)):
            end = _landing(row, to)
            tries = 0 if row.state is State.FAILED and end in WAITING else row.tries + wish["counted"]
            granted, later = row.granted or wish["grant_id"] is not None, row.later if delay is None else delay > 0
            line.rows[number] = row._replace(state=end, tries=tries, owner=None, lapsed=False, granted=granted, later=later)
            yield Moved(uuid, WORKSPACE, "lane", end, row.attempt, EPOCH)


def _hears_of_an_older(row: Row, attempt: int, to: str) -> bool:
    """states.OLDER."""
    if row.attempt < attempt or to not in EVIDENCE:
        return False
    if row.state in states.BACK:
        return to == "delivered" or (to == "sent" and "undelivered" not in row.said(attempt))
    return row.state in (State.SENT, State.UNDELIVERED) and not any(number > attempt for number, _ in row.heard)


def _landing(row: Row, to: str) -> State:
    """states.TAKEN_BEFORE."""
    if row.attempt > 1 and to in states.BACK and row.reached:
        return State.DELIVERED if "delivered" in {word for _, word in row.heard} else State.SENT
    return State(to)


def _start(line: MemoryLine, wanted: Mapping[str, Any]) -> Iterator[Claimed]:
    """states.START with claims.PICK: granted, ready, due, not outlived; a new attempt under a lease of its owner."""
    open_ones = [(number, row) for number, row in line.numbered() if row.state is State.READY and row.granted and not (row.outlived or row.later)]
    for number, row in open_ones[: wanted["slots"]]:
        line.rows[number] = row._replace(state=State.CALLING, attempt=row.attempt + 1, owner=wanted["owner"].int, lapsed=False)
        yield Claimed(intent(number), WORKSPACE, "sms", "", 50, row.attempt + 1, row.tries, b"digest", b"", sealed=False)


def _promote(line: MemoryLine, _wanted: Any) -> Iterator[None]:
    """states.PROMOTE with claims.HEADS: the first blocked one, when nothing of its key leads; all keyed rows here share one key."""
    keyed = [(number, row) for number, row in line.numbered() if row.keyed]
    blocked = [(number, row) for number, row in keyed if row.state is State.BLOCKED]
    if blocked and not any(row.state in HEADS for _, row in keyed):
        line.rows[blocked[0][0]] = blocked[0][1]._replace(state=State.READY)
    yield from ()


def _record(line: MemoryLine, wanted: Mapping[str, Any]) -> Iterator[None]:
    for seen in json.loads(wanted["seen"]):
        number, word = UUID(seen["intent_id"]).int - 1, "sent" if seen["outcome"] == "accepted" else seen["outcome"]
        if word in EVIDENCE:
            line.rows[number] = line.rows[number]._replace(heard=line.rows[number].heard | {(seen["number"], word)})
    yield from ()


def _overdue(line: MemoryLine, _wanted: Any) -> Iterator[tuple[UUID, UUID, int, datetime, str]]:
    return ((intent(n), WORKSPACE, row.attempt, EPOCH, "hold") for n, row in line.numbered() if row.state is State.CALLING and row.lapsed)


def _outlived(line: MemoryLine, _wanted: Any) -> Iterator[tuple[UUID, bool]]:
    return ((intent(n), False) for n, row in line.numbered() if row.state is State.READY and row.outlived)


def _mine(line: MemoryLine, wanted: tuple[str, UUID]) -> Iterator[tuple[UUID, int]]:
    return ((intent(n), row.attempt) for n, row in line.numbered() if row.state is State.CALLING and row.owner == wanted[1].int)


def _keyed(line: MemoryLine, wanted: tuple[list[UUID]]) -> Iterator[UUID]:
    return (uuid for uuid in wanted[0] if line.rows[uuid.int - 1].keyed)


def _nothing(_line: MemoryLine, _wanted: Any) -> Iterator[None]:
    """Tokens, locks and breakers: here one comes after the other, the lane is open, and always has tokens; and nothing is retired from the hot table."""
    yield from ()


MEANINGS: dict[str, Callable[[MemoryLine, Any], Iterator[Any]]] = {
    "BEGIN": _nothing,
    "COMMIT": _nothing,
    states.MOVE: _move,
    states.LATE_MOVE: _nothing,
    states.LOCK: _nothing,
    inquiries.LAST_LOOK: _nothing,
    states.starting(claims.PICK).decode(): _start,
    states.PROMOTE.format(heads=claims.HEADS): _promote,
    attempts.RECORD: _record,
    store.OVERDUE: _overdue,
    store.OUTLIVED: _outlived,
    store.MINE: _mine,
    store.BY_INTENT: lambda _line, wanted: iter([(wanted[0], WORKSPACE, None)]),
    breakers.OPEN_BREAKER: _nothing,
    breakers.OPEN_WHEN_FAILING: _nothing,
    paces.REFILL: _nothing,
    paces.LOCK: _nothing,
    paces.SLOW_DOWN: _nothing,
    claims.LOCK: _nothing,
    grants.GIVE: _nothing,
    grants.KEYED: _keyed,
}
