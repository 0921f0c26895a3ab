"""DBOS: a workflow of two steps for each send (call, write down), on a queue polled every 50 ms.

`python -m bench.peers.dbos_flows fill JOBS`, `… work`.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import cache
from typing import Any

import psycopg
from dbos import DBOS, DBOSClient  # deptry: ignore[DEP001]
from psycopg_pool import ConnectionPool  # deptry: ignore[DEP001]

from bench.peers.calls import call
from bench.peers.ledger import DSN, OUTCOME, fill

THREADS = 8


@cache
def _pool() -> ConnectionPool[Any]:
    return ConnectionPool(DSN, min_size=2, max_size=THREADS, kwargs={"autocommit": True}, open=True)


@DBOS.step()
def call_provider(body: str) -> str:
    """The call."""
    return call(body)


@DBOS.step()
def write_down(number: int, ref: str) -> None:
    """The outcome."""
    with _pool().connection() as line:
        line.execute(OUTCOME, (ref, number))


@DBOS.workflow()
def send(number: int, body: str) -> None:
    """Call, then write down the outcome."""
    write_down(number, call_provider(body))


def _launch() -> None:
    DBOS(
        config={
            "name": "bench",
            "system_database_url": DSN,
            "run_admin_server": False,
            "log_level": "ERROR",
            "executor_id": f"e{os.getpid()}",
            "application_version": "1",
        }
    )
    DBOS.launch()
    DBOS.register_queue("sends", worker_concurrency=THREADS, polling_interval_sec=0.05)


def _fill(jobs: int) -> None:
    fill(jobs)
    with psycopg.connect(DSN, autocommit=True) as line:
        line.execute("DROP SCHEMA IF EXISTS dbos CASCADE")
    _launch()
    DBOS.destroy()
    client = DBOSClient(system_database_url=DSN)
    for n in range(1, jobs + 1):
        client.enqueue({"queue_name": "sends", "workflow_name": "send", "app_version": "1"}, n, f"job-{n}")
    client.destroy()


if __name__ == "__main__":
    if sys.argv[1] == "fill":
        _fill(int(sys.argv[2]))
    else:
        _launch()
        threading.Event().wait()
