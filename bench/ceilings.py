"""Ceilings, which no engine can pass: the bare client in a loop, commits alone, the stub alone."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg

from bench.carriers import LANES, carriers
from bench.ground import SENDER, Ground
from kernel.settings import CHECKOUT, Settings
from outbox.accounts import provider_of
from outbox.dispatch import Accepted, Dispatch
from outbox.kinds.sms import Sms

SECONDS = 1.5
ROWS = 10_000
BATCH = 100
REQUEST = b"POST /2010-04-01/Accounts/AC/Messages.json HTTP/1.1\r\nHost: stub\r\nContent-Length: 9\r\n\r\nBody=stub"
REFERENCE = "0" * 108


def _for_a_while(step: Callable[[], object]) -> int:
    ends, done = time.monotonic() + SECONDS, 0
    while time.monotonic() < ends:
        step()
        done += 1
    return done


def _in_processes(work: Callable[..., int], processes: int, *given: Any) -> tuple[float, float]:
    """Calls a second over all processes, and the CPU milliseconds of each."""
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        list(pool.map(_ready, range(processes)))
        done = [each.result() for each in [pool.submit(_metered, work, *given) for _ in range(processes)]]
    calls = sum(count for count, _ in done)
    return calls / SECONDS, sum(seconds for _, seconds in done) * 1000 / calls


def _metered(work: Callable[..., int], *given: Any) -> tuple[int, float]:
    began = time.process_time()
    return work(*given), time.process_time() - began


def _ready(_: int) -> None:
    time.sleep(0.3)  # long enough that every process starts, and takes one of these


def bare_loop(ground: Ground, mode: str, processes: int) -> tuple[float, float]:
    """Calls a second and CPU milliseconds of each: the provider's `perform` in as many threads as a pump has slots, no queue and no database."""
    return _in_processes(_bare, processes, ground.settings, mode)


def _bare(settings: Settings, mode: str) -> int:
    provider = carriers(settings)[provider_of(LANES[mode])]
    content = Sms(to="+447400123456", body="job")
    call = Dispatch(UUID(int=1), 1, "sms", SENDER, content.to, content, REFERENCE, f"http://sayso.test/webhooks/twilio/status?ref={REFERENCE}")

    def step() -> None:
        match provider.perform(call):
            case Accepted():
                return
            case other:
                raise RuntimeError(f"the stub did not accept: {other}")

    with ThreadPoolExecutor(settings.slots) as hands:
        return sum(each.result() for each in [hands.submit(_for_a_while, step) for _ in range(settings.slots)])


def commits(ground: Ground, rows: int, connections: int) -> float:
    """Rows a second that durable UPDATEs of so many rows each can change."""
    with ground.line("peers") as line:
        line.execute("CREATE TABLE IF NOT EXISTS ceiling (id int PRIMARY KEY, n int NOT NULL)")
        line.execute("INSERT INTO ceiling SELECT n, 0 FROM generate_series(1, %s) n ON CONFLICT DO NOTHING", (ROWS,))
    return rows * _in_processes(_update, connections, ground.dsn("peers"), rows)[0]


def _update(dsn: str, rows: int) -> int:
    place = 0
    with psycopg.connect(dsn, autocommit=True) as line:

        def step() -> None:
            nonlocal place
            place = (place + 7919) % ROWS
            ids = [(place + each) % ROWS + 1 for each in range(rows)]
            line.execute("UPDATE ceiling SET n = n + 1 WHERE id = ANY(%s)", (ids,))

        return _for_a_while(step)


def stub_alone(ground: Ground) -> float:
    """Requests a second that the stub answers to two clients that do nothing but send and read; they are as large a cost as the stub."""
    return _in_processes(_knock, 2, urlsplit(ground.stub).port)[0]


def _knock(port: int) -> int:
    with socket.create_connection(("127.0.0.1", port)) as line:

        def step() -> None:
            line.sendall(REQUEST * 16)
            answered = 0
            while answered < 16:
                answered += line.recv(65536).count(b"HTTP/1.1 201")

        return 16 * _for_a_while(step)


def sdk_as_it_comes(ground: Ground, peers_python: str, processes: int) -> float:
    """Twilio's SDK over its own client in a loop of threads, its logger quiet."""
    words = [peers_python, "-m", "bench.peers.sdk_loop", str(SECONDS), "8"]
    programs = [
        subprocess.Popen(words, cwd=CHECKOUT, env=ground.environment("sdk"), stdout=subprocess.PIPE, stderr=sys.stderr, text=True) for _ in range(processes)
    ]
    return sum(json.loads(program.communicate()[0] or "0") for program in programs) / SECONDS


def measure(ground: Ground, peers_python: Path) -> dict[str, float]:
    """All that no round needs beside it."""
    return {
        "the stub alone, requests": stub_alone(ground),
        "Twilio's SDK as it comes, bare loop, 2 × 8 threads, calls": sdk_as_it_comes(ground, str(peers_python), 2),
        "UPDATE of one row, 1 connection, commits": commits(ground, 1, 1),
        "UPDATE of one row, 4 connections, commits": commits(ground, 1, 4),
        f"UPDATE of {BATCH} rows, 1 connection, rows": commits(ground, BATCH, 1),
    }
