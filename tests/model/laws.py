"""The laws: what must hold after every step, whatever the steps were; each broken one is named with the row that breaks it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from outbox.states import MOVES, State
from tests.model.shadow import Case, Shadow
from tests.model.world import Row

FINAL = frozenset({State.HELD, State.REJECTED, State.CANCELLED, State.EXPIRED, State.SUPPRESSED})
"""States in which nothing may be dialled, unless somebody sent it again while an earlier call was still on its way."""
NEVER_DIALLED = frozenset({State.HELD, State.REJECTED})
TAKEN = frozenset({State.CALLING, State.IN_DOUBT, State.SENT, State.DELIVERED, State.UNDELIVERED})
ACTIVE = frozenset({State.READY, State.CALLING, State.IN_DOUBT})
WAITS_OR_ACTS = ACTIVE | {State.BLOCKED}


@dataclass(frozen=True)
class Dialled:
    """What the provider saw: a call, whether it was taken, and under which id."""

    intent: UUID
    attempt: int
    accepted: bool
    ref: str


@dataclass
class History:
    """What was seen so far: the provider's ledger, the last rows, and the record."""

    ledger: list[Dialled] = field(default_factory=list)
    rows: dict[UUID, Row] = field(default_factory=dict)
    record: list[tuple[Any, ...]] = field(default_factory=list)

    @property
    def accepted(self) -> Counter[UUID]:
        """How often the provider took each."""
        return Counter(call.intent for call in self.ledger if call.accepted)


def broken(shadow: Shadow, history: History, rows: dict[UUID, Row], record: list[tuple[Any, ...]], moves: int) -> Iterator[str]:
    """Every law that these rows break, after a step that makes at most so many moves of one row."""
    if rows.keys() != shadow.cases.keys():
        yield "an intent came or went by itself"
        return
    accepted = history.accepted
    for case in shadow.cases.values():
        row = rows[case.id]
        yield from (f"{words}: {row}" for words in _of_one(case, row, accepted[case.id]))
        yield from _of_the_moves(history.rows.get(case.id), row, moves)
    yield from _of_keys(shadow)
    if record[: len(history.record)] != history.record:
        yield "the record of attempts was rewritten"
    yield from (f"observed an attempt that never was: {seen}" for seen in record if seen[3] > rows[seen[1]].attempt)


def _of_one(case: Case, row: Row, accepted: int) -> Iterator[str]:
    if accepted > 1 + case.excuses:
        yield f"taken {accepted} times by the provider"
    if (row.state, row.attempt, row.tries, row.owner) != (case.state, case.attempt, case.tries, case.owner):
        yield f"not where the shadow stands ({case.state}, attempt {case.attempt}, {case.tries} tries)"
    if (row.state == State.CALLING) != (row.leased and row.owner is not None):
        yield "calling without lease and owner, or the other way round"
    if row.attempt and (not row.granted or row.digest != case.digest):
        yield "claimed without an approved approval of these bytes"
    if row.attempt and row.state in NEVER_DIALLED:
        yield "claimed, and yet held or rejected"
    if accepted and not case.excuses and row.state not in TAKEN:
        yield "taken by the provider, and shown as if it were not"


def _of_the_moves(before: Row | None, after: Row, moves: int) -> Iterator[str]:
    if before is None or before.state == after.state:
        return
    if State(after.state) not in reachable(State(before.state), moves):
        yield f"no moves lead from {before.state} to {after.state}: {after}"
    if after.attempt < before.attempt:
        yield f"an attempt was taken back: {after}"


def reachable(start: State, moves: int) -> set[State]:
    """Where at most so many moves lead."""
    found = {start}
    for _ in range(moves):
        found |= {to for state in found for to in MOVES[state]}
    return found


def _of_keys(shadow: Shadow) -> Iterator[str]:
    heads = Counter(case.key for case in shadow.cases.values() if case.key and case.state in ACTIVE)
    yield from (f"the key {key} has {count} heads" for key, count in heads.items() if count > 1)


def overtaken(shadow: Shadow, case: Case) -> list[Case]:
    """Those of the same key that were asked for and granted before this one, and are not done although it is being dialled."""
    earlier = (c for c in shadow.cases.values() if c.key == case.key and c.id < case.id and 0 < c.granted_at < case.granted_at)
    return [c for c in earlier if c.state in WAITS_OR_ACTS] if case.key else []
