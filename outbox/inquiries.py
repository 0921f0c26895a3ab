"""What a worker asks providers between sends, as the database sees it: doubts due for a look-up, lanes due for a probe.

No transaction is open while a provider is asked: what is taken up is put off first, for longer than a question takes, so that two
workers never ask the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row, scalar_row

from kernel.clock import now
from kernel.db import stand_in_line
from outbox.attempts import Observation, record
from outbox.dispatch import Absent, Evidence, Found, NoWord
from outbox.retries import BREAKER_SECONDS, LOOK_AFTER
from outbox.states import EVIDENCE, Move, State, lock, move

LONGEST_LOOK = 180.0
"""Seconds for which a doubt is its taker's alone: the longest list is ten pages of ten seconds each."""
AGAIN = 60.0
"""Seconds between two looks that count: one look is no proof of absence, for a list may lag."""
SOON = 5 * AGAIN
SELDOM = 24 * 3600.0
LOOKS_FOR_ABSENCE = 2
MOST_CALLS = 3
"""How often in all a letter to one of our own people is tried that no provider answers for; each may have arrived."""
KEY_LASTS = timedelta(hours=23)
"""How long a key of ours is surely known to the provider: Stripe forgets one after 24 hours at the earliest."""
MOST_REPEATS = 8
"""How often something is asked for under one key; a provider that failed keeps its failure under it too."""
REPEAT_PAUSE = 15.0

DUE = """
SELECT d.intent_id, d.workspace_id, d.lane, d.attempt, c.snapshot, c.sealed, i.on_unknown, i.traceparent,
    coalesce(i.expires_at <= now(), false) AS is_outlived,
    (SELECT bool_and(l.ended_at IS NOT NULL) FROM link l WHERE l.notice_id = i.id) IS TRUE AS is_moot,
    coalesce(s.started_at, d.changed_at) AS started_at, s.absences,
    (SELECT min(a.started_at) FROM attempt a WHERE a.intent_id = d.intent_id) AS first_at
FROM delivery d
JOIN intent i ON i.id = d.intent_id
JOIN content c ON c.intent_id = d.intent_id
CROSS JOIN LATERAL (
    SELECT min(a.started_at) AS started_at,
        count(*) FILTER (WHERE a.source = 'lookup' AND a.outcome = 'absent' AND a.at <= now() - make_interval(secs => %(again)s)) AS absences
    FROM attempt a WHERE a.intent_id = d.intent_id AND a.number = d.attempt
) s
WHERE d.state = 'in_doubt' AND d.due_at <= now()
ORDER BY d.due_at LIMIT 1 FOR UPDATE OF d SKIP LOCKED
"""
# A provider's list is of one recipient, so what it shows can only belong to sends to the same one; one account may serve all workspaces.
TAKEN = """
SELECT a.provider_ref FROM content c JOIN intent i ON i.id = c.intent_id JOIN attempt a ON a.intent_id = c.intent_id
WHERE c.recipient = (SELECT recipient FROM content WHERE intent_id = %(intent)s) AND i.lane = %(lane)s
  AND a.intent_id <> %(intent)s AND a.provider_ref IS NOT NULL AND a.at > %(started)s - interval '1 day'
"""
ANOTHERS = """
SELECT EXISTS (SELECT FROM attempt a JOIN intent i ON i.id = a.intent_id
    WHERE a.provider_ref = %(ref)s AND a.intent_id <> %(intent)s AND i.lane = %(lane)s)
"""
LAST_LOOK = "SELECT outcome, reason, provider_ref FROM attempt WHERE intent_id = %s AND number = %s AND source = 'lookup' ORDER BY id DESC LIMIT 1"
# A provider that cannot be asked but does call back: it called about a later call and never about this one. The last thousand
# callbacks are proof enough; where none of them is of this lane, nothing is proved.
PASSED_OVER = """
SELECT EXISTS (
    SELECT FROM (
        SELECT intent_id, number FROM attempt WHERE source = 'callback' AND at > %(started)s + interval '15 minutes' ORDER BY at DESC LIMIT 1000) heard
    JOIN attempt called ON called.intent_id = heard.intent_id AND called.number = heard.number AND called.source = 'call'
    WHERE called.started_at > %(started)s AND (SELECT i.lane FROM intent i WHERE i.id = heard.intent_id) = %(lane)s)
"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A call that may or may not have been taken, due for a look."""

    intent_id: UUID
    workspace_id: UUID
    lane: str
    attempt: int
    snapshot: bytes
    sealed: bool
    on_unknown: str
    started_at: datetime
    absences: int
    """Earlier looks, a minute ago at least, that did not show it."""
    is_outlived: bool = False
    """Whether its time is over."""
    is_moot: bool = False
    """Whether all that it tells of was decided meanwhile."""
    first_at: datetime | None = None
    """When it was called first."""
    traceparent: str | None = None

    @property
    def is_known_again(self) -> bool:
        """Whether the provider surely still knows the key under which it was called first."""
        return (self.first_at or self.started_at) > now() - KEY_LASTS

    @property
    def is_proved_absent(self) -> bool:
        """Whether one more look without it proves that the provider does not have it."""
        return self.absences + 1 >= LOOKS_FOR_ABSENCE

    @property
    def patience(self) -> float:
        """Seconds until another look where one taught nothing: as long as the doubt has lasted, so that each pause is twice the one before."""
        return min(max(SOON, (now() - self.started_at).total_seconds()), SELDOM)


