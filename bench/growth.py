"""Whether a tick stays as cheap as finished rows pile up: the claim alone, and the drain by one worker process."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from bench import intents
from bench.contenders import ours
from bench.drains import run
from bench.ground import Ground
from kernel.db import Database
from kernel.keys import new_id
from kernel.roles import Role
from outbox.claims import START_OF_ROUND, Ask
from outbox.store import tick

SLOTS = 16
TICKS = 60
JOBS = 4000


@dataclass(frozen=True)
class Grown:
    """What was seen beside so many finished rows."""

    finished: int
    tick_ms: float
    """Median of a tick that claims sixteen."""
    rate: float
    commits: float
    wal_kb: float


def measure(ground: Ground, owner: Database, peers_python: Path, sizes: list[int]) -> list[Grown]:
    """At each size, on top of the one before."""
    intents.clear(ground)
    there = 0
    seen = []
    for size in sizes:
        intents.finished(ground, owner, size - there)
        intents.ready(ground, owner, "null", SLOTS * TICKS)
        tick_ms = _ticks(ground)
        intents.ready(ground, owner, "null", JOBS)
        reading = run(ground, replace(ours("null", 1), jobs=JOBS), peers_python)
        seen.append(Grown(size, tick_ms, reading.rate, reading.commits, reading.wal_kb))
        there = size + JOBS + SLOTS * TICKS
    return seen


def _ticks(ground: Ground) -> float:
    """Claim all that is ready, and leave it finished."""
    worker = ground.database(Role.WORKER)
    ask = Ask("sms:null", new_id(), SLOTS, 30.0, START_OF_ROUND)
    times = []
    with worker.line() as line:
        for _ in range(TICKS):
            began = time.monotonic()
            tick(line, ask, [])
            times.append((time.monotonic() - began) * 1000)
    worker.close()
    with ground.line("sayso") as line:
        line.execute("UPDATE delivery SET state = 'sent', lease_until = NULL, owner = NULL WHERE state = 'calling'")
    return median(times)
