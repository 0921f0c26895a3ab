"""While Redis is away: the worker looks for due work itself, once a second, and drains it without a ticket."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from kernel.db import Database
from outbox.store import due
from outbox.wake import INBOX
from workers.rounds import Rounds
from workers.wake import Outage

PERIOD = 1.0
HANDS = 4


class Fallback:
    """Calls `work(lane)` for every due lane as long as the outage lasts."""

    def __init__(self, outage: Outage, database: Database, work: Callable[[str], None]) -> None:
        """`work` drains a lane, or receives for the lane `inbox`; a lane that is drained already is only nudged."""
        self._outage = outage
        self._database = database
        self._work = work
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="fallback")
        self._rounds = Rounds("fallback", PERIOD, self._look)

    def start(self) -> None:
        """Begin to watch."""
        self._rounds.start()

    def stop(self) -> None:
        """End, once the lanes that are drained by it have come to a halt."""
        self._rounds.stop()
        self._hands.shutdown()

    def _look(self) -> None:
        if not self._outage.lasts:
            return
        with self._database.line() as line:
            lanes, inbox = due(line)
        for lane in [*lanes, *([INBOX] if inbox else [])]:
            self._hands.submit(self._work, lane)
