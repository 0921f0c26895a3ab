"""Losing Redis loses nothing: with the bell, without it, and after a FLUSHALL, what was approved leaves once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from kernel.clock import monotonic, pause
from outbox import wake
from processes.parts import Ticking, Works, close_broker, open_broker
from providers.sandbox import read
from tests.factories import Bench, Desk
from workers.wake import WakeBroker


@pytest.fixture
def broker(desk: Desk) -> Iterator[WakeBroker]:
    redis.Redis.from_url(desk.settings.redis_url).flushall()
    opened = open_broker(desk.settings)
    yield opened
    close_broker(opened)


@pytest.fixture
def works(desk: Desk, broker: WakeBroker) -> Iterator[Works]:
    parts = Works(desk.settings, broker)
    parts.start()
    yield parts
    parts.stop()


@pytest.fixture
def ticking(desk: Desk) -> Iterator[Ticking]:
    part = Ticking(desk.settings)
    part.start()
    yield part
    part.stop()


def texts(desk: Desk) -> list[str]:
    return sorted(message.body for message in read(desk.settings.data_dir) if message.channel == "sms")


def wait_for(desk: Desk, wanted: list[str], seconds: float = 15.0) -> None:
    ends = monotonic() + seconds
    while texts(desk) != wanted and monotonic() < ends:
        pause(0.02)
    assert texts(desk) == wanted


@pytest.mark.usefixtures("works")
def test_the_bell_alone_is_enough_when_there_is_no_clock(desk: Desk) -> None:
    desk.approved("Rung.")
    wait_for(desk, ["Rung."])


@pytest.mark.usefixtures("works", "ticking")
def test_the_clock_alone_is_enough_when_every_ring_is_lost(desk: Desk) -> None:
    ringer = list(wake._installed)
    wake.install(None)
    desk.approved("Unrung.")
    wake.install(ringer[0])
    wait_for(desk, ["Unrung."])


@pytest.mark.usefixtures("ticking")
def test_nothing_is_lost_when_redis_is_flushed_with_tickets_waiting(desk: Desk, broker: WakeBroker) -> None:
    wanted = sorted(f"Number {number:02}." for number in range(20))
    for words in wanted:
        desk.approved(words)
    redis.Redis.from_url(desk.settings.redis_url).flushall()
    parts = Works(desk.settings, broker)
    parts.start()
    try:
        wait_for(desk, wanted)
    finally:
        parts.stop()
    assert texts(desk) == wanted


def test_a_worker_drains_by_itself_when_redis_was_never_there(desk: Desk) -> None:
    alone = desk.settings.model_copy(update={"redis_url": f"unix://{desk.settings.data_dir}/nobody.sock?db=0"})
    opened = open_broker(alone)
    parts = Works(alone, opened)
    parts.start()
    try:
        desk.approved("Alone.")
        wait_for(desk, ["Alone."])
    finally:
        parts.stop()
        close_broker(opened)


def test_nothing_moves_when_there_is_neither_bell_nor_clock(desk: Desk, bench: Bench) -> None:
    """The negative control: the row waits, whole, for whoever comes."""
    pending = desk.approved("Waiting.")
    assert texts(desk) == []
    assert desk.send(pending).state == "ready"
    bench.drain()
    assert desk.send(pending).state == "sent"
