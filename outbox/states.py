"""The life of an intent: its states, the table of allowed moves, and the only code that moves one.

Every move is a compare-and-set on the old state and, where a call is concerned, on the attempt (the fence).
docs/states.md is drawn from this table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row


class State(StrEnum):
    """Where an intent stands."""

    HELD = "held"
    READY = "ready"
    BLOCKED = "blocked"
    CALLING = "calling"
    IN_DOUBT = "in_doubt"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"


S = State
MOVES: dict[State, frozenset[State]] = {
    S.HELD: frozenset({S.READY, S.BLOCKED, S.REJECTED, S.CANCELLED, S.EXPIRED, S.SUPPRESSED}),
    S.READY: frozenset({S.READY, S.BLOCKED, S.CALLING, S.SENT, S.DELIVERED, S.UNDELIVERED, S.CANCELLED, S.EXPIRED, S.SUPPRESSED}),
    S.BLOCKED: frozenset({S.READY, S.SENT, S.DELIVERED, S.UNDELIVERED, S.CANCELLED, S.EXPIRED, S.SUPPRESSED}),
    S.CALLING: frozenset({S.SENT, S.DELIVERED, S.UNDELIVERED, S.READY, S.FAILED, S.IN_DOUBT, S.CANCELLED}),
    S.IN_DOUBT: frozenset({S.IN_DOUBT, S.SENT, S.DELIVERED, S.UNDELIVERED, S.READY, S.FAILED, S.CANCELLED}),
    S.SENT: frozenset({S.DELIVERED, S.UNDELIVERED}),
    S.UNDELIVERED: frozenset({S.DELIVERED}),
    S.DELIVERED: frozenset(),
    S.FAILED: frozenset({S.READY, S.BLOCKED, S.SENT, S.DELIVERED, S.UNDELIVERED}),
    S.REJECTED: frozenset(),
    S.CANCELLED: frozenset(),
    S.EXPIRED: frozenset(),
    S.SUPPRESSED: frozenset(),
}
WAITING = frozenset({S.HELD, S.READY, S.BLOCKED})
"""Not yet dialled: may still be cancelled."""
SETTLED = frozenset(state for state, onward in MOVES.items() if not onward) | {S.UNDELIVERED, S.FAILED}
"""Nothing more is expected to happen by itself."""
OPEN = (S.CALLING, S.IN_DOUBT, S.READY, S.BLOCKED, S.FAILED)
"""Where a provider's word is still news: it settles a call, and stops one that waits to be made or to be replayed."""
EVIDENCE: dict[str, tuple[State, tuple[State, ...]]] = {
    "sent": (S.SENT, OPEN),
    "delivered": (S.DELIVERED, (*OPEN, S.SENT, S.UNDELIVERED)),
    "undelivered": (S.UNDELIVERED, (*OPEN, S.SENT)),
}
"""What each word of a provider means, and where it is heard."""


@dataclass(frozen=True, slots=True)
class Move:
    """One wished-for move; it happens only when the row still stands in `was` (and at `attempt`, when given)."""

    intent: UUID
    was: tuple[State, ...]
    to: State
    attempt: int | None = None
    grant: UUID | None = None
    delay: float | None = None
    """Seconds from the database's now until it is due again; None leaves the due time alone, and a grant never brings it forward."""
    wait_reason: str | None = None
    counted: bool = False
    """Whether it used up one of the tries."""
    again: bool = False
    """Whether a person has it sent although it may have been taken back before."""

    def __post_init__(self) -> None:
        """Refuse a move that the table does not know: that is a bug, never a fact of the world."""
        if not all(self.to in MOVES[old] for old in self.was):
            msg = f"no move leads from {self.was} to {self.to}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that happened."""

    intent_id: UUID
    workspace_id: UUID
    lane: str
    state: str
    attempt: int
    due_at: datetime


# A word about an older attempt never touches a newer one that is being called. Where none is, that it was taken stops the
# next call; and what stands by the word about an older attempt still listens to that one.
OLDER = """
    d.attempt > m.attempt AND m.to_state IN ('sent', 'delivered', 'undelivered') AND CASE
        WHEN d.state IN ('ready', 'blocked', 'failed') THEN m.to_state = 'delivered' OR m.to_state = 'sent' AND NOT EXISTS (
            SELECT FROM attempt a WHERE a.intent_id = d.intent_id AND a.number = m.attempt AND a.outcome = 'undelivered')
        WHEN d.state IN ('sent', 'undelivered') THEN NOT EXISTS (
            SELECT FROM attempt a WHERE a.intent_id = d.intent_id AND a.number > m.attempt
              AND a.outcome IN ('accepted', 'sent', 'delivered', 'undelivered'))
        ELSE false END"""
