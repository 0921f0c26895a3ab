"""The claim, which is also the start: granted, due, unstopped rows of an open lane become `calling`, fairly over workspaces.

The index `ix_delivery_ready` is walked group by group, a group being the rows of one priority and workspace. A tick looks at no
more than 64 groups on each side of where the last one stopped, takes an equal share of each that has due rows, and so touches
a few index entries for each row it starts, however many rows wait or have finished. Rows that wait for their moment, or that a
person stopped, are parked outside of this index by the clock (`parking.py`): they would stand before those that may leave.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from outbox.accounts import channel_of
from outbox.paces import refill
from outbox.states import Claimed, promote, start

URGENT = 50
"""Priorities below this leave first, whoever else waits."""
OURS = 10
"""Priorities up to this are mail to the workspace's own people; it leaves a stopped workspace too, for it holds their way in."""
STEP = """
    SELECT d.priority, d.workspace_id, d.due_at FROM delivery d
    WHERE d.lane = %(lane)s AND d.state = 'ready' AND d.parked IS NULL AND (d.priority, d.workspace_id) > ({priority}, {workspace})
    ORDER BY d.priority, d.workspace_id, d.due_at LIMIT 1"""
WALK = """{name} AS (
    (SELECT s.*, 1 AS nth FROM ({first}) s)
    UNION ALL
    SELECT s.*, w.nth + 1 FROM {name} w CROSS JOIN LATERAL ({then}) s WHERE w.nth < 64
)"""
_THEN = STEP.format(priority="w.priority", workspace="w.workspace_id")
_AHEAD = WALK.format(name="ahead", first=STEP.format(priority="%(priority)s::smallint", workspace="%(after)s::uuid"), then=_THEN)
_AROUND = WALK.format(name="around", first=STEP.format(priority="(-1)::smallint", workspace="%(zero)s::uuid"), then=_THEN)
# Stops of the whole workspace and of the lane's channel; those of a key or a request are looked up by the row.
ALL_OF_IT = "coalesce(s.asked_by_id, s.approval_id) IS NULL AND coalesce(s.channel, {channel}) = {channel}"
HOLDS = "(s.asked_by_id = i.asked_by_id OR s.approval_id = p.approval_id OR (p.source <> 'system' AND {all_of_it}))"
"""Whether a stop `s` holds a row of the intent `i` with the grant `p`."""
_ALL = ALL_OF_IT.format(channel="%(channel)s")
_CHOOSE = """
groups AS (
    SELECT priority, workspace_id, least(priority, %(urgent)s) AS rank, 0 AS lap FROM ahead WHERE due_at <= now()
    UNION ALL
    SELECT priority, workspace_id, least(priority, %(urgent)s), 1 FROM around
    WHERE due_at <= now() AND (priority, workspace_id) <= (%(priority)s::smallint, %(after)s::uuid)
), open_groups AS (
    SELECT g.*, ceil(%(slots)s::float8 / count(*) OVER ())::int AS share FROM groups g
    WHERE NOT EXISTS (SELECT FROM stop s
        WHERE s.workspace_id = g.workspace_id AND s.lifted_at IS NULL AND g.priority > %(ours)s AND {all_of_it})
    ORDER BY rank, lap, priority, workspace_id LIMIT %(slots)s
), picked AS (
    SELECT due.* FROM open_groups g CROSS JOIN LATERAL (
        SELECT d.intent_id, i.kind, i.traceparent,
          CASE WHEN p.source <> 'system' THEN extract(epoch FROM now() - greatest(p.created_at, i.not_before))::float8 END AS waited,
          p.source <> 'system' AND EXISTS (
            SELECT FROM suppression s WHERE s.workspace_id = d.workspace_id
              AND s.channel = %(channel)s AND s.recipient = lower(c.recipient)) AS suppressed
        FROM delivery d
        JOIN grants p ON p.id = d.grant_id AND p.intent_id = d.intent_id AND p.digest = d.digest
        JOIN intent i ON i.id = d.intent_id AND i.digest = d.digest
        JOIN content c ON c.intent_id = d.intent_id
        WHERE d.lane = %(lane)s AND d.state = 'ready' AND d.parked IS NULL AND d.priority = g.priority AND d.workspace_id = g.workspace_id
          AND d.due_at <= now() AND coalesce(least(i.expires_at, d.expires_at) > now(), true)
          AND NOT EXISTS (SELECT FROM stop s WHERE s.workspace_id = d.workspace_id AND s.lifted_at IS NULL
              AND {holds})
          AND NOT EXISTS (SELECT FROM quiet q WHERE q.intent_id = d.intent_id AND quiet_until(zone, begins, ends, now()) IS NOT NULL)
        ORDER BY d.due_at, d.intent_id LIMIT g.share
        FOR UPDATE OF d SKIP LOCKED
    ) due
    LIMIT (SELECT CASE WHEN least(rate, pace) IS NULL THEN %(slots)s ELSE greatest(0, least(%(slots)s, floor(tokens)))::int END
           FROM lane WHERE id = %(lane)s AND paused_at IS NULL AND breaker_until IS NULL
           UNION ALL SELECT 0 LIMIT 1)
)
"""
PICK = f"{_AHEAD}, {_AROUND}, {_CHOOSE.format(all_of_it=_ALL, holds=HOLDS.format(all_of_it=_ALL))}"

# Only a tick promotes, and the lane's row serialises ticks that have something to promote: no key ever has two heads.
LOCK = "SELECT FROM lane WHERE id = %(lane)s AND EXISTS (SELECT FROM delivery WHERE lane = %(lane)s AND state = 'blocked') FOR UPDATE"
HEADS = """
    SELECT DISTINCT ON (b.order_key) b.intent_id FROM delivery b
    WHERE b.lane = %(lane)s AND b.state = 'blocked' AND NOT EXISTS (
        SELECT FROM delivery h WHERE h.lane = b.lane AND h.order_key = b.order_key AND h.state IN ('ready', 'calling', 'in_doubt'))
    ORDER BY b.order_key, b.intent_id LIMIT 500"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where on its round over the groups a pump stopped: after this priority and workspace."""

    priority: int
    workspace: UUID


START_OF_ROUND = Place(-1, UUID(int=0))


@dataclass(frozen=True, slots=True)
class Ask:
    """What a pump wants of one tick: rows for `slots` free hands on `lane`, claimed by `owner` for `lease` seconds."""

    lane: str
    owner: UUID
    slots: int
    lease: float
    after: Place


def claim(line: psycopg.Connection[Any], ask: Ask) -> psycopg.Cursor[Claimed]:
    """Queue refill, promotion and claim; fetch the started rows from the cursor once the batch is durable."""
    refill(line, ask.lane)
    line.execute(LOCK, {"lane": ask.lane})
    promote(line, HEADS, {"lane": ask.lane})
    wanted = {
        "lane": ask.lane,
        "channel": channel_of(ask.lane),
        "slots": ask.slots,
        "owner": ask.owner,
        "lease": ask.lease,
        "priority": ask.after.priority,
        "after": ask.after.workspace,
        "urgent": URGENT,
        "ours": OURS,
        "zero": START_OF_ROUND.workspace,
    }
    return start(line, PICK, wanted)
