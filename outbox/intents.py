"""Writing intents: the immutable row, its content and its delivery (`held`) in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from kernel.call import Caller
from kernel.keys import digest_of
from kernel.seal import seal
from kernel.traces import carried
from outbox.snapshot import Snapshot
from outbox.windows import bare

COLUMNS = {
    "id": "uuid",
    "workspace": "uuid",
    "kind": "text",
    "lane": "text",
    "digest": "bytea",
    "order_key": "text",
    "not_before": "timestamptz",
    "expires_at": "timestamptz",
    "on_unknown": "text",
    "by_kind": "text",
    "by_id": "uuid",
    "by_name": "text",
    "recipient": "text",
    "snapshot": "bytea",
    "sealed": "boolean",
    "priority": "smallint",
    "traceparent": "text",
    "answering": "text",
}
# A lane is new once and looked up ever after: ON CONFLICT alone would cost each write a failed insert, reading alone would lose a race.
_APPEND = """
WITH {asked}new_lane AS (
    INSERT INTO lane (id) SELECT DISTINCT {lane} {of} WHERE NOT EXISTS (SELECT FROM lane l WHERE l.id = {lane}) ON CONFLICT DO NOTHING
), new_intent AS (
    INSERT INTO intent (id, workspace_id, kind, lane, digest, order_key, not_before, expires_at, on_unknown,
        asked_by_kind, asked_by_id, asked_by_name, traceparent)
    SELECT {id}, {workspace}, {kind}, {lane}, {digest}, {order_key}, {not_before}, {expires_at}, {on_unknown}, {by_kind}, {by_id}, {by_name}, {traceparent} {of}
), new_content AS (
    INSERT INTO content (intent_id, workspace_id, recipient, snapshot, sealed) SELECT {id}, {workspace}, {recipient}, {snapshot}, {sealed} {of}
)
INSERT INTO delivery (intent_id, workspace_id, digest, state, lane, priority, due_at, expires_at, order_key)
SELECT {id}, {workspace}, {digest}, 'held', {lane}, {priority}, coalesce({not_before}, now()),
    CASE WHEN {answering} IS NULL THEN {expires_at} ELSE least({expires_at}, coalesce((SELECT w.closes_at FROM reply_window w
        WHERE w.workspace_id = {workspace} AND w.sender = {answering} AND w.recipient = {recipient}), now())) END, {order_key} {of}
"""
_ASKED = "asked AS (SELECT * FROM unnest({arrays}) AS n ({names})), "
_MANY = _ASKED.format(arrays=", ".join(f"%({name})s::{sort}[]" for name, sort in COLUMNS.items()), names=", ".join(COLUMNS))
APPEND = _APPEND.format(asked="", of="", **{name: f"%({name})s::{sort}" for name, sort in COLUMNS.items()})
APPEND_MANY = _APPEND.format(asked=_MANY, of="FROM asked n", **{name: f"n.{name}" for name in COLUMNS})
FEW = 8
"""Up to so many a statement for each is as fast."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """An intent about to be written."""

    id: UUID
    lane: str
    snapshot: Snapshot
    order_key: str | None = None
    """Intents of one lane with the same key leave one after the other, in the order they were asked for."""
    priority: int | None = None
    """Another than the kind's own: one of many leaves after what was asked for alone."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the snapshot's canonical bytes."""
        return self.snapshot.digest

    @property
    def answers(self) -> tuple[str, str] | None:
        """Our sender and the customer whose own message it needs; None for what may leave without one."""
        content = self.snapshot.content
        return (bare(self.snapshot.sender), content.recipient) if content.needs_window else None


def append(line: psycopg.Connection[Any], caller: Caller, drafts: Sequence[Drafted], secrets: Sequence[bytes]) -> None:
    """Write the drafts as held: a statement each, or one for many; what holds secrets is sealed. Few are faster inside `line.pipeline()`."""
    rows = [_row(caller, draft, secrets) for draft in drafts]
    if len(rows) > FEW:
        line.execute(APPEND_MANY.encode(), {name: [row[name] for row in rows] for name in COLUMNS})
    else:
        for row in rows:
            line.execute(APPEND.encode(), row)


def _row(caller: Caller, draft: Drafted, secrets: Sequence[bytes]) -> dict[str, Any]:
    snapshot, content = draft.snapshot, draft.snapshot.content
    body = snapshot.canonical()
    return {
        "id": draft.id,
        "workspace": snapshot.workspace,
        "kind": content.kind,
        "lane": draft.lane,
        "digest": digest_of(body),
        "order_key": draft.order_key,
        "not_before": snapshot.not_before,
        "expires_at": snapshot.expires_at,
        "on_unknown": content.on_unknown,
        "by_kind": caller.kind,
        "by_id": caller.id,
        "by_name": caller.name,
        "recipient": content.recipient,
        "snapshot": seal(secrets, body) if content.sealed else body,
        "sealed": content.sealed,
        "answering": draft.answers and draft.answers[0],
        "priority": content.priority if draft.priority is None else draft.priority,
        "traceparent": carried(),
    }
