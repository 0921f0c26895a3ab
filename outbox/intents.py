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
from outbox.snapshot import Snapshot

# A lane is new once and looked up ever after: ON CONFLICT alone would cost each write a failed insert, reading alone would lose a race.
APPEND = """
WITH new_lane AS (
    INSERT INTO lane (id) SELECT %(lane)s WHERE NOT EXISTS (SELECT FROM lane WHERE id = %(lane)s) ON CONFLICT DO NOTHING
), new_intent AS (
    INSERT INTO intent (id, workspace_id, kind, lane, digest, order_key, not_before, expires_at, on_unknown,
        asked_by_kind, asked_by_id, asked_by_name)
    VALUES (%(id)s, %(workspace)s, %(kind)s, %(lane)s, %(digest)s, %(order_key)s, %(not_before)s, %(expires_at)s, %(on_unknown)s,
        %(by_kind)s, %(by_id)s, %(by_name)s)
), new_content AS (
    INSERT INTO content (intent_id, workspace_id, recipient, snapshot, sealed)
    VALUES (%(id)s, %(workspace)s, %(recipient)s, %(snapshot)s, %(sealed)s)
)
INSERT INTO delivery (intent_id, workspace_id, digest, state, lane, priority, due_at, expires_at, order_key)
VALUES (%(id)s, %(workspace)s, %(digest)s, 'held', %(lane)s, %(priority)s, coalesce(%(not_before)s, now()), %(expires_at)s, %(order_key)s)
"""


@dataclass(frozen=True, slots=True)
class Drafted:
    """An intent about to be written."""

    id: UUID
    lane: str
    snapshot: Snapshot
    order_key: str | None = None
    """Intents of one lane with the same key leave one after the other, in the order they were asked for."""

    @property
    def digest(self) -> bytes:
        """SHA-256 of the snapshot's canonical bytes."""
        return self.snapshot.digest


def append(line: psycopg.Connection[Any], caller: Caller, drafts: Sequence[Drafted], secrets: Sequence[bytes]) -> None:
    """Write the drafts as held, a statement each; what holds secrets is sealed. Many are faster inside `line.pipeline()`."""
    for draft in drafts:
        line.execute(APPEND, _row(caller, draft, secrets))


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
        "priority": content.priority,
    }