# What came back while a newer attempt was being called: when that one was not taken, the word about the older one stands.
TAKEN_BEFORE = """
    SELECT min(CASE a.outcome WHEN 'delivered' THEN 'delivered' ELSE 'sent' END) FROM attempt a
    WHERE a.intent_id = d.intent_id AND a.outcome IN ('accepted', 'sent', 'delivered') AND (a.outcome = 'delivered' OR NOT EXISTS (
        SELECT FROM attempt u WHERE u.intent_id = a.intent_id AND u.number = a.number AND u.outcome = 'undelivered'))"""
BACK = (S.READY, S.BLOCKED, S.FAILED)
"""Where an attempt leads that was not taken; the statements name the same three."""
# What was taken back while it was called, or in doubt, comes back as cancelled with the reason, and is called no more unless a person wants it.
HALTED = "d.halted IS NOT NULL AND NOT m.again AND m.to_state IN ('ready', 'blocked')"
TO = f"CASE WHEN {HALTED} THEN 'cancelled' ELSE m.to_state END"
_MOVE = """
UPDATE delivery d SET
    state = CASE WHEN d.attempt > 1 AND m.to_state IN ('ready', 'blocked', 'failed') THEN coalesce(({taken_before}), {to}) ELSE {to} END,
    grant_id = coalesce(m.grant_id, d.grant_id),
    due_at = CASE WHEN m.delay IS NULL THEN d.due_at WHEN m.grant_id IS NOT NULL THEN greatest(d.due_at, now() + make_interval(secs => m.delay))
        ELSE now() + make_interval(secs => m.delay) END,
    wait_reason = CASE WHEN {halted} THEN CASE WHEN d.attempt < 2 OR ({taken_before}) IS NULL THEN nullif(d.halted, '') END ELSE m.wait_reason END,
    halted = CASE WHEN NOT m.again THEN d.halted END,
    tries = CASE WHEN d.state = 'failed' AND m.to_state IN ('ready', 'blocked') THEN 0 ELSE d.tries + m.counted::int END,
    lease_until = NULL, owner = NULL, changed_at = now()
FROM json_to_recordset(%(moves)s::json)
    AS m(intent_id uuid, was text, to_state text, attempt int, grant_id uuid, delay float8, wait_reason text, counted bool, again bool)
WHERE d.intent_id = m.intent_id
  AND d.state = ANY(string_to_array(m.was, ','))
  AND (m.attempt IS NULL OR d.attempt = m.attempt OR {older})
RETURNING d.intent_id, d.workspace_id, d.lane, d.state, d.attempt, d.due_at
"""
MOVE = _MOVE.format(older=OLDER, taken_before=TAKEN_BEFORE, to=TO, halted=HALTED)
LATE_MOVE = MOVE.replace("UPDATE delivery d", "UPDATE delivery_done d")
"""For what has left the hot table and is called back about after all."""
HALT = """
UPDATE delivery d SET halted = coalesce(d.halted, h.why) FROM (
    SELECT s.intent_id, w.why FROM delivery s JOIN unnest(%s::uuid[], %s::text[]) w (intent_id, why) ON w.intent_id = s.intent_id
    WHERE s.state IN ('ready', 'blocked', 'calling', 'in_doubt') ORDER BY s.intent_id FOR UPDATE OF s
) h WHERE d.intent_id = h.intent_id
"""
# What waits may leave for as long as the customer's newest message allows, and never beyond its own use. CASE, for conditions beside each
# other are looked at in any order, and what is sealed or wiped cannot be read.
PROLONG = """
UPDATE delivery d SET expires_at = greatest(d.expires_at, least(w.expires_at, %(until)s)) FROM (
    SELECT d.intent_id, i.expires_at FROM delivery d JOIN intent i ON i.id = d.intent_id JOIN content c ON c.intent_id = d.intent_id
    WHERE d.workspace_id = %(workspace)s AND c.workspace_id = %(workspace)s AND c.recipient = %(recipient)s
      AND d.state IN ('held', 'ready', 'blocked') AND i.kind = ANY(%(kinds)s) AND CASE
        WHEN NOT c.sealed AND c.snapshot <> '' THEN right(convert_from(c.snapshot, 'UTF8')::jsonb ->> 'sender', length(%(sender)s)) = %(sender)s END
    ORDER BY d.intent_id FOR UPDATE OF d
) w WHERE d.intent_id = w.intent_id
"""
LOCK = "SELECT halted FROM delivery WHERE intent_id = ANY(%s) ORDER BY intent_id FOR UPDATE"


def lock(line: psycopg.Connection[Any], intents: Sequence[UUID]) -> psycopg.Cursor[Any]:
    """Queue a lock until commit: what is recorded of these is then seen by whoever moves them next, and the other way round.

    The cursor tells of each why it was taken back; of what was not, None.
    """
    return line.execute(LOCK, (list(intents),))


def prolong(line: psycopg.Connection[Any], answered: Mapping[str, Any]) -> None:
    """Let what waits for a customer who wrote leave for longer; waits for whoever moves one of them now."""
    line.execute(PROLONG, answered)


