"""PostgreSQL stopped at once or killed in the middle and started again: sending goes on in time, nothing twice, nothing lost."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embedded.servers import Servers
from kernel.roles import Role
from tests.faults.checker import reconcile
from tests.fixtures.nursery import Nursery
from tests.fixtures.postmaster import restart, strike
from tests.fixtures.stage import Stage, ground, stage_on
from tests.fixtures.waiting import took, until

RESTARTED_S = 15.0
"""DESIGN's figure for sending to go on after PostgreSQL is back."""
MANY = 24
WAYS = {"immediate": signal.SIGQUIT, "kill -9": signal.SIGKILL, "fast": signal.SIGINT}


@pytest.fixture(scope="module")
def sturdy() -> Iterator[Servers]:
    """Servers of this module's own, durable: what is committed must survive."""
    with tempfile.TemporaryDirectory(prefix="sayso-test-") as home:
        Path(home).chmod(0o711)
        with Servers(Path(home)) as running:
            yield running


@pytest.fixture
def play(sturdy: Servers, nursery: Nursery, tmp_path: Path) -> Iterator[Stage]:
    """A stage on them."""
    with stage_on(ground(sturdy, 1), nursery, tmp_path / "play") as ready:
        yield ready


def _answers(stage: Stage) -> bool:
    return stage.pools[Role.OWNER].reachable()


@pytest.mark.parametrize("way", WAYS)
def test_sending_goes_on_in_time_when_postgresql_is_restarted(sturdy: Servers, play: Stage, figures: dict[str, Any], way: str) -> None:
    play.approve(MANY)
    play.hush()
    play.stub.tell(*["accept_then_slow"] * MANY)
    play.start("clock")
    play.start("worker")
    play.start("worker")
    until(lambda: len(play.entries()) >= 6, 15, "the calls did not begin")
    strike(sturdy, WAYS[way])
    before = len(play.entries())
    restart(sturdy)
    until(lambda: _answers(play), 30, "PostgreSQL did not come back")
    figures[f"{way}: back to next call s"] = took(lambda: len(play.entries()) > before, RESTARTED_S, "sending did not go on")
    play.settle(RESTARTED_S)
    reconcile(play).insist(doubts=2 * 4)


def test_a_callback_is_not_acknowledged_when_it_cannot_be_stored(sturdy: Servers, play: Stage) -> None:
    (intent,) = play.approve(1)
    play.start("clock")
    play.start("worker")
    play.start("web")
    play.settle()
    (entry,) = play.entries()
    callback = play.callback(entry, "delivered")
    strike(sturdy, signal.SIGQUIT)
    assert play.post(callback) >= 500
    restart(sturdy)
    until(lambda: _answers(play), 30, "PostgreSQL did not come back")
    assert play.post(callback) == 204
    until(lambda: play.states()[intent] == "delivered", 15, "the callback was not applied")
    reconcile(play).insist(doubts=0)
