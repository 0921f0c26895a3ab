"""`/readyz` names what was struck down, within fifteen seconds, and what was not is not blamed for it."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
import redis

from embedded.servers import Servers
from tests.fixtures.nursery import Nursery
from tests.fixtures.postmaster import strike
from tests.fixtures.stage import Stage, ground, stage_on
from tests.fixtures.waiting import until

NAMED_S = 15.0
Told = tuple[int, list[str], list[str]]


@pytest.fixture(scope="module")
def doomed() -> Iterator[Servers]:
    """A pair of servers of this module's own."""
    with tempfile.TemporaryDirectory(prefix="sayso-test-") as home:
        Path(home).chmod(0o711)
        with Servers(Path(home), durable=False) as running:
            yield running


@pytest.fixture
def play(doomed: Servers, nursery: Nursery, tmp_path: Path) -> Iterator[Stage]:
    """A stage on them."""
    with stage_on(ground(doomed, 1), nursery, tmp_path / "play") as ready:
        yield ready


def told(stage: Stage) -> Told:
    answer = httpx2.get(f"{stage.settings.base_url}/readyz", timeout=NAMED_S)
    said: dict[str, Any] = answer.json()
    return answer.status_code, said["failing"], said["degraded"]


def named(stage: Stage, wanted: Told) -> None:
    until(lambda: told(stage) == wanted, NAMED_S, lambda: f"it says {told(stage)} instead of {wanted}")


def test_each_part_is_named_when_it_falls(doomed: Servers, play: Stage) -> None:
    play.start("web")
    assert told(play) == (200, [], ["clock", "worker"])
    worker, clock = play.start("worker"), play.start("clock")
    named(play, (200, [], []))
    worker.kill()
    named(play, (200, [], ["worker"]))
    clock.stop()
    named(play, (200, [], ["clock", "worker"]))
    with redis.Redis.from_url(doomed.redis_url) as client:
        psutil.Process(client.info("server")["process_id"]).kill()
    named(play, (200, [], ["clock", "redis", "worker"]))
    strike(doomed, signal.SIGQUIT)
    named(play, (503, ["database"], ["redis"]))
