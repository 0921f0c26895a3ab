"""The append-only record of what was observed about each attempt: a call's outcome, a callback, an expired lease, a person's word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import psycopg

Source = Literal["call", "callback", "lookup", "lease", "person"]

RECORD = """
INSERT INTO attempt (intent_id, workspace_id, number, source, outcome, reason, provider_ref, url, digest, started_at)
SELECT * FROM json_to_recordset(%(seen)s::json)
    AS o(intent_id uuid, workspace_id uuid, number int, source text, outcome text, reason text, ref text, url text, digest bytea, started_at timestamptz)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Observation:
    """One line of the record; `digest` is of the bytes dialled, `ref` the provider's own id, `url` where a customer goes on."""

    intent: UUID
    workspace: UUID
    number: int
    source: Source
    outcome: str
    reason: str = ""
    ref: str | None = None
    url: str | None = None
    digest: bytes | None = None
    started_at: datetime | None = None


def record(line: psycopg.Connection[Any], seen: Sequence[Observation]) -> None:
    """Append the observations as one statement."""
    line.execute(RECORD, {"seen": json.dumps([_written(o) for o in seen])})


def _written(o: Observation) -> dict[str, object]:
    return {
        "intent_id": str(o.intent),
        "workspace_id": str(o.workspace),
        "number": o.number,
        "source": o.source,
        "outcome": o.outcome,
        "reason": o.reason,
        "ref": o.ref,
        "url": o.url,
        "digest": o.digest and rf"\x{o.digest.hex()}",
        "started_at": o.started_at and o.started_at.isoformat(),
    }
