"""The append-only record of what was observed about each attempt: a call's outcome, a callback, an expired lease, a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import psycopg

Source = Literal["call", "callback", "lookup", "lease", "person"]

RECORD = """
INSERT INTO attempt (intent_id, workspace_id, number, source, outcome, reason, provider_ref, digest, started_at)
SELECT * FROM unnest(%(intents)s::uuid[], %(workspaces)s::uuid[], %(numbers)s::int[], %(sources)s::text[], %(outcomes)s::text[],
                     %(reasons)s::text[], %(refs)s::text[], %(digests)s::bytea[], %(starts)s::timestamptz[])
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Observation:
    """One line of the record; `digest` is of the bytes dialled, `ref` the provider's own id."""

    intent: UUID
    workspace: UUID
    number: int
    source: Source
    outcome: str
    reason: str = ""
    ref: str | None = None
    digest: bytes | None = None
    started_at: datetime | None = None


def record(line: psycopg.Connection[Any], seen: Sequence[Observation]) -> None:
    """Append the observations as one statement."""
    line.execute(
        RECORD,
        {
            "intents": [o.intent for o in seen],
            "workspaces": [o.workspace for o in seen],
            "numbers": [o.number for o in seen],
            "sources": [o.source for o in seen],
            "outcomes": [o.outcome for o in seen],
            "reasons": [o.reason for o in seen],
            "refs": [o.ref for o in seen],
            "digests": [o.digest for o in seen],
            "starts": [o.started_at for o in seen],
        },
    )
