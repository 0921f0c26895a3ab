"""Something done again and again in a thread of its own, which no failure ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread

log = logging.getLogger("sayso.rounds")


class Rounds:
    """Does `job` every so many seconds until stopped."""

    def __init__(self, name: str, seconds: float, job: Callable[[], object]) -> None:
        """Nothing runs before `start`."""
        self._name = name
        self._seconds = seconds
        self._job = job
        self._stopped = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    @property
    def ending(self) -> bool:
        """Whether it was told to stop: a job of many parts may leave the rest."""
        return self._stopped.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that runs now."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def once(self) -> None:
        """One round; a failure is logged by its name only, for its words may quote a customer."""
        try:
            self._job()
        except Exception as fault:  # noqa: BLE001 - the next round tries again
            log.warning("%s failed (%s); trying again in %s s", self._name, type(fault).__name__, self._seconds)

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            self.once()