def take_doubt(line: psycopg.Connection[Any]) -> Doubt | None:
    """Take up the doubt that is due for longest; it is put off, whatever becomes of this look. None when nothing is due."""
    with line.transaction():
        doubt = line.cursor(row_factory=class_row(Doubt)).execute(DUE, {"again": AGAIN}).fetchone()
        if doubt:
            move(line, [Move(doubt.intent_id, (State.IN_DOUBT,), State.IN_DOUBT, attempt=doubt.attempt, delay=LONGEST_LOOK)])
    return doubt


def taken_refs(line: psycopg.Connection[Any], doubt: Doubt) -> frozenset[str]:
    """The provider's ids that belong to other intents of this lane, whoever asked for them."""
    with line.transaction():
        found = line.cursor(row_factory=scalar_row).execute(TAKEN, {"lane": doubt.lane, "intent": doubt.intent_id, "started": doubt.started_at})
        return frozenset(found.fetchall())


def silence(line: psycopg.Connection[Any], doubt: Doubt) -> Evidence:
    """What it means that the provider never called back about this call, while its callbacks are proved alive."""
    with line.transaction():
        row = line.execute(PASSED_OVER, {"lane": doubt.lane, "started": doubt.started_at}).fetchone()
    return Absent() if row and row[0] else NoWord("The provider cannot be asked, and its callbacks prove nothing yet.")


def conclude(line: psycopg.Connection[Any], doubt: Doubt, evidence: Evidence) -> None:
    """Write what was learned, unless the look before said the same, and move the intent when it proves something."""
    with line.transaction():
        if isinstance(evidence, Found) and _is_anothers(line, doubt, evidence.ref):
            evidence = NoWord("What the provider shows belongs to another message.")
        stands = lock(line, [doubt.intent_id]).fetchone()
        seen = _observed(doubt, evidence)
        if line.execute(LAST_LOOK, (doubt.intent_id, doubt.attempt)).fetchone() != (seen.outcome, seen.reason, seen.ref):
            record(line, [seen])
        move(line, [_move(doubt, evidence, is_withdrawn=bool(stands and stands[0] is not None))])


def _is_anothers(line: psycopg.Connection[Any], doubt: Doubt, ref: str) -> bool:
    """Whether what was found settles another intent already; nobody else credits it before this commits."""
    if doubt.on_unknown == "repeat":
        return False  # money is found by our own metadata, and closing a page bears the page's id
    stand_in_line(line, f"ref {doubt.lane} {ref}")
    row = line.execute(ANOTHERS, {"ref": ref, "intent": doubt.intent_id, "lane": doubt.lane}).fetchone()
    return bool(row and row[0])


def _observed(doubt: Doubt, evidence: Evidence) -> Observation:
    outcome, reason = _said(doubt, evidence)
    ref, url = (evidence.ref, evidence.url or None) if isinstance(evidence, Found) else (None, None)
    return Observation(doubt.intent_id, doubt.workspace_id, doubt.attempt, "lookup", outcome, reason, ref, url)


