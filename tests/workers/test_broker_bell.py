"""The bell without a server: silent, shared and harmless; and what an actor does when its body fails."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import redis

from outbox import wake
from workers.broker import connect
from workers.tickets import Tickets, declare
from workers.wake import Post, WakeBroker

NOWHERE = "unix:///nowhere/valkey.sock"


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    yield
    wake.install(None)


class Counter(WakeBroker):
    """Notes what would be posted, and holds the first post until it is let go."""

    def __init__(self) -> None:
        super().__init__(connect(NOWHERE).lines, middleware=[])
        self.posted: list[list[str]] = []
        self.fault: type[BaseException] | None = None
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def post(self, posts: Iterable[Post], line: redis.Redis) -> None:
        assert line is self.lines.ring
        if self.fault:
            raise self.fault
        self.posted.append([post.last.rsplit("ticket:", 1)[1] for post in posts])
        self.begun.set()
        self.let_go.wait(10)


def test_ring_is_silent_until_someone_is_installed() -> None:
    heard: list[Any] = []
    wake.ring(["sms:twilio"])
    wake.install(heard.append)
    wake.ring([])
    wake.ring(lane for lane in ("sms:twilio", "sms:twilio"))
    wake.install(None)
    wake.ring(["inbox"])
    assert heard == [{"sms:twilio"}]


def test_ring_never_raises_when_its_ringer_does(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_lanes: object) -> None:
        raise RuntimeError

    wake.install(broken)
    wake.ring(["sms:twilio"])
    assert "a ring was lost" in caplog.text


def test_burst_of_rings_shares_a_round_trip() -> None:
    broker = Counter()
    tickets = Tickets(broker)
    first = threading.Thread(target=tickets.ring, args=(["first"],))
    first.start()
    assert broker.begun.wait(10)
    for n in range(40):
        tickets.ring([f"lane:{n % 3}"])
    assert broker.posted == [["first"]]
    broker.let_go.set()
    first.join(10)
    tickets.ring(["last"])
    assert len(broker.posted) <= 3
    assert {lane for lanes in broker.posted for lane in lanes} == {"first", "lane:0", "lane:1", "lane:2", "last"}


@pytest.mark.parametrize("fault", [TypeError, KeyboardInterrupt])
def test_ring_works_again_when_a_post_broke(fault: type[BaseException]) -> None:
    broker = Counter()
    broker.let_go.set()
    tickets = Tickets(broker)
    broker.fault = fault
    with suppress(KeyboardInterrupt):
        tickets.ring(["lost"])
    broker.fault = None
    tickets.ring(["sms:twilio"])
    assert broker.posted == [["sms:twilio"]]


def test_ring_asks_redis_once_a_second_when_it_is_away(caplog: pytest.LogCaptureFixture) -> None:
    broker = connect(NOWHERE)
    tickets = Tickets(broker)
    for _ in range(1000):
        tickets.ring(["sms:twilio"])
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "nowhere" not in caplog.text


@pytest.mark.parametrize("call", [lambda broker: broker.get_actor("drain")("sms:twilio"), lambda broker: broker.get_actor("receive")()])
def test_failed_body_is_logged_without_its_words(call: Callable[[WakeBroker], None], caplog: pytest.LogCaptureFixture) -> None:
    def body(*_lane: str) -> None:
        msg = "could not send 'your code is 123456'"
        raise LookupError(msg)

    broker = connect(NOWHERE)
    declare(broker, drain=body, receive=body)
    call(broker)
    assert "LookupError at test_broker_bell.py" in caplog.text
    assert "123456" not in caplog.text


@pytest.mark.parametrize("url", ["redis://:secret@localhost:6390/2", "unix:///tmp/valkey.sock?db=1", "rediss://example.test"])
def test_no_line_waits_for_ever_or_repeats_a_command(url: str) -> None:
    lines = connect(url).lines
    for line in (lines.work, lines.wake, lines.ring):
        connection: Any = line.connection_pool.make_connection()
        assert connection.retry.get_retries() == 0
        assert 0 < connection.socket_timeout <= 1.5
        assert 0 < connection.socket_connect_timeout <= 1


def test_delayed_ticket_is_refused() -> None:
    broker = connect(NOWHERE)
    declare(broker, drain=print, receive=print)
    with pytest.raises(ValueError, match="never delayed"):
        broker.get_actor("drain").send_with_options(args=("sms:twilio",), delay=1)
    assert not broker.get_declared_delay_queues()
