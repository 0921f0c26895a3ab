"""Redis flushed, killed, absent, frozen, slow, or deaf on the wire: tickets are lost, messages are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis

from embedded.servers import Servers
from tests.faults.checker import reconcile
from tests.faults.conftest import Grounds
from tests.fixtures.proxy import FORWARD, Proxy, Rule
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import took, until

FLUSHED_S = 5.0
"""DESIGN's figure for sending to go on after a FLUSHALL."""
BACK_S = 10.0
MANY = 16


class OwnRedis:
    """A Valkey of a test's own behind a proxy, which may be killed and started again."""

    def __init__(self, place: Path) -> None:
        self._servers = Servers(place, durable=False)
        self.proxy = Proxy(self._servers.redis_url.removeprefix("unix://").partition("?")[0])
        self.url = f"redis://127.0.0.1:{self.proxy.port}/0"
        self.process: psutil.Process | None = None

    def start(self) -> None:
        """Start, or start again, empty."""
        self._servers.start(postgres=False)
        with redis.Redis.from_url(self._servers.redis_url) as client:
            self.process = psutil.Process(client.info("server")["process_id"])

    def kill(self) -> None:
        """`kill -9`."""
        if self.process:
            self.process.kill()
        self._servers.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OwnRedis]:
    """Not started yet."""
    made = OwnRedis(tmp_path / "redis")
    with made.proxy:
        yield made
        made.kill()


@pytest.fixture
def play(grounds: Grounds, own: OwnRedis) -> Iterator[Stage]:
    """A stage on that Redis."""
    with grounds.stage(SAYSO_REDIS_URL=own.url) as ready:
        yield ready


def _send_slowly(stage: Stage) -> None:
    stage.approve(MANY)
    stage.hush()
    stage.stub.tell(*["accept_then_slow"] * MANY)
    stage.start("clock")
    stage.start("worker")
    until(lambda: len(stage.entries()) >= 2, 15, "the calls did not begin")


def test_sending_goes_on_when_redis_is_flushed_again_and_again(stage: Stage, figures: dict[str, Any]) -> None:
    _send_slowly(stage)
    with redis.Redis.from_url(stage.settings.redis_url) as client:
        client.flushdb()
        before = len(stage.entries())
        figures["flushed to next call s"] = took(lambda: len(stage.entries()) > before + 4, FLUSHED_S, "sending did not go on")
        client.flushdb()
    stage.settle()
    reconcile(stage).insist(doubts=0)


def test_what_is_approved_after_a_flush_is_sent_in_time_when_every_ring_was_lost(stage: Stage, figures: dict[str, Any]) -> None:
    stage.start("clock")
    stage.start("worker")
    stage.approve(1)
    stage.settle()
    (one,) = stage.approve(1)
    with redis.Redis.from_url(stage.settings.redis_url) as client:
        client.flushdb()
    figures["flushed to sent s"] = took(lambda: stage.states()[one] == "sent", FLUSHED_S, "it was not sent")
    stage.settle()
    reconcile(stage).insist(doubts=0)


def test_nothing_is_lost_when_redis_is_killed_and_comes_back(play: Stage, own: OwnRedis, figures: dict[str, Any]) -> None:
    own.start()
    _send_slowly(play)
    own.kill()
    until(lambda: len(play.entries()) >= 4, 10, "calls in flight did not end")
    own.start()
    figures["killed Redis back to at rest s"] = took(lambda: not play.unquiet(), BACK_S, "sending did not go on")
    reconcile(play).insist(doubts=0)


def test_everything_is_sent_when_redis_comes_only_later(play: Stage, own: OwnRedis) -> None:
    play.start("clock")
    play.start("worker")
    play.approve(3)
    until(lambda: "Redis does not answer" in play.words(), 10, "nobody noticed")
    own.start()
    play.settle()
    until(lambda: "Redis answers again" in play.words(), 10, "nobody noticed that it is back")
    reconcile(play).insist(doubts=0)


def test_everything_is_sent_when_redis_never_comes(play: Stage) -> None:
    play.approve(3)
    play.start("clock")
    play.start("worker")
    play.settle()
    reconcile(play).insist(doubts=0)


def test_nothing_is_lost_when_redis_is_frozen_for_a_while(play: Stage, own: OwnRedis) -> None:
    own.start()
    _send_slowly(play)
    assert own.process
    own.process.suspend()
    until(lambda: "Redis does not answer" in play.words(), 10, "nobody noticed")
    own.process.resume()
    play.settle()
    reconcile(play).insist(doubts=0)


@pytest.mark.parametrize(
    "rule",
    [Rule("swallow", times=6), Rule("cut", times=12), Rule("cut", after=3, times=12), Rule(delay=0.15), Rule("refuse")],
    ids=["swallowed", "cut", "cut within", "slow", "refused"],
)
def test_nothing_is_twice_or_lost_when_replies_of_redis_are(play: Stage, own: OwnRedis, rule: Rule) -> None:
    own.start()
    play.start("clock")
    play.start("worker")
    own.proxy.obey(rule)
    play.approve(MANY)
    until(lambda: own.proxy.rule is FORWARD or rule.do in ("forward", "refuse") or own.proxy.losses >= 4, 15, "the rule never struck")
    own.proxy.obey(FORWARD)
    play.settle()
    reconcile(play).insist(doubts=0)
