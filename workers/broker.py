"""Dramatiq as Sayso uses it: a doorbell that may lose or repeat a ring, because every promise is kept by the database."""

from __future__ import annotations

import redis
from dramatiq import Worker
from redis.backoff import NoBackoff
from redis.retry import Retry

from workers.wake import Lines, WakeBroker

NAMESPACE = "sayso"
IDLE_MS = 500
"""An idle consumer looks for itself this often, and an idle thread sees a stop this late."""
WORK_SECONDS = 1.0
WAKE_SECONDS = IDLE_MS / 1000 + WORK_SECONDS
RING_SECONDS = 0.1
HEARTBEAT_MS = 30_000
"""As long as a lease: longer than any run of an actor, during which a full process fetches nothing and shows no pulse."""
MAINTENANCE_PER_MILLION = 100_000
"""One fetch in ten looks for tickets of dead workers; Dramatiq's own one in a thousand took 423 s to find them."""
DEAD_TICKET_MS = 3_600_000


def connect(redis_url: str) -> WakeBroker:
    """A broker on `redis://`, `rediss://` or `unix://`; connects when first used, so Redis may still be away.

    No middleware: retries, deadlines and what happens after a crash are the database's business, and an exception
    thrown into a thread that is calling a provider would leave a message in doubt.
    """
    lines = Lines(work=_line(redis_url, WORK_SECONDS), wake=_line(redis_url, WAKE_SECONDS), ring=_line(redis_url, RING_SECONDS))
    return WakeBroker(
        lines,
        middleware=[],
        namespace=NAMESPACE,
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=MAINTENANCE_PER_MILLION,
        dead_message_ttl=DEAD_TICKET_MS,
    )


def _line(redis_url: str, seconds: float) -> redis.Redis:
    # The client's own retries would repeat a script whose answer was lost, and multiply every time-out by eleven.
    return redis.Redis.from_url(
        redis_url,
        socket_timeout=seconds,
        socket_connect_timeout=min(seconds, WORK_SECONDS),
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


def run_worker(broker: WakeBroker, threads: int) -> Worker:
    """Start a worker with so many threads; it holds no more tickets of a queue than it has threads to run them."""
    worker = Worker(broker, worker_timeout=IDLE_MS, worker_threads=threads)
    worker.queue_prefetch = threads  # the default, twice the threads, would keep tickets from an idle process next door
    worker.start()
    return worker


def stop_worker(worker: Worker, seconds: float) -> None:
    """Stop taking tickets, give running bodies up to `seconds` to end, and hand back tickets that were not begun."""
    worker.stop(timeout=int(seconds * 1000))
