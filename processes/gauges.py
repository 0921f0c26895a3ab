"""The gauges of the installation, read from the database when somebody scrapes, and at most every few seconds."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import get_args

from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.registry import Collector
from typing_extensions import override

from kernel import clock
from kernel.db import Database
from kernel.settings import Medium
from outbox.readings import Depth, LaneReading, Readings, account_name, read

log = logging.getLogger("sayso.metrics")
FRESH = 5.0
"""Seconds for which readings, or that there are none, are shown again, however many scrape."""
PATIENCE = 5.0
"""Seconds for which the database may keep a scrape waiting: fewer than Prometheus waits."""
AT_ONCE = 1.0
STATES = ("held", "ready", "blocked", "later", "stopped", "calling", "in_doubt", "failed")


class Gauges(Collector):
    """Reads the database with the web role; tells `sayso_database_up 0` and nothing else while it does not answer."""

    def __init__(self, database: Database) -> None:
        """One connection is enough: two scrapes wait for each other."""
        self._database = database
        self._reading = Lock()
        self._last: Readings | None = None
        self._until = 0.0

    @override
    def collect(self) -> Iterator[Gauge]:
        """Every gauge."""
        readings = self._recent()
        yield _plain("sayso_database_up", "Whether the database answered.", 1.0 if readings else 0.0)
        if readings:
            yield from _queue(readings.depths)
            yield from _lanes(readings.lanes)
            yield from _rest(readings)

    def _recent(self) -> Readings | None:
        with self._reading:
            if clock.monotonic() >= self._until:
                self._last = self._read()
                self._until = clock.monotonic() + FRESH
            return self._last

    def _read(self) -> Readings | None:
        began = clock.monotonic()
        readings = self._once()
        # The connection was kept since the scrape before, and may have ended at once, with the server of that time.
        return readings or (self._once() if clock.monotonic() - began < AT_ONCE else None)

    def _once(self) -> Readings | None:
        try:
            with self._database.line(PATIENCE) as line:
                return read(line)
        except Exception as away:  # noqa: BLE001 - a scrape tells that it is away
            log.warning("the readings could not be taken (%s)", type(away).__name__)
            return None


def _plain(name: str, words: str, value: float) -> Gauge:
    return Gauge(name, words, value=value)


def _labelled(name: str, words: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]) -> Gauge:
    gauge = Gauge(name, words, labels=labels)
    for named, value in values:
        gauge.add_metric(named, value)
    return gauge


def _queue(depths: list[Depth]) -> Iterator[Gauge]:
    many = {(state, channel): 0.0 for state in STATES for channel in get_args(Medium)}
    oldest = dict(many)
    for depth in depths:
        place = (depth.state, depth.lane.partition(":")[0])
        many[place] = many.get(place, 0.0) + depth.many
        oldest[place] = max(oldest.get(place, 0.0), depth.oldest_seconds or 0.0)

    def of(state: str, told: dict[tuple[str, str], float]) -> list[tuple[tuple[str, ...], float]]:
        return [((channel,), value) for (stands, channel), value in told.items() if stands == state]

    yield _labelled("sayso_queue_depth", "Sends by where they stand, each lane and state counted up to 20000.", ("state", "channel"), many.items())
    yield _labelled("sayso_queue_oldest_seconds", "For how long the oldest approved send is due.", ("channel",), of("ready", oldest))
    yield _labelled("sayso_in_doubt", "Sends of which nobody knows whether the provider took them.", ("channel",), of("in_doubt", many))
    yield _labelled("sayso_in_doubt_oldest_seconds", "How long ago the oldest of them was called.", ("channel",), of("in_doubt", oldest))
    yield _labelled("sayso_dead_letters", "Sends that failed for good and wait for a person.", ("channel",), of("failed", many))


def _lanes(lanes: list[LaneReading]) -> Iterator[Gauge]:
    asked: dict[str, tuple[str, Callable[[LaneReading], bool]]] = {
        "sayso_lane_breaker_open": ("whose provider refuses us or does not answer", lambda lane: lane.breaker_open),
        "sayso_lane_resting": ("whose provider asked for a rest", lambda lane: lane.resting),
        "sayso_lane_paused": ("that an operator or the restore guard paused", lambda lane: lane.paused),
    }
    for name, (words, is_so) in asked.items():
        found: dict[tuple[str, ...], float] = {}
        for lane in lanes:
            place = (account_name(lane.lane),)
            found[place] = found.get(place, 0.0) + is_so(lane)
        yield _labelled(name, f"Lanes {words}; own accounts of businesses are counted together.", ("lane",), found.items())


def _rest(readings: Readings) -> Iterator[Gauge]:
    waiting, inbox = readings.waiting, readings.inbox
    yield _plain("sayso_approvals_waiting", "Requests that wait for a person.", waiting.many)
    yield _plain("sayso_approvals_waiting_oldest_seconds", "How long ago the oldest of them was made.", waiting.oldest_seconds)
    yield _plain("sayso_approvals_ending", "Those that end undecided within 15 minutes.", waiting.ending)
    yield _plain("sayso_inbox_waiting", "Providers' events that are not worked off.", inbox.many)
    yield _plain("sayso_inbox_lag_seconds", "For how long the oldest of them is due.", inbox.lag_seconds)
    yield _plain("sayso_inbox_dead", "Providers' events that were given up and kept.", inbox.dead)
    at_work = readings.at_work
    yield _labelled("sayso_processes_alive", "Processes whose heart beats.", ("process",), [((it.process,), float(it.many)) for it in at_work])
    skews = [((it.process,), it.skew_seconds) for it in at_work]
    yield _labelled("sayso_clock_skew_seconds", "By how much the worst clock of their hosts differs from the database's.", ("process",), skews)
