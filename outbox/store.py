"""The store's verbs for workers: tick, sweep, reconcile, retire (append and decide are `intents.append` and `grants.give`).

A tick is one pipelined transaction: the outcomes of finished calls, their record, the lane's tokens, and the next claim.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import scalar_row

from kernel.db import batch
from kernel.failpoints import Instant, reach
from kernel.traces import Span
from outbox.attempts import Observation, record
from outbox.breakers import UNANSWERED, open_breaker, open_when_failing
from outbox.claims import Ask, claim
from outbox.content import KINDS
from outbox.dispatch import Accepted, Later, Outcome, Refused, StatusEvent
from outbox.paces import slow_down
from outbox.retries import Verdict, judge, look_after
from outbox.silencing import silence
from outbox.states import EVIDENCE, Claimed, Move, State, lock, move, move_late
from outbox.windows import CLOSED

LONGEST_WORDS = 1000


@dataclass(frozen=True, slots=True)
class Finished:
    """A call that ended: what was claimed, when it began, the digest of the bytes really dialled, and the outcome."""

    claimed: Claimed
    started_at: datetime
    dialled: bytes | None
    outcome: Outcome


def tick(line: psycopg.Connection[Any], ask: Ask, finished: Sequence[Finished]) -> list[Claimed]:
    """Record `finished`, then claim and start; durable when it returns. On an error nothing of it happened: call again."""
    with batch(line):
        if finished:
            _settle(line, ask.lane, finished)
        claimed = claim(line, ask)
        reach(Instant.OUTCOME_BEFORE_COMMIT if finished else Instant.TICK_BEFORE_COMMIT)
    reach(Instant.OUTCOME_AFTER_COMMIT if finished else Instant.TICK_AFTER_COMMIT)
    return claimed.fetchall()


def _settle(line: psycopg.Connection[Any], lane: str, finished: Sequence[Finished]) -> None:
    verdicts = [_judged(done) for done in finished]
    fence = {State.IN_DOUBT: (State.CALLING,), State.SENT: EVIDENCE["sent"][1]}
    moves = [
        Move(
            done.claimed.intent_id,
            fence.get(verdict.to, (State.CALLING, State.IN_DOUBT)),
            verdict.to,
            attempt=done.claimed.attempt,
            delay=verdict.delay,
            wait_reason=verdict.wait_reason and _plain(verdict.wait_reason),
            counted=verdict.counted,
        )
        for done, verdict in zip(finished, verdicts, strict=True)
    ]
    move(line, moves)
    seen = [_seen(done) for done in finished]
    record(line, seen)
    for done in finished:
        if isinstance(done.outcome, Refused):
            silence(line, done.claimed.intent_id, done.outcome.silences, _plain(done.outcome.reason))
    if crowded := [done.outcome.after for done in finished if isinstance(done.outcome, Later) and done.outcome.crowded]:
        slow_down(line, lane, max((after for after in crowded if after is not None), default=None))
    for reason in {verdict.breaker for verdict in verdicts if verdict.breaker}:
        open_breaker(line, lane, _plain(reason))
    if unanswered := [call.reason for call in seen if call.outcome in UNANSWERED]:
        open_when_failing(line, lane, unanswered[-1])


def _judged(done: Finished) -> Verdict:
    """A kind that this process does not know was not dialled, and must not stop the lane either."""
    known = KINDS.get(done.claimed.kind)
    return judge(done.outcome, done.claimed.tries, known.on_unknown if known else "hold", done.claimed.attempt)


def outcome_name(outcome: Outcome) -> str:
    """What the record calls it."""
    return "unreached" if isinstance(outcome, Later) and outcome.unreached else type(outcome).__name__.lower()


def _seen(done: Finished) -> Observation:
    outcome = done.outcome
    return Observation(
        intent=done.claimed.intent_id,
        workspace=done.claimed.workspace_id,
        number=done.claimed.attempt,
        source="call",
        outcome=outcome_name(outcome),
        reason=_plain(outcome.status if isinstance(outcome, Accepted) else outcome.reason),
        ref=_plain(outcome.ref) if isinstance(outcome, Accepted) else None,
        url=_plain(outcome.url) or None if isinstance(outcome, Accepted) else None,
        digest=done.dialled,
        started_at=done.started_at,
    )


def _plain(words: str) -> str:
    """A provider's words as the database can keep them: one that it cannot would stop the whole lane."""
    return words.encode("utf-8", "replace").decode().replace("\0", "�")[:LONGEST_WORDS]


MINE = "SELECT intent_id, attempt FROM delivery WHERE state = 'calling' AND lane = %s AND owner = %s"


def release(line: psycopg.Connection[Any], ask: Ask, known: Collection[tuple[UUID, int]]) -> None:
    """After a tick whose answer was lost: give back what it claimed for us and we never saw, hence never dialled.

    `known`: the (intent, attempt) of every call that we are making or have still to report.
    """
    with line.transaction():
        mine = line.execute(MINE, (ask.lane, ask.owner)).fetchall()
        unseen = [Move(intent, (State.CALLING,), State.READY, attempt=attempt) for intent, attempt in mine if (intent, attempt) not in known]
        if unseen:
            move(line, unseen)


