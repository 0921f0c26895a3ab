"""When a person is written to about requests: a pause between two letters, so many an hour, not in their quiet hours unless it would be too late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import class_row, scalar_row

from kernel.settings import Channel, Settings

# A row is locked only by whoever seems to have a turn. Time is read anew behind the lock: of two at once the second finds the pause.
TURN = """
INSERT INTO postbox AS p (person_id, workspace_id, last_at, hour_from)
SELECT o.id, %(workspace)s, clock_timestamp(), clock_timestamp() FROM unnest(%(people)s::uuid[]) AS o(id)
LEFT JOIN postbox b ON b.workspace_id = %(workspace)s AND b.person_id = o.id
WHERE b.person_id IS NULL OR ({free})
ORDER BY o.id
ON CONFLICT (workspace_id, person_id) DO UPDATE SET last_at = clock_timestamp(),
    hour_from = CASE WHEN p.hour_from > clock_timestamp() - interval '1 hour' THEN p.hour_from ELSE clock_timestamp() END,
    this_hour = CASE WHEN p.hour_from > clock_timestamp() - interval '1 hour' THEN p.this_hour + 1 ELSE 1 END
WHERE {free_now}
RETURNING person_id
"""
FREE = """{row}.last_at <= clock_timestamp() - make_interval(secs => %(pause)s)
    AND ({row}.this_hour < %(most)s OR {row}.hour_from <= clock_timestamp() - interval '1 hour')"""
TAKE = TURN.format(free=FREE.format(row="b"), free_now=FREE.format(row="p")).encode()
WISHES = "SELECT person_id, channel, quiet_from, quiet_to FROM reach WHERE workspace_id = %s"


@dataclass(frozen=True, slots=True)
class Wish:
    """Where and when a person wishes to be written to."""

    person_id: UUID | None = None
    channel: Channel = "email"
    quiet_from: time | None = None
    quiet_to: time | None = None

    def quiet_until(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours end that it is now, on the business's own clock; None when it is not quiet."""
        if self.quiet_from is None or self.quiet_to is None:
            return None
        local = moment.astimezone(zone)
        clock = local.time()
        evening = self.quiet_from > self.quiet_to
        is_quiet = clock >= self.quiet_from or clock < self.quiet_to if evening else self.quiet_from <= clock < self.quiet_to
        if not is_quiet:
            return None
        days = 1 if evening and clock >= self.quiet_from else 0
        return datetime.combine(local.date() + timedelta(days=days), self.quiet_to, zone)

    def lets(self, moment: datetime, zone: ZoneInfo, soonest: datetime) -> bool:
        """Whether a letter may leave now about what ends then: what would end before the quiet does is told at once."""
        until = self.quiet_until(moment, zone)
        return until is None or soonest <= until


def wishes_of(line: psycopg.Connection[Any], workspace: UUID) -> dict[UUID, Wish]:
    """What the people of a workspace wish, as far as they said."""
    found = line.cursor(row_factory=class_row(Wish)).execute(WISHES, (workspace,)).fetchall()
    return {wish.person_id: wish for wish in found if wish.person_id}


def take_turns(line: psycopg.Connection[Any], settings: Settings, workspace: UUID, people: Sequence[UUID]) -> set[UUID]:
    """Who of these may be written to now; the turn is taken, and counted, with the caller's transaction."""
    wanted = {"workspace": workspace, "people": list(people), "pause": settings.notice_pause_seconds, "most": settings.notices_per_hour}
    return set(line.cursor(row_factory=scalar_row).execute(TAKE, wanted).fetchall()) if people else set()
