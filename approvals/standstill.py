"""Reading what stands still and why: sends in doubt with their evidence, dead letters, and lanes that wait; one shape for terminals and pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import dict_row, scalar_row
from pydantic import Field
from sqlalchemy.orm import Session

from approvals.people import Person
from approvals.resolve import is_operator
from kernel.db import raw
from kernel.keys import show
from kernel.operation import Answer
from kernel.settings import Settings
from outbox.accounts import account_of, channel_of, provider_of
from outbox.content import KINDS
from outbox.scrutiny import visible
from outbox.senders import lanes_for
from outbox.sends import IntentId
from outbox.snapshot import thaw

Stood = Literal["in_doubt", "failed"]
SHOWN = 100
"""So many are listed, and counted, at once."""
FIRST_LINE = 120


class Seen(Answer):
    """One thing that was seen of a call."""

    attempt: int = Field(description="Which call, from 1.")
    source: str = Field(description="call, callback, lookup, lease or person.")
    outcome: str = Field(
        description="What it said: accepted, unsure, refused, later, unreached, absent, no_word, sent, delivered, undelivered, again, given_up or replayed."
    )
    reason: str
    provider_ref: str | None = Field(None, description="The provider's own id.")
    at: datetime = Field(description="When it was seen.")


class Stuck(Answer):
    """A send that goes no further by itself."""

    intent_id: IntentId
    kind: str = Field(description="whatsapp, sms, email or refund; else mail to your own people, such as notice, or a page to pay on, such as payment_link.")
    channel: str
    lane: str = Field(description="The queue it stands in.")
    recipient: str
    first_line: str | None = Field(None, description="How the frozen text begins; nothing for system mail and what was erased.")
    asked_by: str = Field(description="Who asked for it.")
    attempts: int = Field(description="Calls made to the provider.")
    since: datetime = Field(description="When it came to stand so.")
    expires_at: datetime | None = None
    reason: str = Field(description="Why, in the words of whoever saw it last.")
    may_have_left: bool = Field(description="True: a call may have reached the provider, so sending again may reach the customer twice.")
    replayable: bool = Field(description="False: it expired, was erased, or the provider took it after all.")
    evidence: list[Seen] = Field(description="Everything seen of it, oldest first.")

    @property
    def is_gated(self) -> bool:
        """Whether somebody asked for it and it has a history; mail to our own people has none."""
        return KINDS[self.kind].gated if self.kind in KINDS else True


STUCK = """
SELECT d.intent_id, d.state, i.kind, d.lane, c.recipient, c.snapshot, c.sealed, d.attempt AS attempts, d.changed_at, i.expires_at, d.wait_reason,
       i.asked_by_kind || ': ' || i.asked_by_name AS asked_by,
       coalesce(i.expires_at > now(), true) AND c.wiped_at IS NULL AND c.snapshot <> '' AND NOT s.proved AS replayable, s.evidence
FROM delivery d
JOIN intent i ON i.id = d.intent_id
JOIN content c ON c.intent_id = d.intent_id
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object('attempt', a.number, 'source', a.source, 'outcome', a.outcome, 'reason', a.reason,
        'provider_ref', a.provider_ref, 'at', a.at) ORDER BY a.id), '[]') AS evidence,
        coalesce(bool_or(a.source <> 'person' AND a.outcome IN ('accepted', 'sent', 'delivered')), false) AS proved
    FROM attempt a WHERE a.intent_id = d.intent_id
) s
WHERE d.workspace_id = %(workspace)s AND d.state = '{state}' AND NOT was_left(d.intent_id, d.attempt)
ORDER BY {order} LIMIT %(limit)s
"""
ORDERS: dict[Stood, str] = {"in_doubt": "d.intent_id", "failed": "d.changed_at DESC, d.intent_id"}
COUNT = "SELECT count(*) FROM (SELECT FROM delivery WHERE workspace_id = %s AND state = '{state}' AND NOT was_left(intent_id, attempt) LIMIT {limit}) d"


def stuck(session: Session, workspace: UUID, state: Stood, limit: int = SHOWN) -> list[Stuck]:
    """The sends that stand so: doubts first asked for first, dead letters newest first."""
    query = STUCK.format(state=state, order=ORDERS[state])
    rows = raw(session).cursor(row_factory=dict_row).execute(query.encode(), {"workspace": workspace, "limit": limit}).fetchall()
    return [_stuck(row) for row in rows]


def count(session: Session, workspace: UUID, state: Stood) -> int:
    """How many stand so; one more than `SHOWN` means many."""
    query = COUNT.format(state=state, limit=SHOWN + 1)
    return raw(session).cursor(row_factory=scalar_row).execute(query.encode(), (workspace,)).fetchone() or 0


def _stuck(row: dict[str, Any]) -> Stuck:
    evidence = [Seen(**seen) for seen in row.pop("evidence")]
    said = [seen.reason for seen in evidence if seen.reason]
    # A look-up that learns nothing touches the row too: a doubt began when its call was first heard of.
    since = next((seen.at for seen in evidence if seen.attempt == row["attempts"]), row["changed_at"])
    return Stuck(
        **{name: value for name, value in row.items() if name in Stuck.model_fields},
        channel=row["lane"].partition(":")[0],
        since=since if row["state"] == "in_doubt" else row["changed_at"],
        first_line=_first_line(row["snapshot"], sealed=row["sealed"]),
        reason=row["wait_reason"] or (said[-1] if said else "no reason was given"),
        may_have_left=any(seen.outcome == "unsure" for seen in evidence),
        evidence=evidence,
    )


def _first_line(snapshot: bytes, *, sealed: bool) -> str | None:
    if sealed or not snapshot:
        return None
    frozen = thaw(snapshot)
    lines = frozen.content.preview(frozen.sender).parts[-1].text.strip().splitlines()
    first = visible(lines[0]) if lines else ""
    return first if len(first) <= FIRST_LINE else f"{first[:FIRST_LINE]}…"


class LaneState(Answer):
    """One lane, as it stands."""

    lane: str = Field(description="Channel and provider, such as sms:twilio.")
    rate: float | None = Field(None, description="Messages a second; nothing: not limited.")
    tokens: float | None = Field(None, description="Messages that may leave at once now.")
    paused_at: datetime | None = None
    pause_reason: str | None = Field(None, description="Why an operator paused it.")
    breaker_until: datetime | None = Field(None, description="It rests because the provider refuses the account or does not answer; then it is asked again.")
    breaker_reason: str | None = Field(None, description="Why it rests.")
    pace: float | None = Field(None, description="Messages a second for now, because the provider asked to slow down; it grows back by itself.")
    rests_until: datetime | None = Field(None, description="Until when nothing leaves, because the provider asked to slow down.")
    waiting: int = Field(description="Approved sends that wait in it: yours, or everybody's when you are an operator.")
    oldest_due_at: datetime | None = Field(None, description="Since when the oldest of them is due.")

    @property
    def channel(self) -> str:
        """What goes through it."""
        return channel_of(self.lane)

    @property
    def provider(self) -> str:
        """Who carries it."""
        return provider_of(self.lane)

    @property
    def is_own(self) -> bool:
        """Whether it is a workspace's own account."""
        return account_of(self.lane) is not None


