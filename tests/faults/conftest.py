"""Stages for plays of faults: a few per test process, each with a database and a Redis of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any

import pytest

from embedded.servers import Servers
from tests.fixtures.nursery import Nursery
from tests.fixtures.stage import Ground, Stage, ground, stage_on

MOST = 12


class Grounds:
    """Grounds to stand on, made when first needed and used again."""

    def __init__(self, servers: Servers, nursery: Nursery, place: Path) -> None:
        """Valkey has sixteen databases; the first is everybody's."""
        self._servers, self._nursery, self._place = servers, nursery, place
        self._free: SimpleQueue[Ground] = SimpleQueue()
        self._numbers = count(1)
        self._plays = count(1)
        self._making = Lock()

    @contextmanager
    def stage(self, **environment: str) -> Iterator[Stage]:
        """A stage for one play; any number of threads may ask."""
        stood = self._take()
        try:
            with stage_on(stood, self._nursery, self._place / str(next(self._plays)), **environment) as stage:
                yield stage
        finally:
            self._free.put(stood)

    def _take(self) -> Ground:
        with self._making:
            if self._free.empty() and (number := next(self._numbers)) <= MOST:
                return ground(self._servers, number)
        return self._free.get()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where processes are born."""
    with Nursery() as running:
        yield running


@pytest.fixture(scope="session")
def grounds(servers: Servers, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory, migrated: object) -> Grounds:
    """The grounds of this test process."""
    return Grounds(servers, nursery, tmp_path_factory.mktemp("plays"))


@pytest.fixture
def stage(grounds: Grounds) -> Iterator[Stage]:
    """A stage for one test."""
    with grounds.stage() as ready:
        yield ready


@pytest.fixture(scope="module")
def figures(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What a module measured, printed at its end past every capture."""
    measured: dict[str, Any] = {}
    yield measured
    said = ", ".join(f"{name} {value:.2f}" if isinstance(value, float) else f"{name} {value}" for name, value in measured.items())
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        sys.stderr.write(f"\n{Path(str(request.node.path)).stem}: {said}\n")
