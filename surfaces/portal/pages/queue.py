"""The queue: how much stands where and since when; and for an operator the whole installation, with who is at work and how far behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.queues import depths_of
from approvals.resolve import is_operator
from kernel.db import raw
from outbox import readings
from outbox.accounts import channel_of
from outbox.readings import MOST, Depth
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint

PATH = "/portal/queue"
ORDER = ("held", "later", "stopped", "blocked", "ready", "calling", "in_doubt", "failed")
"""As a send goes through them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a state, how many stand so, and the age of the oldest."""

    state: str
    many: int
    oldest_seconds: float | None

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than were counted."""
        return self.many >= MOST


def routes(door: Door) -> list[BaseRoute]:
    """One page."""
    return [Route(PATH, endpoint(door, look))]


def look(visit: Visit) -> Response:
    """The workspace's own, by channel; to an operator also every lane, the processes and the inbox."""
    with inside(visit) as it:
        operates = is_operator(it.person, visit.settings)
        return page(
            "queue.html",
            ours=tables((channel_of(depth.lane), depth) for depth in depths_of(it.session, it.person.workspace_id)),
            whole=_whole(raw(it.session)) if operates else None,
            zone=it.zone,
            **it.frame,
        )


def _whole(line: psycopg.Connection[Any]) -> dict[str, object]:
    """Of everybody, and never whose it is."""
    found = readings.read(line)
    lanes = tables((readings.account_name(depth.lane), depth) for depth in found.depths)
    return {"lanes": lanes, "at_work": found.at_work, "inbox": found.inbox, "waiting": found.waiting}


def tables(depths: Iterable[tuple[str, Depth]]) -> dict[str, list[Row]]:
    """A table for each name, its states in the order in which a send goes through them."""
    found: dict[tuple[str, str], Row] = {}
    for name, depth in depths:
        had = found.get((name, depth.state), Row(depth.state, 0, None))
        ages = [age for age in (had.oldest_seconds, depth.oldest_seconds) if age is not None]
        found[name, depth.state] = Row(depth.state, had.many + depth.many, max(ages, default=None))
    names = sorted({name for name, _ in found})
    return {name: sorted((row for (of, _), row in found.items() if of == name), key=lambda row: ORDER.index(row.state)) for name in names}
