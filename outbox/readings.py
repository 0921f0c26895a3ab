"""The readings of the whole installation: what waits where, in doubt, dead, unheard, and who is at work; for metrics, pages and the doctor alike.

Each is a query over an index, counted no further than `MOST`, so that reading costs the same however much waits. They cross workspaces
and say nothing of whose it is; the functions behind them (`4_operations.sql`) may be called by the web role too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import class_row

from outbox.accounts import account_of, channel_of, provider_of
from outbox.heartbeats import ALIVE_SECONDS, Process

MOST = 20_000
"""Nothing is counted further."""


@dataclass(frozen=True, slots=True)
class Depth:
    """So many sends of a lane stand so; `state` is the delivery's, or `later` and `stopped` for ready ones that are parked."""

    state: str
    lane: str
    many: int
    oldest_seconds: float | None
    """Ready: since it was due; in doubt: since its call; failed, held: since then."""


@dataclass(frozen=True, slots=True)
class LaneReading:
    """How a lane is doing."""

    lane: str
    paused: bool
    breaker_open: bool
    """The provider refuses the account or does not answer; a probe closes it."""
    resting: bool
    """The provider asked for a rest."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The requests that wait for a person."""

    many: int
    oldest_seconds: float
    ending: int
    """Those that end within a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """What providers told us and nobody has worked off."""

    many: int
    lag_seconds: float
    dead: int
    """What was given up, and is kept."""


@dataclass(frozen=True, slots=True)
class AtWork:
    """The processes of one kind that run, and how far the clock of the worst of their hosts is off."""

    process: str
    many: int
    skew_seconds: float


@dataclass(frozen=True, slots=True)
class Readings:
    """All of them, of one moment."""

    depths: list[Depth]
    lanes: list[LaneReading]
    waiting: Waiting
    inbox: Unheard
    at_work: list[AtWork]


DEPTHS = "SELECT state, lane, many, oldest_seconds FROM queue_depths(%(most)s)"
LANES = """
SELECT id AS lane, paused_at IS NOT NULL AS paused, breaker_until IS NOT NULL AS breaker_open, coalesce(rests_until > now(), false) AS resting
FROM lane ORDER BY id
"""
WAITING = "SELECT many, oldest_seconds, ending FROM approvals_waiting(%(most)s)"
INBOX = "SELECT many, lag_seconds, dead FROM inbox_load(%(most)s)"
AT_WORK = """
SELECT k.process, count(h.id) AS many, coalesce(max(abs(h.ahead_seconds)), 0) AS skew_seconds
FROM unnest(ARRAY['web', 'worker', 'clock']) AS k (process)
LEFT JOIN heartbeat h ON h.process = k.process AND h.beat_at > now() - make_interval(secs => %(alive)s)
GROUP BY k.process ORDER BY k.process
"""


def read(line: psycopg.Connection[Any], most: int = MOST) -> Readings:
    """Every reading, in one transaction."""
    with line.transaction():
        return Readings(depths(line, most), lanes(line), waiting(line, most), inbox(line, most), at_work(line))


def depths(line: psycopg.Connection[Any], most: int = MOST) -> list[Depth]:
    """What stands where; a lane and state in which nothing stands is not listed."""
    return line.cursor(row_factory=class_row(Depth)).execute(DEPTHS, {"most": most}).fetchall()


def lanes(line: psycopg.Connection[Any]) -> list[LaneReading]:
    """Every lane."""
    return line.cursor(row_factory=class_row(LaneReading)).execute(LANES).fetchall()


def waiting(line: psycopg.Connection[Any], most: int = MOST) -> Waiting:
    """The requests that nobody has decided."""
    return line.cursor(row_factory=class_row(Waiting)).execute(WAITING, {"most": most}).fetchone() or Waiting(0, 0.0, 0)


def inbox(line: psycopg.Connection[Any], most: int = MOST) -> Unheard:
    """How far behind the inbox is."""
    return line.cursor(row_factory=class_row(Unheard)).execute(INBOX, {"most": most}).fetchone() or Unheard(0, 0.0, 0)


def at_work(line: psycopg.Connection[Any]) -> list[AtWork]:
    """Who runs, of each kind; none is a number too."""
    return line.cursor(row_factory=class_row(AtWork)).execute(AT_WORK, {"alive": ALIVE_SECONDS}).fetchall()


def is_at_work(line: psycopg.Connection[Any], process: Process) -> bool:
    """Whether a process of this kind runs."""
    return any(kind.process == process and kind.many for kind in at_work(line))


def account_name(lane: str) -> str:
    """The lane as a metric may name it: every business's own account at a provider counts as one, `sms:twilio/own`."""
    return f"{channel_of(lane)}:{provider_of(lane)}/own" if account_of(lane) else lane
