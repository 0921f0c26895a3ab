"""The pump of one lane: ticks that claim and start, calls in threads, outcomes that ride in the next tick.

Self-clocking: while a commit is on its way, whatever finishes meanwhile joins the next one. A claim is a start, and only
as many rows are claimed as there are free slots, so after a crash exactly the calls in flight are in doubt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event
from uuid import UUID

import psycopg
from sqlalchemy.exc import OperationalError

from kernel import clock
from kernel.db import Database, KeptLine
from kernel.keys import new_id
from kernel.settings import Settings
from outbox.accounts import channel_of
from outbox.claims import START_OF_ROUND, Ask, Place
from outbox.states import Claimed
from outbox.store import Finished, release, tick
from workers.hands import Hands
from workers.meters import CLAIMED, TICKS

log = logging.getLogger("sayso.pump")
REPORT_PATIENCE = 20.0
"""Seconds for which finished calls are kept while the database is away; after that their leases speak for them."""
FIRST_CRY, LONGEST_PAUSE = 0.05, 1.0
"""Seconds between two cries for help while there is more work than slots: the first pause, doubled each time up to the longest."""
Caller = Callable[[Claimed, float], Finished]


class Cry:
    """Lets others know that there is more work than slots, ever more seldom: a ticket for them may end up here again."""

    def __init__(self, hands: Hands, crowded: Callable[[], None]) -> None:
        """`crowded` runs in a hand, so that a slow Redis holds up no tick."""
        self._hands = hands
        self._crowded = crowded
        self._pause = FIRST_CRY
        self._next = 0.0

    def for_help(self) -> None:
        """Cry, unless the last one was a moment ago."""
        now = clock.monotonic()
        if now >= self._next:
            self._next, self._pause = now + self._pause, min(2 * self._pause, LONGEST_PAUSE)
            self._hands.give([self._crowded])


class Pump:
    """Drains one lane for a slice of time; only one thread may `run` it at once."""

    def __init__(self, settings: Settings, lane: str, hands: Hands, call: Caller) -> None:
        """`call` dials one claimed row before a deadline on the monotonic clock and never raises."""
        self._settings = settings
        self._lane = lane
        self._hands = hands
        self._call = call
        self._done: SimpleQueue[Finished | None] = SimpleQueue()
        self._flying: set[tuple[UUID, int]] = set()
        self._unreported: list[Finished] = []
        self._halted = Event()
        self._place = START_OF_ROUND
        self._ticks, self._claimed = TICKS.labels(channel_of(lane)), CLAIMED.labels(channel_of(lane))

    def nudge(self) -> None:
        """Say that there may be new work."""
        self._done.put(None)

    def halt(self) -> None:
        """Claim no more; calls in flight finish and are recorded."""
        self._halted.set()
        self.nudge()

    def run(self, database: Database, seconds: float, crowded: Callable[[], None]) -> bool:
        """Drain until the lane is empty or the slice ends; True when work may remain.

        `crowded` is called, in a thread of its own, when there is more work than slots: others may come and help.
        """
        with database.kept_line() as kept:
            return self._turn(kept, clock.monotonic() + seconds, Cry(self._hands, crowded))

    def _turn(self, kept: KeptLine, ends: float, cry: Cry) -> bool:
        ask = Ask(self._lane, new_id(), 0, self._settings.lease_seconds, self._place)
        wants = True
        while True:
            claiming = not self._halted.is_set() and clock.monotonic() < ends
            free = self._settings.slots - len(self._flying) if claiming and wants else 0
            # Read before the tick: the lease cannot have begun earlier, however long its answer took to reach us.
            began = clock.monotonic()
            started = self._tick(kept, replace(ask, slots=free, after=self._place)) if free or self._unreported else []
            self._start(started, began + self._settings.dial_within)
            if free and len(started) == free:
                cry.for_help()
            if not self._flying:
                return bool(started) or (wants and not claiming and not self._halted.is_set())
            self._gather()
            wants = True

    def _start(self, started: list[Claimed], deadline: float) -> None:
        for claimed in started:
            self._place = Place(claimed.priority, claimed.workspace_id)
            self._flying.add((claimed.intent_id, claimed.attempt))
        self._hands.give([partial(self._dial, claimed, deadline) for claimed in started])

    def _dial(self, claimed: Claimed, deadline: float) -> None:
        self._done.put(self._call(claimed, deadline))

    def _gather(self) -> None:
        """Wait until a call ends or somebody nudges, and take all that ended meanwhile."""
        arrived = [self._done.get()]
        with suppress(Empty):
            while True:
                arrived.append(self._done.get_nowait())
        finished = [done for done in arrived if done is not None]
        self._flying.difference_update((done.claimed.intent_id, done.claimed.attempt) for done in finished)
        self._unreported.extend(finished)

    def _tick(self, kept: KeptLine, ask: Ask) -> list[Claimed]:
        """One tick, tried again on a new connection while the database is away; what finished is never forgotten."""
        patience = clock.monotonic() + REPORT_PATIENCE
        lost = False
        while True:
            try:
                claimed = self._tick_once(kept, ask, lost=lost)
            except (psycopg.OperationalError, OperationalError) as away:
                if clock.monotonic() > patience:
                    raise
                lost = True
                log.warning("the database does not answer (%s); trying again", type(away).__name__)
                clock.pause(0.2)
            else:
                self._unreported.clear()
                return claimed

    def _tick_once(self, kept: KeptLine, ask: Ask, *, lost: bool) -> list[Claimed]:
        with kept.use(self._settings.lease_seconds / 2) as line:
            if lost:
                release(line, ask, self._known())
            claimed = tick(line, ask, self._unreported)
        self._ticks.inc()
        self._claimed.inc(len(claimed))
        return claimed

    def _known(self) -> set[tuple[UUID, int]]:
        return {*self._flying, *((done.claimed.intent_id, done.claimed.attempt) for done in self._unreported)}
