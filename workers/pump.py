"""The pump of one lane: ticks that claim and start, calls in threads, outcomes that ride in the next tick.

Self-clocking: while a commit is on its way, whatever finishes meanwhile joins the next one. A claim is a start, and only
as many rows are claimed as there are free hands, so after a crash exactly the calls in flight are in doubt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Event
from uuid import UUID

import psycopg
from sqlalchemy.exc import OperationalError

from kernel import clock
from kernel.db import Database
from kernel.keys import new_id
from kernel.settings import Settings
from outbox.claims import START_OF_ROUND, Ask, Place
from outbox.states import Claimed
from outbox.store import Finished, release, tick

log = logging.getLogger("sayso.pump")
REPORT_PATIENCE = 20.0
"""Seconds for which finished calls are kept while the database is away; after that their leases speak for them."""
Caller = Callable[[Claimed, float], Finished]


class Pump:
    """Drains one lane for a slice of time; only one thread may `run` it at once."""

    def __init__(self, settings: Settings, lane: str, database: Database, call: Caller) -> None:
        """`call` dials one claimed row before a deadline on the monotonic clock and never raises."""
        self._settings = settings
        self._lane = lane
        self._database = database
        self._call = call
        self._slots = settings.slots
        self._done: SimpleQueue[Finished | None] = SimpleQueue()
        self._flying: set[tuple[UUID, int]] = set()
        self._unreported: list[Finished] = []
        self._halted = Event()
        self._place = START_OF_ROUND

    def nudge(self) -> None:
        """Say that there may be new work."""
        self._done.put(None)

    def halt(self) -> None:
        """Claim no more; calls in flight finish and are recorded."""
        self._halted.set()
        self.nudge()

    def run(self, seconds: float) -> bool:
        """Drain until the lane is empty or the slice ends; True when work may remain."""
        ask = Ask(self._lane, new_id(), self._slots, self._settings.lease_seconds, self._place)
        with ThreadPoolExecutor(self._slots, thread_name_prefix=f"call-{self._lane}") as hands:
            return self._turn(ask, hands, clock.monotonic() + seconds)

    def _turn(self, ask: Ask, hands: ThreadPoolExecutor, ends: float) -> bool:
        wants = True
        while True:
            claiming = not self._halted.is_set() and clock.monotonic() < ends
            free = self._slots - len(self._flying) if claiming and wants else 0
            # Read before the tick: the lease cannot have begun earlier, however long its answer took to reach us.
            deadline = clock.monotonic() + self._settings.dial_within
            started = self._tick(replace(ask, slots=free, after=self._place)) if free or self._unreported else []
            for claimed in started:
                self._place = Place(claimed.priority, claimed.workspace_id)
                self._flying.add((claimed.intent_id, claimed.attempt))
                hands.submit(self._dial, claimed, deadline)
            if not self._flying:
                return bool(started) or (wants and not claiming and not self._halted.is_set())
            wants = self._gather() or bool(started)

    def _dial(self, claimed: Claimed, deadline: float) -> None:
        self._done.put(self._call(claimed, deadline))

    def _gather(self) -> bool:
        """Wait until a call ends or somebody nudges, take all that ended meanwhile; True when a hand is free to claim."""
        arrived = [self._done.get()]
        try:
            while True:
                arrived.append(self._done.get_nowait())
        except Empty:
            pass
        finished = [done for done in arrived if done is not None]
        self._flying.difference_update((done.claimed.intent_id, done.claimed.attempt) for done in finished)
        self._unreported.extend(finished)
        return True

    def _tick(self, ask: Ask) -> list[Claimed]:
        """One tick, tried again on a new connection while the database is away; what finished is never forgotten."""
        patience = clock.monotonic() + REPORT_PATIENCE
        lost = False
        while True:
            try:
                claimed = self._tick_once(ask, lost=lost)
            except (psycopg.OperationalError, OperationalError) as away:
                if clock.monotonic() > patience:
                    raise
                lost = True
                log.warning("the database does not answer (%s); trying again", type(away).__name__)
                clock.pause(0.2)
            else:
                self._unreported.clear()
                return claimed

    def _tick_once(self, ask: Ask, *, lost: bool) -> list[Claimed]:
        with self._database.line(self._settings.lease_seconds / 2) as line:
            if lost:
                release(line, ask, self._known())
            return tick(line, ask, self._unreported)

    def _known(self) -> set[tuple[UUID, int]]:
        return {*self._flying, *((done.claimed.intent_id, done.claimed.attempt) for done in self._unreported)}
