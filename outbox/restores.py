"""The restore guard: a database older than what this worker has seen may hold as ready what was sent already.

The witness is the highest attempt this worker saw committed, kept outside the database. A copy of the same installation that
does not reach it was restored from an older backup (or lost commits in a failover): every lane is paused until a person has looked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

REASON = "restored: this database is older than what its workers have sent; what is ready may have been sent already"
MARK = "SELECT i.id, greatest(i.forgotten, (SELECT max(id) FROM attempt)) FROM installation i"
PAUSE = "UPDATE lane SET paused_at = coalesce(paused_at, now()), pause_reason = coalesce(pause_reason, %s)"
REOPEN = "UPDATE lane SET paused_at = NULL, pause_reason = NULL WHERE pause_reason = %s RETURNING id"
SUSPECTS = """
SELECT d.intent_id FROM delivery d WHERE d.grant_id IS NOT NULL AND d.state IN ('ready', 'blocked', 'calling') ORDER BY d.due_at
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a history has come: the installation it belongs to, and its last attempt."""

    installation: UUID
    attempt: int


def mark_of(line: psycopg.Connection[Any]) -> Mark:
    """How far this database has come."""
    with line.transaction():
        row = line.execute(MARK).fetchone()
    if row is None:
        msg = "the database has no installation: run `sayso migrate`"
        raise RuntimeError(msg)
    return Mark(*row)


def pause_all(line: psycopg.Connection[Any]) -> list[UUID]:
    """Pause every lane; answers the intents that may have been sent already."""
    with line.transaction():
        line.execute(PAUSE, (REASON,))
        return [row[0] for row in line.execute(SUSPECTS).fetchall()]


def reopen(line: psycopg.Connection[Any]) -> list[str]:
    """Open the lanes that were paused for this reason, inside the caller's transaction; answers their names."""
    return sorted(row[0] for row in line.execute(REOPEN, (REASON,)).fetchall())