def move(line: psycopg.Connection[Any], moves: Sequence[Move]) -> psycopg.Cursor[Moved]:
    """Queue the moves as one statement; fetch the ones that happened from the cursor.

    What would go back although the provider said meanwhile that it took an earlier attempt goes where that word leads.
    """
    if again := [m.intent for m in moves if m.to in BACK and (m.attempt or 0) > 1]:
        lock(line, again)
    return _execute(line, MOVE, moves)


def take_back(line: psycopg.Connection[Any], whys: Mapping[UUID, str | None], was: tuple[State, ...] = (S.READY, S.BLOCKED)) -> tuple[int, list[Moved]]:
    """Cancel what waits, each with the reason, and let what has not left for certain be called no more, whatever becomes of its call.

    Answers how many have not left for certain, and what was cancelled. It waits for whoever moves one of them now.
    """
    # Marked first: what comes back from its call between the two is then seen by the second.
    marked = line.execute(HALT, (list(whys), [why or "" for why in whys.values()])).rowcount
    return marked, move(line, [Move(intent, was, State.CANCELLED, wait_reason=why) for intent, why in whys.items()]).fetchall()


def move_late(line: psycopg.Connection[Any], moves: Sequence[Move]) -> psycopg.Cursor[Moved]:
    """The same among what has left the hot table; only evidence moves there."""
    return _execute(line, LATE_MOVE, moves)


def _execute(line: psycopg.Connection[Any], statement: str, moves: Sequence[Move]) -> psycopg.Cursor[Moved]:
    return line.cursor(row_factory=class_row(Moved)).execute(statement.encode(), {"moves": json.dumps([_written(m) for m in moves])})


def _written(m: Move) -> dict[str, object]:
    return {
        "intent_id": str(m.intent),
        "was": ",".join(m.was),
        "to_state": m.to,
        "attempt": m.attempt,
        "grant_id": m.grant and str(m.grant),
        "delay": m.delay,
        "wait_reason": m.wait_reason,
        "counted": m.counted,
        "again": m.again,
    }


START = """
WITH RECURSIVE {picked}, dropped AS (
    UPDATE delivery d SET state = 'suppressed', wait_reason = NULL, changed_at = now()
    FROM picked p WHERE d.intent_id = p.intent_id AND p.suppressed
), started AS (
    UPDATE delivery d SET state = 'calling', attempt = d.attempt + 1, owner = %(owner)s, wait_reason = NULL,
        lease_until = now() + make_interval(secs => %(lease)s), changed_at = now()
    FROM picked p WHERE d.intent_id = p.intent_id AND NOT p.suppressed
    RETURNING d.intent_id, d.workspace_id, p.kind, d.priority, d.attempt, d.tries, d.digest, p.waited, p.traceparent
), spent AS (
    UPDATE lane SET tokens = tokens - (SELECT count(*) FROM started) WHERE id = %(lane)s AND least(rate, pace) IS NOT NULL
)
SELECT s.*, c.recipient, c.snapshot, c.sealed
FROM started s JOIN content c ON c.intent_id = s.intent_id
"""
BLANKS = re.compile(r" ?([(),=<>]) ?")
PROMOTE = """
UPDATE delivery d SET state = 'ready', changed_at = now() FROM ({heads}) head WHERE d.intent_id = head.intent_id AND d.state = 'blocked'
"""
PARK = "UPDATE delivery d SET parked = %(parked)s FROM ({chosen}) c WHERE d.intent_id = c.intent_id AND d.state = 'ready'"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is now `calling`, by us, for the length of a lease."""

    intent_id: UUID
    workspace_id: UUID
    kind: str
    recipient: str
    priority: int
    attempt: int
    tries: int
    digest: bytes
    snapshot: bytes
    sealed: bool
    waited: float | None = None
    """Seconds since the say-so, or since the moment it was meant for; None for mail to our own people."""
    traceparent: str | None = None
    """The call that asked for it."""


@cache
def starting(picked: str) -> bytes:
    """The statement of `start`, without a needless blank: psycopg parses a text anew each time that is longer than 4,096 characters."""
    return BLANKS.sub(r"\1", " ".join(START.format(picked=picked).split())).encode()


def start(line: psycopg.Connection[Any], picked: str, wanted: Mapping[str, Any]) -> psycopg.Cursor[Claimed]:
    """Queue the start of the rows that `picked` chooses and locks (`intent_id`, `kind`, `suppressed`); fetch them once it is durable."""
    return line.cursor(row_factory=class_row(Claimed)).execute(starting(picked), wanted)


def promote(line: psycopg.Connection[Any], heads: str, wanted: Mapping[str, Any]) -> None:
    """Queue the move of the blocked rows that `heads` chooses to ready."""
    line.execute(PROMOTE.format(heads=heads).encode(), wanted)


def park(line: psycopg.Connection[Any], chosen: str, parked: str | None, wanted: Mapping[str, Any]) -> int:
    """Take the ready rows that `chosen` locks out of the claim's way, or with None put them back; answers how many."""
    return line.execute(PARK.format(chosen=chosen).encode(), {"parked": parked, **wanted}).rowcount
