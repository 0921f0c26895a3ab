"""Procrastinate, as documented: one async worker a process, jobs in PostgreSQL, LISTEN/NOTIFY.

`python -m bench.peers.procrastinate_jobs fill JOBS`, `… work`, `… trickle JOBS PER_SECOND` (prints when each job was committed).
"""

from __future__ import annotations

import asyncio
import sys

import psycopg
import uvloop
from procrastinate import App, PsycopgConnector  # deptry: ignore[DEP001]
from psycopg_pool import AsyncConnectionPool  # deptry: ignore[DEP001]

from bench.peers.calls import AsyncCalls
from bench.peers.ledger import DSN, OUTCOME, fill
from bench.peers.trickle import trickle

CONCURRENCY = 16
app = App(connector=PsycopgConnector(conninfo=DSN))


@app.task(name="send", pass_context=True)
async def send(context: object, number: int, body: str) -> None:
    """Call, then write down the outcome."""
    calls, pool = context.additional_context["tools"]  # type: ignore[attr-defined]  # its own context
    ref = await calls.call(body)
    async with pool.connection() as line:
        await line.execute(OUTCOME, (ref, number))


async def _fill(jobs: int) -> None:
    with psycopg.connect(DSN, autocommit=True) as line:
        if line.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() != (None,):
            line.execute("TRUNCATE procrastinate_jobs CASCADE")
    fill(jobs)
    async with app.open_async():
        with psycopg.connect(DSN) as line:
            missing = line.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() == (None,)
        if missing:
            await app.schema_manager.apply_schema_async()
        for start in range(1, jobs + 1, 1000):
            await send.batch_defer_async(*({"number": n, "body": f"job-{n}"} for n in range(start, min(start + 1000, jobs + 1))))
    with psycopg.connect(DSN, autocommit=True) as line:
        line.execute("ANALYZE")


async def _work() -> None:
    async with app.open_async(), AsyncConnectionPool(DSN, max_size=8, kwargs={"autocommit": True}) as pool:
        await app.run_worker_async(concurrency=CONCURRENCY, additional_context={"tools": (AsyncCalls(), pool)})


async def _trickle(jobs: int, rate: float) -> None:
    async with app.open_async():
        await trickle(jobs, rate, lambda n: send.defer_async(number=n, body=f"slow-{n}"))


if __name__ == "__main__":
    verb, *given = sys.argv[1:]
    match verb:
        case "fill":
            uvloop.run(_fill(int(given[0])))
        case "trickle":
            uvloop.run(_trickle(int(given[0]), float(given[1])))
        case _:
            asyncio.run(_work())
