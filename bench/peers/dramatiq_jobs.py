"""Dramatiq, one message per intent: `plain` (not durable until its one commit after the call) and `naive` (a claim commit, then an outcome commit).

Worked by Dramatiq's own command line; filled by `python -m bench.peers.dramatiq_jobs fill KIND JOBS`, or by `… trickle JOBS PER_SECOND`.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from typing import Any

import dramatiq
import psycopg
import redis
from dramatiq.brokers.redis import RedisBroker

from bench.peers.calls import call
from bench.peers.ledger import CLAIM, DSN, OUTCOME, REDIS, fill
from bench.peers.trickle import trickle

broker = RedisBroker(url=REDIS, namespace="bench")
dramatiq.set_broker(broker)
_local = threading.local()
if os.environ.get("BENCH_QUIET"):
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)


def _line() -> psycopg.Connection[Any]:
    if not hasattr(_local, "line"):
        _local.line = psycopg.connect(DSN, autocommit=True)
    return _local.line  # type: ignore[no-any-return]  # a thread's own


@dramatiq.actor(max_retries=0)
def plain(number: int, body: str) -> None:
    """Call, then write down the outcome."""
    _line().execute(OUTCOME, (call(body), number))


@dramatiq.actor(max_retries=0)
def naive(number: int, body: str) -> None:
    """Claim, call, write down the outcome; each durable."""
    if _line().execute(CLAIM, (number,)).rowcount:
        _line().execute(OUTCOME, (call(body), number))


async def _send(number: int) -> None:
    plain.send(number, f"slow-{number}")


def _fill(kind: str, jobs: int) -> None:
    redis.Redis.from_url(REDIS).flushall()
    fill(jobs)
    actor = {"plain": plain, "naive": naive}[kind]
    for job in range(1, jobs + 1):
        actor.send(job, f"job-{job}")


if __name__ == "__main__":
    verb, first, second = sys.argv[1:4]
    if verb == "fill":
        _fill(first, int(second))
    else:
        asyncio.run(trickle(int(first), float(second), _send))