class Pause(Answer):
    """A pause of the whole workspace, or of a channel, a key or a request of it."""

    what: str = Field(description="workspace, channel, key or request.")
    id: str | None = Field(None, description="Which one.")
    reason: str
    since: datetime = Field(description="From when on.")


LOAD = """
SELECT lane, count(*) AS waiting, min(due_at) AS oldest_due_at FROM delivery
WHERE workspace_id = %(workspace)s AND state IN ('ready', 'blocked') GROUP BY lane
"""
LOAD_OF_ALL = "SELECT lane, waiting, oldest_due_at FROM lane_load()"
LANES = """
SELECT l.id AS lane, l.rate, l.paused_at, l.pause_reason, coalesce(w.waiting, 0) AS waiting, w.oldest_due_at,
       least(l.burst, l.tokens + least(l.rate, l.pace) * extract(epoch FROM greatest(now() - l.tokens_at, interval '0'))) AS tokens,
       l.pace, CASE WHEN l.rests_until > now() THEN l.rests_until END AS rests_until,
       l.breaker_until, l.breaker_reason
FROM lane l LEFT JOIN ({load}) w ON w.lane = l.id
WHERE %(every)s OR l.id = ANY(%(ours)s) OR w.lane IS NOT NULL
ORDER BY l.id
"""
PAUSES = """
SELECT asked_by_id, channel, approval_id, reason, created_at FROM stop WHERE workspace_id = %s AND lifted_at IS NULL
ORDER BY num_nonnulls(asked_by_id, channel, approval_id), asked_by_id, created_at
"""


def lanes(session: Session, person: Person, settings: Settings) -> list[LaneState]:
    """To an operator every lane with all that waits; to others those of their workspace, with what of theirs waits."""
    return _lanes(session, person.workspace_id, settings, every=is_operator(person, settings))


def lanes_of(session: Session, workspace: UUID, settings: Settings) -> list[LaneState]:
    """The lanes of a workspace, with what of theirs waits."""
    return _lanes(session, workspace, settings, every=False)


def _lanes(session: Session, workspace: UUID, settings: Settings, *, every: bool) -> list[LaneState]:
    ours = list(lanes_for(session, settings, workspace))
    query = LANES.format(load=LOAD_OF_ALL if every else LOAD)
    wanted = {"workspace": workspace, "every": every, "ours": ours}
    rows = raw(session).cursor(row_factory=dict_row).execute(query.encode(), wanted).fetchall()
    return [LaneState(**row) for row in rows]


def pauses(session: Session, workspace: UUID) -> list[Pause]:
    """What of this workspace is paused."""
    rows = raw(session).execute(PAUSES, (workspace,)).fetchall()
    return [_pause(*row) for row in rows]


def _pause(key: UUID | None, channel: str | None, approval: UUID | None, reason: str, since: datetime) -> Pause:
    if key:
        return Pause(what="key", id=show("key", key), reason=reason, since=since)
    if approval:
        return Pause(what="request", id=show("apr", approval), reason=reason, since=since)
    return Pause(what="channel" if channel else "workspace", id=channel, reason=reason, since=since)