def _said(doubt: Doubt, evidence: Evidence) -> tuple[str, str]:
    match evidence:
        case Found(status=status):
            return status, ""
        case Absent():
            return "absent", f"The provider's own list {'still does' if doubt.is_proved_absent else 'does'} not show it."
        case NoWord(reason=reason):
            return "no_word", reason


def _move(doubt: Doubt, evidence: Evidence, *, is_withdrawn: bool) -> Move:
    if isinstance(evidence, Found):
        end, was = EVIDENCE[evidence.status]
        return Move(doubt.intent_id, was, end, attempt=doubt.attempt)
    judged = {"resend": lambda: _ours(doubt), "repeat": lambda: _repeated(doubt, evidence)}
    to, delay, reason = _withdrawn(doubt, evidence) if is_withdrawn else judged.get(doubt.on_unknown, lambda: _theirs(doubt, evidence))()
    return Move(doubt.intent_id, (State.IN_DOUBT,), to, attempt=doubt.attempt, delay=delay, wait_reason=reason)


def _withdrawn(doubt: Doubt, evidence: Absent | NoWord) -> tuple[State, float, str | None]:
    """What was taken back is asked for no more, under no key either: once its absence is proved it goes back, which ends it as cancelled."""
    match evidence:
        case NoWord(reason=reason):
            return State.IN_DOUBT, doubt.patience, reason
        case Absent() if not doubt.is_proved_absent:
            return State.IN_DOUBT, LOOK_AFTER, "It was taken back, and the provider does not show it; it is looked up once more."
        case Absent():
            return State.READY, 0.0, None


def _ours(doubt: Doubt) -> tuple[State, float, str | None]:
    """A letter to one of our own people that no evidence shows leaves again: the same one twice does no harm, none at all does."""
    # What outlived its use goes back too, for the sweep to end it: it is never claimed again.
    if doubt.is_outlived or (doubt.attempt < MOST_CALLS and not doubt.is_moot):
        return State.READY, 0.0, None
    if doubt.is_moot:
        return State.IN_DOUBT, doubt.patience, "What it tells of was decided meanwhile, so it is not tried again."
    return State.IN_DOUBT, doubt.patience, f"It was tried {MOST_CALLS} times, and each time the provider's answer was lost."


def _repeated(doubt: Doubt, evidence: Absent | NoWord) -> tuple[State, float, str | None]:
    """What the provider knows again by its key is asked for again under the same one; later it stays in doubt like any other."""
    if doubt.is_outlived or (doubt.is_known_again and doubt.attempt < MOST_REPEATS):
        return State.READY, 0.0 if doubt.is_outlived else REPEAT_PAUSE * (doubt.attempt - 1), None
    return _theirs(doubt, evidence)


def _theirs(doubt: Doubt, evidence: Absent | NoWord) -> tuple[State, float, str | None]:
    """A customer's message stays in doubt until its absence is proved, and then too unless its kind says otherwise."""
    match evidence:
        case NoWord(reason=reason):
            return State.IN_DOUBT, doubt.patience, reason
        case Absent() if not doubt.is_proved_absent:
            return State.IN_DOUBT, AGAIN, "The provider does not show it; it is looked up once more."
        case Absent() if doubt.on_unknown in ("hold", "repeat"):
            return State.IN_DOUBT, SELDOM, "The provider does not show it: most likely it was not sent. A person decides."
        case Absent():
            return State.READY, 0.0, None


RESTING = """
UPDATE lane SET breaker_until = now() + make_interval(secs => %s)
WHERE breaker_until <= now() AND breaker_reason IS NOT NULL RETURNING id
"""
REOPEN = "UPDATE lane SET breaker_until = NULL, breaker_reason = NULL WHERE id = %s"
STAY = "UPDATE lane SET breaker_reason = %s WHERE id = %s"


def take_resting(line: psycopg.Connection[Any]) -> list[str]:
    """Take up the lanes whose breaker is due for a probe; each is put off, whatever becomes of it."""
    with line.transaction():
        return line.cursor(row_factory=scalar_row).execute(RESTING, (BREAKER_SECONDS,)).fetchall()


def judge_lane(line: psycopg.Connection[Any], lane: str, fault: str | None) -> None:
    """Open the lane again when the probe found no fault; else keep it resting and say why."""
    with line.transaction():
        line.execute(*((STAY, (fault, lane)) if fault else (REOPEN, (lane,))))
