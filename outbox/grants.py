"""Grants: the insert-only permission that turns held intents into ready ones; the database refuses one without a say-so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg.rows import scalar_row

from kernel.keys import new_id
from outbox.states import Move, Moved, State, move

Source = Literal["approval", "system"]

GIVE = """
INSERT INTO grants (id, workspace_id, intent_id, digest, source, approval_id, standing_id)
SELECT g.id, i.workspace_id, i.id, i.digest, %(source)s, %(approval)s, %(standing)s
FROM unnest(%(ids)s::uuid[], %(intents)s::uuid[]) AS g(id, intent_id) JOIN intent i ON i.id = g.intent_id
"""
KEYED = "SELECT id FROM intent WHERE id = ANY(%s) AND order_key IS NOT NULL"


def give(line: psycopg.Connection[Any], intents: Sequence[UUID], source: Source, approval: UUID | None = None, pause: timedelta | None = None) -> list[Moved]:
    """Grant the intents and make the held ones ready, due after `pause` at the earliest; raises psycopg's CheckViolation when nothing permits it."""
    return _give(line, intents, {"source": source, "approval": approval, "standing": None}, pause)


def give_standing(line: psycopg.Connection[Any], intents: Sequence[UUID], approval: UUID, standing: UUID) -> list[Moved]:
    """The same by a standing approval, which the request names; raises CheckViolation when it does not cover them."""
    return _give(line, intents, {"source": "standing", "approval": approval, "standing": standing}, None)


def _give(line: psycopg.Connection[Any], intents: Sequence[UUID], named: dict[str, Any], pause: timedelta | None) -> list[Moved]:
    grants = {intent: new_id() for intent in intents}
    line.execute(GIVE, {"ids": list(grants.values()), "intents": list(grants)} | named)
    keyed = set(line.cursor(row_factory=scalar_row).execute(KEYED, (list(grants),)).fetchall())
    # A keyed one starts behind: the next tick of its lane, which alone may choose, lets the first of each key go ahead.
    to = {intent: State.BLOCKED if intent in keyed else State.READY for intent in grants}
    delay = pause.total_seconds() if pause else None
    moves = [Move(intent, (State.HELD,), to[intent], grant=grant, delay=delay) for intent, grant in grants.items()]
    return move(line, moves).fetchall()
