"""PgQueuer over asyncpg: one worker a process, batches of 50, LISTEN/NOTIFY.

`python -m bench.peers.pgqueuer_jobs fill JOBS`, `… work`, `… trickle JOBS PER_SECOND` (prints when each job was committed).
"""

from __future__ import annotations

import sys
from datetime import timedelta

import asyncpg  # deptry: ignore[DEP001]
import psycopg
import uvloop
from pgqueuer import PgQueuer  # deptry: ignore[DEP001]
from pgqueuer.db import AsyncpgDriver  # deptry: ignore[DEP001]
from pgqueuer.models import Job  # deptry: ignore[DEP001]
from pgqueuer.queries import Queries  # deptry: ignore[DEP001]

from bench.peers.calls import AsyncCalls
from bench.peers.ledger import DSN, OUTCOME_BY_NUMBER, fill
from bench.peers.trickle import trickle

BATCH = 50
MOST = 200


async def _fill(jobs: int) -> None:
    line = await asyncpg.connect(DSN)
    queries = Queries(AsyncpgDriver(line))
    if await line.fetchval("SELECT to_regclass('pgqueuer')") is None:
        await queries.install()
    await line.execute("TRUNCATE pgqueuer")
    fill(jobs)
    for start in range(1, jobs + 1, 1000):
        bodies = [f"{n} job-{n}".encode() for n in range(start, min(start + 1000, jobs + 1))]
        await queries.enqueue(["send"] * len(bodies), bodies, [0] * len(bodies))
    await line.close()
    with psycopg.connect(DSN, autocommit=True) as owner:
        owner.execute("ANALYZE")


async def _work() -> None:
    line = await asyncpg.connect(DSN)
    pool = await asyncpg.create_pool(DSN, min_size=4, max_size=8)
    calls = AsyncCalls()
    queue = PgQueuer(AsyncpgDriver(line))

    @queue.entrypoint("send")
    async def send(job: Job) -> None:
        number, _, body = (job.payload or b"").decode().partition(" ")
        await pool.execute(OUTCOME_BY_NUMBER, await calls.call(body), int(number))

    await queue.run(batch_size=BATCH, max_concurrent_tasks=MOST, dequeue_timeout=timedelta(seconds=5))


async def _trickle(jobs: int, rate: float) -> None:
    line = await asyncpg.connect(DSN)
    queries = Queries(AsyncpgDriver(line))
    await trickle(jobs, rate, lambda n: queries.enqueue("send", f"{n} slow-{n}".encode()))


if __name__ == "__main__":
    verb, *given = sys.argv[1:]
    match verb:
        case "fill":
            uvloop.run(_fill(int(given[0])))
        case "trickle":
            uvloop.run(_trickle(int(given[0]), float(given[1])))
        case _:
            uvloop.run(_work())
