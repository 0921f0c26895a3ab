"""What a ticket for a lane does: run the lane's pump for a slice, or nudge it when it is running here already."""

from __future__ import annotations

from functools import partial
from threading import Lock

from kernel.db import Database
from kernel.failpoints import Instant, reach
from kernel.settings import Settings
from outbox import wake
from workers.calls import Calls
from workers.hands import Hands
from workers.pump import Pump

SLICE_SECONDS = 5.0


class Drains:
    """The pumps of this process, one a lane."""

    def __init__(self, settings: Settings, database: Database, calls: Calls) -> None:
        """The database must be the worker role's."""
        self._settings = settings
        self._database = database
        self._calls = calls
        self._pumps: dict[str, Pump] = {}
        self._running: dict[str, Lock] = {}
        self._making = Lock()
        self._hands = Hands("call")
        self._halted = False

    def drain(self, lane: str) -> None:
        """Pump the lane for a slice, then leave a ticket if work may remain: a slow lane cannot starve the others."""
        pump, running = self._pump(lane)
        if self._halted or not running.acquire(blocking=False):
            pump.nudge()
            return
        reach(Instant.TICKET_TAKEN)
        try:
            more = pump.run(self._database, SLICE_SECONDS, partial(wake.ring, [lane]))
        finally:
            running.release()
        if more:
            wake.ring([lane])

    def halt(self) -> None:
        """Claim nothing more in this process."""
        with self._making:
            self._halted = True
            for pump in self._pumps.values():
                pump.halt()

    def _pump(self, lane: str) -> tuple[Pump, Lock]:
        with self._making:
            if lane not in self._pumps:
                self._pumps[lane] = Pump(self._settings, lane, self._hands, partial(self._calls.call, lane))
                self._running[lane] = Lock()
            return self._pumps[lane], self._running[lane]
