"""What the clock does again and again: how a job is declared, and how one works off what it finds, each by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from kernel.db import Database
from kernel.settings import Settings
from kernel.traces import Span

log = logging.getLogger("sayso.clock")
Job = Callable[[Database], object]
Writing = Callable[[Database, Settings], object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Means:
    """What jobs work with."""

    database: Database
    """The worker role's."""
    gate: Database
    """The web role's: what is asked for by itself meets the same walls as an agent's call."""
    settings: Settings


Asking = Callable[[Means], object]


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job and its period in seconds."""

    seconds: float
    name: str
    run: Asking


JOBS: list[Periodic] = []


def every(seconds: float) -> Callable[[Job], Job]:
    """Declare a periodic job; it gets the worker role's database."""

    def declare(job: Job) -> Job:
        JOBS.append(Periodic(seconds, job.__name__, lambda means: job(means.database)))
        return job

    return declare


def every_letter(seconds: float) -> Callable[[Writing], Writing]:
    """Declare a periodic job that writes letters; it gets the settings too, for their links' secrets."""

    def declare(job: Writing) -> Writing:
        JOBS.append(Periodic(seconds, job.__name__, lambda means: job(means.database, means.settings)))
        return job

    return declare


def every_asking(seconds: float) -> Callable[[Asking], Asking]:
    """Declare a periodic job that asks at the gate."""

    def declare(job: Asking) -> Asking:
        JOBS.append(Periodic(seconds, job.__name__, job))
        return job

    return declare


def each(job: str, found: Iterable[tuple[str, T]], act: Callable[[T], object]) -> None:
    """Do it with each of them, found by name, as a trace of its own; one that fails keeps nobody else's back."""
    for name, one in found:
        try:
            with Span(job):
                act(one)
        except Exception as bug:  # noqa: BLE001 - the next one has its turn; its words may quote a customer
            log.warning("%s could not be worked off (%s)", name, type(bug).__name__)
