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

APPEND = """
WITH new AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(kinds)s::text[], %(lanes)s::text[], %(digests)s::bytea[], %(befores)s::timestamptz[],
        %(expiries)s::timestamptz[], %(unknowns)s::text[], %(priorities)s::smallint[], %(recipients)s::text[], %(order_keys)s::text[],
        %(snapshots)s::bytea[], %(sealed)s::bool[])
    AS n(id, kind, lane, digest, not_before, expires_at, on_unknown, priority, recipient, order_key, snapshot, sealed)
), lanes AS (
    INSERT INTO lane (id) SELECT DISTINCT lane FROM new ON CONFLICT DO NOTHING
), intents AS (
    INSERT INTO intent (id, workspace_id, kind, lane, digest, order_key, not_before, expires_at, on_unknown,
        asked_by_kind, asked_by_id, asked_by_name)
    SELECT id, %(workspace)s, kind, lane, digest, order_key, not_before, expires_at, on_unknown, %(by_kind)s, %(by_id)s, %(by_name)s FROM new
), contents AS (
    INSERT INTO content (intent_id, workspace_id, recipient, snapshot, sealed) SELECT id, %(workspace)s, recipient, snapshot, sealed FROM new
)
INSERT INTO delivery (intent_id, workspace_id, digest, state, lane, priority, due_at, order_key)
SELECT id, %(workspace)s, digest, 'held', lane, priority, coalesce(not_before, now()), order_key FROM new
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
    """Write the drafts, all of one workspace, as held; what holds secrets is sealed."""
    bodies = [draft.snapshot.canonical() for draft in drafts]
    contents = [draft.snapshot.content for draft in drafts]
    line.execute(
        APPEND,
        {
            "workspace": drafts[0].snapshot.workspace,
            "by_kind": caller.kind,
            "by_id": caller.id,
            "by_name": caller.name,
            "ids": [draft.id for draft in drafts],
            "lanes": [draft.lane for draft in drafts],
            "order_keys": [draft.order_key for draft in drafts],
            "digests": [digest_of(body) for body in bodies],
            "befores": [draft.snapshot.not_before for draft in drafts],
            "expiries": [draft.snapshot.expires_at for draft in drafts],
            "kinds": [content.kind for content in contents],
            "unknowns": [content.on_unknown for content in contents],
            "priorities": [content.priority for content in contents],
            "recipients": [content.recipient for content in contents],
            "sealed": [content.sealed for content in contents],
            "snapshots": [seal(secrets, body) if content.sealed else body for body, content in zip(bodies, contents, strict=True)],
        },
    )
