"""Why something was sent: who asked, who said what by which way, what was granted, called and heard, and where the audit holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row, dict_row
from pydantic import Field
from sqlalchemy.orm import Session

from approvals.requests import ApprovalId
from kernel.call import Call
from kernel.db import raw
from kernel.errors import NotFound
from kernel.operation import Answer, Asked, Effect, operation
from outbox import sends
from outbox.sends import IntentId, Send

MOST = 20
"""So many sends of one request are told of in full."""

ASKED = """
SELECT a.id AS approval_id, a.action, a.state, a.asked_by_kind || ': ' || a.asked_by_name AS asked_by, a.created_at AS asked_at, a.summary,
    encode(a.digest, 'hex') AS digest, a.needs, a.reason, a.ended_at, a.ended_by_name AS ended_by,
    ARRAY(SELECT m.intent_id FROM approval_item m WHERE m.approval_id = a.id ORDER BY m.position) AS covers,
    CASE WHEN s.id IS NOT NULL THEN 'sta_' || replace(s.id::text, '-', '') END AS standing, s.made_by_name AS standing_by, s.made_at AS standing_at,
    v.person_name AS by, v.verdict, v.via, v.origin, v.at
FROM approval a LEFT JOIN standing s ON s.id = a.standing_id LEFT JOIN vote v ON v.approval_id = a.id
WHERE a.workspace_id = %(workspace)s
  AND a.id = coalesce(%(approval)s::uuid, (SELECT m.approval_id FROM approval_item m WHERE m.intent_id = %(intent)s::uuid ORDER BY m.approval_id DESC LIMIT 1))
ORDER BY v.at, v.id
"""
SEEN = """
SELECT intent_id, number, source, outcome, reason, provider_ref, encode(digest, 'hex') AS digest, started_at, at
FROM attempt WHERE workspace_id = %s AND intent_id = ANY(%s) ORDER BY id
"""
WRITTEN = """
SELECT a.at, a.actor AS by, a.action AS deed, s.position, encode(s.hash, 'hex') AS hash
FROM audit a LEFT JOIN audit_seal s ON s.audit_id = a.id
WHERE a.workspace_id = %s AND a.subject = ANY(%s) ORDER BY a.id
"""


class Said(Answer):
    """What one person said."""

    by: str = Field(description="The person's name.")
    verdict: str = Field(description="approved or rejected.")
    via: str = Field(description="link or portal.")
    at: datetime = Field(description="When.")


class Seen(Answer):
    """What was seen of a call to the provider."""

    intent_id: IntentId
    number: int = Field(description="Which call it is about, from 1.")
    source: str = Field(description="call (our own), callback (the provider's word), lookup, lease or person.")
    outcome: str = Field(description="accepted, refused, later, unsure, sent, delivered, undelivered and the like.")
    reason: str
    provider_ref: str | None = Field(None, description="The provider's own id.")
    digest: str | None = Field(None, description="SHA-256 of the bytes really dialled.")
    started_at: datetime | None = None
    at: datetime = Field(description="When it was seen.")


class Written(Answer):
    """One row of the audit about it."""

    at: datetime = Field(description="When.")
    by: str = Field(description="Who did it.")
    deed: str = Field(description="What was done.")
    position: int | None = Field(None, description="Its place in the audit's chain; none: not sealed yet.")
    hash: str | None = Field(None, description="Its hash in the chain.")


class SendHistory(Answer):
    """Everything that led to a send, and what became of it."""

    approval_id: ApprovalId
    action: str = Field(description="The gated operation.")
    state: str = Field(description="Of the request: pending, approved, rejected, withdrawn, expired or superseded.")
    digest: str = Field(description="SHA-256 of what the deciders saw.")
    asked_by: str = Field(description="Who asked.")
    asked_at: datetime
    summary: str | None = Field(None, description="The requester's own words.")
    needs: int = Field(description="How many people had to approve.")
    votes: list[Said] = Field(description="Who said what, oldest first.")
    standing: str | None = Field(None, description="The standing approval that answered instead of a vote.")
    standing_by: str | None = Field(None, description="Who made that standing approval.")
    standing_at: datetime | None = Field(None, description="When that was.")
    reason: str | None = Field(None, description="The decider's words.")
    ended_at: datetime | None = Field(None, description="When it was decided, withdrawn or expired.")
    ended_by: str | None = Field(None, description="Who decided or withdrew it; sayso when it expired.")
    sends: list[Send] = Field(description="What it covers, with the grant's time and the digests.")
    seen: list[Seen] = Field(description="Each call and each word of the provider, oldest first.")
    audit: list[Written] = Field(description="What the audit holds of it, oldest first.")
    is_sealed: bool = Field(description="Whether all of that is sealed in the audit's chain.")


@dataclass(frozen=True, slots=True)
class Told:
    """A history, and what beside it is for the workspace's own people alone."""

    history: SendHistory
    origins: list[str]
    """The network addresses that the votes came from, in the order of the votes."""
    covers: int
    """How many sends the request covers; of `MOST` the history tells."""


def recall(session: Session, workspace: UUID, *, approval: UUID | None = None, intent: UUID | None = None) -> Told:
    """The history of a request, or of one send of it: four queries. Raises NotFound."""
    line = raw(session)
    rows = line.cursor(row_factory=dict_row).execute(ASKED, {"workspace": workspace, "approval": approval, "intent": intent}).fetchall()
    if not rows:
        raise NotFound
    votes = [row for row in rows if row["by"]]
    about = [intent] if intent else rows[0]["covers"][:MOST]
    written = _written(line, workspace, [str(rows[0]["approval_id"]), *map(str, about)])
    history = SendHistory(
        **{name: value for name, value in rows[0].items() if name in SendHistory.model_fields},
        votes=[Said(**{name: vote[name] for name in Said.model_fields}) for vote in votes],
        sends=sends.find(session, workspace, about),
        seen=line.cursor(row_factory=class_row(Seen)).execute(SEEN, (workspace, about)).fetchall(),
        audit=written,
        is_sealed=all(row.position for row in written),
    )
    return Told(history, [vote["origin"] for vote in votes], len(rows[0]["covers"]))


def _written(line: psycopg.Connection[Any], workspace: UUID, subjects: Sequence[str]) -> list[Written]:
    return line.cursor(row_factory=class_row(Written)).execute(WRITTEN, (workspace, subjects)).fetchall()


class GetSendHistory(Asked):
    """Which send."""

    intent_id: IntentId = Field(description="From a pending answer or get_send_status.")


@operation("messaging", Effect.READ, example={"intentId": "int_01990000000070008000000000000000"})
def get_send_history(call: Call, asked: GetSendHistory) -> SendHistory:
    """Tell why something was sent, or was not: who asked, who decided, what was called and heard, and where the audit holds it."""
    return recall(call.session, call.workspace, intent=asked.intent_id).history
