"""While Redis is away: the worker looks for due work itself, once a second, and drains it without a ticket."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

from kernel.db import Database
from outbox.store import due
from outbox.wake import INBOX
from workers.wake import Outage

log = logging.getLogger("sayso.fallback")
PERIOD = 1.0
HANDS = 4


class Fallback:
    """Calls `work(lane)` for every due lane as long as the outage lasts."""

    def __init__(self, outage: Outage, database: Database, work: Callable[[str], None]) -> None:
        """`work` drains a lane, or receives for the lane `inbox`; a lane that is drained already is only nudged."""
        self._outage = outage
        self._database = database
        self._work = work
        self._stopped = Event()
        self._thread = Thread(target=self._watch, name="fallback", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End, once the lanes that are drained by it have come to a halt."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        with ThreadPoolExecutor(HANDS, thread_name_prefix="fallback") as hands:
            while not self._stopped.wait(PERIOD):
                if self._outage.lasts:
                    self._look(hands)

    def _look(self, hands: ThreadPoolExecutor) -> None:
        try:
            with self._database.line() as line:
                lanes, inbox = due(line)
        except Exception as away:  # noqa: BLE001 - the database may be away as well; the next second looks again
            log.warning("the database does not answer either (%s)", type(away).__name__)
            return
        for lane in [*lanes, *([INBOX] if inbox else [])]:
            hands.submit(self._work, lane)
