"""What of one workspace stands where and since when, by lane and state; each kind of standing is counted no further than `MOST`."""

from __future__ import annotations

from uuid import UUID

from psycopg.rows import class_row
from sqlalchemy.orm import Session

from kernel.db import raw
from outbox.readings import MOST, Depth

# Each branch walks an index of its own. A look-up that learns nothing touches the row of a doubt: it began when its call was heard of.
DEPTHS = """
SELECT state, lane, count(*) AS many, greatest(0, extract(epoch FROM now() - min(since)))::float8 AS oldest_seconds FROM (
    (SELECT CASE WHEN d.state = 'ready' THEN coalesce(d.parked, 'ready') ELSE d.state END AS state, d.lane, d.due_at AS since
     FROM delivery d WHERE d.workspace_id = %(workspace)s AND d.state IN ('held', 'ready', 'blocked') ORDER BY d.due_at LIMIT %(most)s)
    UNION ALL
    (SELECT 'calling', d.lane, d.changed_at FROM delivery d WHERE d.workspace_id = %(workspace)s AND d.state = 'calling' LIMIT %(most)s)
    UNION ALL
    (SELECT 'in_doubt', d.lane, coalesce((SELECT min(a.at) FROM attempt a WHERE a.intent_id = d.intent_id AND a.number = d.attempt), d.changed_at)
     FROM delivery d WHERE d.workspace_id = %(workspace)s AND d.state = 'in_doubt' ORDER BY d.due_at LIMIT %(most)s)
    UNION ALL
    (SELECT 'failed', d.lane, d.changed_at FROM delivery d WHERE d.workspace_id = %(workspace)s AND d.state = 'failed' ORDER BY d.changed_at LIMIT %(most)s)
) s GROUP BY state, lane ORDER BY lane, state
"""


def depths_of(session: Session, workspace: UUID) -> list[Depth]:
    """What stands where; what waits is as old as the time since it was due."""
    return raw(session).cursor(row_factory=class_row(Depth)).execute(DEPTHS, {"workspace": workspace, "most": MOST}).fetchall()
