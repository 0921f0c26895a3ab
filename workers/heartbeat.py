"""The heartbeat of this process: a row that says it runs, gone when it stops in order."""

from __future__ import annotations

import logging

from kernel.db import Database
from kernel.keys import new_id
from outbox.heartbeats import PERIOD, Process, beat, end
from workers.rounds import Rounds

log = logging.getLogger("sayso.heartbeat")


class Heart:
    """Beats as long as it is started."""

    def __init__(self, database: Database, process: Process) -> None:
        """`process`: what it is that runs here."""
        self._database = database
        self._process: Process = process
        self._name = new_id()
        self._rounds = Rounds("heartbeat", PERIOD, self._beat)

    def start(self) -> None:
        """Beat at once, then every few seconds."""
        self._rounds.once()
        self._rounds.start()

    def stop(self) -> None:
        """Say that it ended; where that cannot be said, silence does."""
        self._rounds.stop()
        try:
            with self._database.line(seconds=2) as line:
                end(line, self._name)
        except Exception as fault:  # noqa: BLE001 - a process that stops stops
            log.warning("the end could not be noted (%s)", type(fault).__name__)

    def _beat(self) -> None:
        with self._database.line(seconds=PERIOD) as line:
            beat(line, self._process, self._name)