OVERDUE = """
SELECT d.intent_id, d.workspace_id, d.attempt, d.changed_at, i.on_unknown FROM delivery d JOIN intent i ON i.id = d.intent_id
WHERE d.state = 'calling' AND d.lease_until < now() ORDER BY d.lease_until LIMIT 500 FOR UPDATE OF d SKIP LOCKED
"""
_OUTLIVED = """
SELECT d.intent_id, {closed} FROM delivery d JOIN intent i ON i.id = d.intent_id
WHERE d.state = 'ready' AND d.expires_at <= now() ORDER BY d.expires_at LIMIT 500 FOR UPDATE OF d SKIP LOCKED
"""
OUTLIVED = _OUTLIVED.format(closed=CLOSED)
WHY_EXPIRED = {
    True: "the 24 hours in which WhatsApp takes free words to this customer were over; send a template, or an SMS",
    False: "it could not leave while it was of use",
}
DUE_LANES = """
SELECT l.id FROM lane l WHERE l.paused_at IS NULL AND l.breaker_until IS NULL AND coalesce(l.rests_until <= now(), true)
  AND (EXISTS (SELECT FROM delivery d WHERE d.lane = l.id AND d.state = 'ready' AND d.parked IS NULL AND d.due_at <= now())
    OR EXISTS (SELECT FROM delivery d WHERE d.lane = l.id AND d.state = 'blocked'))
"""
DUE_INBOX = "SELECT EXISTS (SELECT FROM inbox WHERE state = 'new' AND due_at <= now())"
LEASE_ENDED = "the worker that was calling did not report back within its lease"


def sweep(line: psycopg.Connection[Any]) -> int:
    """Put calls whose lease ended in doubt, and expire what outlived its use; answers how many rows moved."""
    with line.transaction():
        overdue = line.execute(OVERDUE).fetchall()
        outlived = line.execute(OUTLIVED).fetchall()
        doubts = [_doubted(intent, number, on_unknown) for intent, _, number, _, on_unknown in overdue]
        gone = [Move(intent, (State.READY,), State.EXPIRED, wait_reason=WHY_EXPIRED[is_closed]) for intent, is_closed in outlived]
        if doubts:
            record(line, [_overdue(*row[:4]) for row in overdue])
        moved = move(line, [*doubts, *gone]).fetchall() if doubts or gone else []
        reach(Instant.SWEEP_BEFORE_COMMIT)
    return len(moved)


def _doubted(intent: UUID, number: int, on_unknown: str) -> Move:
    return Move(intent, (State.CALLING,), State.IN_DOUBT, attempt=number, delay=look_after(on_unknown), wait_reason=LEASE_ENDED)


def _overdue(intent: UUID, workspace: UUID, number: int, started_at: datetime) -> Observation:
    return Observation(intent, workspace, number, "lease", "unsure", LEASE_ENDED, started_at=started_at)


def due(line: psycopg.Connection[Any]) -> tuple[list[str], bool]:
    """The lanes with work that is due now, and whether the inbox has any."""
    with line.transaction():
        lanes = line.cursor(row_factory=scalar_row).execute(DUE_LANES).fetchall()
        inbox = line.cursor(row_factory=scalar_row).execute(DUE_INBOX).fetchone()
    return lanes, bool(inbox)


# Whose account proved an event decides of whose messages it may speak: of those that left by the workspace's own accounts, or by the installation's.
BY_REF = """
SELECT a.intent_id, a.workspace_id, a.number, i.traceparent FROM attempt a JOIN intent i ON i.id = a.intent_id
WHERE a.provider_ref = %s AND CASE WHEN strpos(i.lane, '/') > 0 THEN i.workspace_id::text ELSE '' END = %s ORDER BY a.id LIMIT 1
"""
BY_INTENT = "SELECT id, workspace_id, traceparent FROM intent WHERE id = %s AND CASE WHEN strpos(lane, '/') > 0 THEN workspace_id::text ELSE '' END = %s"


def reconcile(line: psycopg.Connection[Any], event: StatusEvent, called: tuple[UUID, int] | None) -> bool:
    """Apply a provider's word, inside the caller's transaction; `called` is the (intent, attempt) that its reference proved.

    False when it names nothing of ours. Monotonic: a late `sent` never undoes `delivered`. A word about an older attempt is
    recorded, stops what waits to be called again, and leaves a newer call alone.
    """
    found = _subject(line, event, called)
    if found is None:
        return False
    intent, workspace, number, traceparent = found
    to, was = EVIDENCE[event.status]
    with Span("callback", parent=traceparent, intent=intent, attempt=number, status=event.status):
        lock(line, [intent])
        record(line, [Observation(intent, workspace, number, "callback", event.status, event.reason, event.ref)])
        moves = [Move(intent, was, to, attempt=number)]
        if not move(line, moves).fetchall():
            move_late(line, moves)
        silence(line, intent, event.silences, event.reason)
    return True


Subject = tuple[UUID, UUID, int, str | None]


def _subject(line: psycopg.Connection[Any], event: StatusEvent, called: tuple[UUID, int] | None) -> Subject | None:
    if called:
        row = line.execute(BY_INTENT, (called[0], event.owner)).fetchone()
        return (row[0], row[1], called[1], row[2]) if row else None
    row = line.execute(BY_REF, (event.ref, event.owner)).fetchone() if event.ref else None
    return (row[0], row[1], row[2], row[3]) if row else None
