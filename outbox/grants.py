"""Grants: the insert-only permission that turns held intents into ready ones; the database refuses one without a say-so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import psycopg

from kernel.keys import new_id
from outbox.states import Move, Moved, State, move

Source = Literal["approval", "system"]

GIVE = """
INSERT INTO grants (id, workspace_id, intent_id, digest, source, approval_id)
SELECT g.id, i.workspace_id, i.id, i.digest, %(source)s, %(approval)s
FROM unnest(%(ids)s::uuid[], %(intents)s::uuid[]) AS g(id, intent_id) JOIN intent i ON i.id = g.intent_id
"""


def give(line: psycopg.Connection[Any], intents: Sequence[UUID], source: Source, approval: UUID | None = None) -> list[Moved]:
    """Grant the intents and make the held ones ready; raises psycopg's CheckViolation when nothing permits it."""
    grants = {intent: new_id() for intent in intents}
    line.execute(GIVE, {"ids": list(grants.values()), "intents": list(grants), "source": source, "approval": approval})
    return move(line, [Move(intent, (State.HELD,), State.READY, grant=grant) for intent, grant in grants.items()]).fetchall()
