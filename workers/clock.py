"""What happens by itself: each second the clock finds due work whose ring was lost, ends leases, and lets time run out.

Every job is conditional on what it finds, so any number of clocks may run at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

from approvals.expiry import expire
from kernel import clock
from kernel.db import Database
from outbox import wake
from outbox.store import due, retire, sweep

log = logging.getLogger("sayso.clock")
Job = Callable[[Database], object]
STEP = 0.25


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job and its period in seconds."""

    seconds: float
    run: Job


JOBS: list[Periodic] = []


def every(seconds: float) -> Callable[[Job], Job]:
    """Declare a periodic job; it gets the worker role's database."""

    def declare(job: Job) -> Job:
        JOBS.append(Periodic(seconds, job))
        return job

    return declare


@every(1)
def ring_again(database: Database) -> None:
    """Ring for every lane with due work: a lost ticket costs at most a second."""
    with database.line() as line:
        lanes, inbox = due(line)
    wake.ring([*lanes, *([wake.INBOX] if inbox else [])])


@every(1)
def end_leases(database: Database) -> None:
    """Put calls in doubt whose worker did not report back; expire what outlived its use."""
    with database.line() as line:
        sweep(line)


@every(1)
def expire_approvals(database: Database) -> None:
    """What nobody decided in time is never sent."""
    with database.transaction() as session:
        expire(session)


@every(5)
def wipe_secrets(database: Database) -> None:
    """Wipe links and codes that were sent or will never be."""
    with database.line() as line:
        retire(line)


class Clock:
    """Runs the jobs in one thread until stopped."""

    def __init__(self, database: Database) -> None:
        """The database must be the worker role's."""
        self._database = database
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="clock", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the job that runs now."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        due_at = dict.fromkeys(range(len(JOBS)), 0.0)
        while not self._stopped.wait(STEP):
            for number, job in enumerate(JOBS):
                if clock.monotonic() >= due_at[number]:
                    due_at[number] = clock.monotonic() + job.seconds
                    self._do(job)

    def _do(self, job: Periodic) -> None:
        try:
            job.run(self._database)
        except Exception as fault:  # noqa: BLE001 - the clock must go on; the next round tries again
            log.warning("%s failed (%s); trying again in %s s", getattr(job.run, "__name__", "job"), type(fault).__name__, job.seconds)
