"""Reading what became of intents: state, due time, attempts and evidence, as one answer for agents, people and the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from psycopg.rows import dict_row
from pydantic import Field
from sqlalchemy.orm import Session

from kernel.db import raw
from kernel.keys import Wire
from kernel.operation import Answer
from outbox.accounts import provider_of
from outbox.content import KINDS
from outbox.credentials import DISCONNECTED
from outbox.states import SETTLED
from outbox.windows import CLOSED

IntentId = Annotated[UUID, Wire("int")]
NOTHING_LEFT = "sandbox: nothing left this machine"
NOTHING_LEAVES = "sandbox: nothing will leave this machine"

STOPPED = {
    "everything": "sending is paused for the whole business",
    "revoked": "the key of this agent was revoked",
    "asker": "sending is paused for this agent",
    "channel": "sending is paused on this channel",
    "request": "this request is paused",
    "disconnected": DISCONNECTED,
    "lane": "this channel is paused for everybody",
    "rest": "this channel rests, because the provider refuses the account",
    "slowed": "this channel rests for a moment, because the provider asked to slow down",
    "opted_out": "the customer wants no messages on this channel",
    "closed": "the 24 hours in which WhatsApp takes free words to this customer are over",
}
"""What keeps a send from leaving, whatever a person decides; the claim reads the same facts."""

FIND = """
SELECT d.intent_id, i.kind, d.lane, d.state, c.recipient, d.due_at, i.not_before, i.expires_at, i.asked_by_name,
       coalesce(CASE WHEN d.state IN ('held', 'ready', 'blocked') THEN CASE
           WHEN EXISTS (SELECT FROM suppression s WHERE s.workspace_id = d.workspace_id AND s.channel = split_part(d.lane, ':', 1)
               AND s.recipient = lower(c.recipient)) THEN %(opted_out)s
           WHEN {closed} THEN %(closed)s
           WHEN p.everything THEN %(everything)s WHEN p.asker AND k.revoked_at IS NOT NULL THEN %(revoked)s WHEN p.asker THEN %(asker)s
           WHEN p.channel THEN %(channel)s WHEN p.request THEN %(request)s
           WHEN l.pause_reason = %(disconnected)s THEN %(disconnected)s
           WHEN l.paused_at IS NOT NULL THEN %(lane)s WHEN d.wait_reason IS NULL AND l.breaker_until IS NOT NULL THEN %(rest)s
           WHEN d.wait_reason IS NULL AND l.rests_until > now() THEN %(slowed)s END END, d.wait_reason)
           AS wait_reason,
       d.attempt AS attempts, d.digest, g.created_at AS granted_at, i.created_at,
       s.sent_at, s.delivered_at, s.provider_ref, s.dialled, s.reason
FROM every_delivery d
JOIN intent i ON i.id = d.intent_id
JOIN content c ON c.intent_id = d.intent_id
JOIN lane l ON l.id = d.lane
LEFT JOIN grants g ON g.id = d.grant_id
LEFT JOIN api_key k ON k.id = i.asked_by_id AND k.workspace_id = d.workspace_id
LEFT JOIN LATERAL (
    SELECT bool_or(num_nonnulls(t.asked_by_id, t.channel, t.approval_id) = 0) AS everything, bool_or(t.asked_by_id = i.asked_by_id) AS asker,
        bool_or(t.channel = split_part(d.lane, ':', 1)) AS channel, bool_or(t.approval_id = g.approval_id) AS request
    FROM stop t WHERE t.workspace_id = d.workspace_id AND t.lifted_at IS NULL
) p ON true
LEFT JOIN LATERAL (
    SELECT min(a.at) FILTER (WHERE a.outcome IN ('accepted', 'sent', 'delivered')) AS sent_at,
           min(a.at) FILTER (WHERE a.outcome = 'delivered') AS delivered_at,
           max(a.provider_ref) AS provider_ref,
           (array_agg(a.digest ORDER BY a.id DESC) FILTER (WHERE a.digest IS NOT NULL))[1] AS dialled,
           (array_agg(a.reason ORDER BY a.id DESC) FILTER (WHERE a.outcome IN ('refused', 'later', 'unreached', 'unsure', 'undelivered')))[1] AS reason
    FROM attempt a WHERE a.intent_id = d.intent_id
) s ON true
WHERE d.workspace_id = %(workspace)s AND i.kind = ANY(%(kinds)s)
"""


class Send(Answer):
    """One send, from being asked for to what the provider said last."""

    intent_id: IntentId
    kind: str = Field(description="whatsapp, sms or email.")
    channel: str
    recipient: str
    state: str = Field(description="held, ready, calling, in_doubt, sent, delivered, undelivered, failed, rejected, cancelled, expired or suppressed.")
    due_at: datetime = Field(description="The earliest moment it may leave.")
    wait_reason: str | None = Field(None, description="Why it waits, whatever a person decides.")
    reason: str | None = Field(None, description="The provider's last objection, explained.")
    attempts: int = Field(description="Calls made to the provider.")
    digest: str = Field(description="SHA-256 of what was frozen.")
    digest_sent: str | None = Field(None, description="SHA-256 of the bytes really sent.")
    provider_ref: str | None = Field(None, description="The provider's own id.")
    granted_at: datetime | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    note: str | None = Field(None, description="Says so when nothing left this machine.")

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is expected to happen by itself."""
        return self.state in SETTLED


def _note(lane: str, attempts: int) -> str | None:
    if provider_of(lane) != "sandbox":
        return None
    return NOTHING_LEFT if attempts else NOTHING_LEAVES


def _kinds() -> list[str]:
    """The kinds that anybody but their recipient may read."""
    return [name for name, content in KINDS.items() if not content.sealed]


def find(session: Session, workspace: UUID, intents: Sequence[UUID]) -> list[Send]:
    """The sends among `intents` that exist in this workspace, oldest first; system mail is never among them."""
    wanted = {"workspace": workspace, "kinds": _kinds(), "intents": list(intents)}
    return _rows(session, f"{FIND} AND d.intent_id = ANY(%(intents)s) ORDER BY i.created_at, i.id", wanted)


def scheduled(session: Session, workspace: UUID, limit: int, after: UUID | None = None) -> list[Send]:
    """What waits for its moment, soonest first; `after` continues behind one of them."""
    wanted = {"workspace": workspace, "kinds": _kinds(), "limit": limit, "after": after}
    behind = "(%(after)s::uuid IS NULL OR (d.due_at, i.id) > (SELECT due_at, intent_id FROM every_delivery WHERE intent_id = %(after)s))"
    waiting = f"AND d.state IN ('held', 'ready', 'blocked') AND i.not_before IS NOT NULL AND {behind}"
    return _rows(session, f"{FIND} {waiting} ORDER BY d.due_at, i.id LIMIT %(limit)s", wanted)


def _rows(session: Session, query: str, wanted: dict[str, Any]) -> list[Send]:
    found = raw(session).cursor(row_factory=dict_row).execute(query.format(closed=CLOSED).encode(), wanted | STOPPED).fetchall()
    return [_send(row) for row in found]


def _send(row: dict[str, Any]) -> Send:
    lane, digest, dialled = row.pop("lane"), row.pop("digest"), row.pop("dialled")
    return Send(
        **{name: value for name, value in row.items() if name in Send.model_fields},
        channel=lane.partition(":")[0],
        digest=digest.hex(),
        digest_sent=dialled.hex() if dialled else None,
        note=_note(lane, row["attempts"]),
    )
