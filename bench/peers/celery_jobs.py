"""Celery with a hand-written outbox: a poller claims rows in batches and sends a task for each; tasks are acknowledged late.

Worked by Celery's own command line; `python -m bench.peers.celery_jobs fill JOBS` fills, `… poll` polls.
"""

from __future__ import annotations

import sys
import time
from functools import cache
from typing import Any

import psycopg
import redis
from celery import Celery  # deptry: ignore[DEP001]

from bench.peers.calls import call
from bench.peers.ledger import DSN, OUTCOME, REDIS, fill

POLL_S = 0.1
BATCH = 100
TAKE = """
UPDATE sends SET status = 'queued' WHERE id IN (SELECT id FROM sends WHERE status = 'new' ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id, body
"""
app = Celery("bench", broker=REDIS.replace("unix://", "redis+socket://").partition("?")[0])
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=4,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
)


@cache
def _line() -> psycopg.Connection[Any]:
    return psycopg.connect(DSN, autocommit=True)


@app.task(name="send")
def send(number: int, body: str) -> None:
    """Call, then write down the outcome."""
    _line().execute(OUTCOME, (call(body), number))


def poll() -> None:
    """Claim and hand over until ended; a full batch is followed at once by the next."""
    while True:
        rows = _line().execute(TAKE, (BATCH,)).fetchall()
        for number, body in rows:
            send.delay(number, body)
        if len(rows) < BATCH:
            time.sleep(POLL_S)


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        redis.Redis.from_url(REDIS).flushall()
        fill(int(sys.argv[2]))
    else:
        poll()
