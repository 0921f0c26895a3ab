"""The threads that call providers: made when they are needed, kept for the next call, shared by all lanes of a process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Lock, Thread

log = logging.getLogger("sayso.hands")
Job = Callable[[], object]


class Hands:
    """Runs each job at once in a thread of its own; how many there may be is bounded by those who give the jobs.

    What a pool of the standard library adds, a future for every call, would be a sixth of what a message costs.
    """

    def __init__(self, name: str) -> None:
        """No thread exists before the first job."""
        self._name = name
        self._jobs: SimpleQueue[Job] = SimpleQueue()
        self._counting = Lock()
        self._busy = 0
        self._threads: list[Thread] = []

    def give(self, jobs: Sequence[Job]) -> None:
        """Start these jobs; none of them may raise."""
        with self._counting:
            self._busy += len(jobs)
            missing = self._busy - len(self._threads)
            for _ in range(missing):
                thread = Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        for job in jobs:
            self._jobs.put(job)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                job()
            except Exception as bug:  # noqa: BLE001 - a thread that died of it would be missing; its words may quote a customer
                log.warning("a job raised %s", type(bug).__name__)
            finally:
                with self._counting:
                    self._busy -= 1
