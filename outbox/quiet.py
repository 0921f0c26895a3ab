"""Quiet hours as the claim reads them: beside what was granted under them stands when it is night where it goes, whatever delays it till then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.orm import Mapped, mapped_column

from kernel.clock import zone_of
from kernel.db import Row
from outbox.states import Move, State, move

AT_ONCE = 2000
WRITTEN = """
INSERT INTO quiet (intent_id, workspace_id, zone, begins, ends)
SELECT q.intent_id, w.id, CASE WHEN is_zone(q.zone) THEN q.zone ELSE w.zone END, %(begins)s, %(ends)s
FROM unnest(%(intents)s::uuid[], %(zones)s::text[]) AS q (intent_id, zone), workspace w WHERE w.id = %(workspace)s
"""
# What is due within three seconds stands in the claim's way (`parking.py`).
SLEEPING = """
SELECT d.intent_id, q.zone, q.begins, q.ends, quiet_until(q.zone, q.begins, q.ends, now()) AS until, now()
FROM quiet q JOIN delivery d ON d.intent_id = q.intent_id
WHERE d.state = 'ready' AND d.parked IS NULL AND d.due_at <= now() + interval '3 s' AND quiet_until(q.zone, q.begins, q.ends, now()) IS NOT NULL
LIMIT %(most)s FOR UPDATE OF d SKIP LOCKED
"""


class Quiet(Row):
    """When no claim takes an intent, on the clock where it goes."""

    __tablename__ = "quiet"

    intent_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    zone: Mapped[str]
    begins: Mapped[time]
    ends: Mapped[time]


def hush(line: psycopg.Connection[Any], workspace: UUID, zones: Mapping[UUID, str], hours: tuple[time, time]) -> None:
    """From this commit on, no claim takes these intents in the quiet hours of their zones; the business's own where the database knows none by that name."""
    begins, ends = hours
    given = {"workspace": workspace, "begins": begins, "ends": ends, "intents": list(zones), "zones": list(zones.values())}
    line.execute(WRITTEN, given)


def put_off(line: psycopg.Connection[Any]) -> int:
    """Let a batch of what sleeps be due when it wakes, so that it stands in nobody's way and its page says why it waits; answers how many."""
    with line.transaction():
        found = line.execute(SLEEPING, {"most": AT_ONCE}).fetchall()
        wishes = [
            Move(intent, (State.READY,), State.READY, delay=(until - moment).total_seconds(), wait_reason=reason(until, zone, (begins, ends)))
            for intent, zone, begins, ends, until, moment in found
        ]
        return len(move(line, wishes).fetchall()) if wishes else 0


def reason(until: datetime, zone: str, hours: tuple[time, time]) -> str:
    """Why something waits, as its page says it: the hours in which it may leave are those between the end of the quiet ones and their beginning."""
    begins, ends = hours
    return f"outside {ends:%H:%M}-{begins:%H:%M} in {zone}, will go {until.astimezone(zone_of(zone)):%H:%M}"
