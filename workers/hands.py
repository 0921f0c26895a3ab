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
        """Start these jobs; none of them may raise.

        On a machine that gives no more threads they wait for those there are; without any, they are done here and now.
        """
        with self._counting:
            self._busy += len(jobs)
            while len(self._threads) < self._busy and self._grow():
                pass
            waiting = bool(self._threads)
        for job in jobs:
            if waiting:
                self._jobs.put(job)
            else:
                self._do(job)

    def _grow(self) -> bool:
        thread = Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            log.warning("no thread can be started; %s work for %s jobs", len(self._threads), self._busy)
            return False
        self._threads.append(thread)
        return True

    def _work(self) -> None:
        while True:
            self._do(self._jobs.get())

    def _do(self, job: Job) -> None:
        try:
            job()
        except Exception as bug:  # noqa: BLE001 - a thread that died of it would be missing; its words may quote a customer
            log.warning("a job raised %s", type(bug).__name__)
        finally:
            with self._counting:
                self._busy -= 1
