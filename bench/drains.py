"""One drain: fill a queue, start the workers, wait until it is empty, and read the rate off the finish times that the rows keep."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import intents
from bench.contenders import Contender, python_of
from bench.gauges import Gauge, journal, memory_mb
from bench.ground import Ground, postmaster, valkey
from kernel.db import Database
from kernel.settings import CHECKOUT

PATIENCE_S = 60
COUNTED = (0.10, 0.95)
"""The share of the finish times between which the rate is taken: start-up and the last stragglers are nobody's speed."""
LEFT = {
    "sayso": "SELECT EXISTS (SELECT FROM delivery WHERE state = 'ready') OR EXISTS (SELECT FROM delivery WHERE state = 'calling')",
    "peers": "SELECT EXISTS (SELECT FROM sends WHERE status <> 'sent')",
}
FINISHED = {
    "sayso": "SELECT extract(epoch FROM at)::float8 FROM attempt WHERE at > to_timestamp(%s) ORDER BY at",
    "peers": "SELECT extract(epoch FROM finished_at)::float8 FROM sends WHERE finished_at > to_timestamp(%s) ORDER BY finished_at",
}


@dataclass(frozen=True)
class Reading:
    """What one drain showed."""

    rate: float
    worker_ms: float
    """CPU milliseconds a job in the workers, pollers and clocks."""
    postgres_ms: float
    redis_ms: float
    commits: float
    """For each 1,000 jobs."""
    wal_kb: float
    """For each 1,000 jobs."""
    memory_mb: float
    """Of the largest process."""

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds a job in all, the stub apart."""
        return self.worker_ms + self.postgres_ms + self.redis_ms


class NotDrained(RuntimeError):
    """It did not get through its jobs; the message says what its log said last."""


def drain(ground: Ground, owner: Database, contender: Contender, peers_python: Path) -> Reading:
    """Fill the queue and run one; raises NotDrained."""
    _fill(ground, owner, contender, peers_python)
    return run(ground, contender, peers_python)


def run(ground: Ground, contender: Contender, peers_python: Path) -> Reading:
    """Start the workers on what is there; raises NotDrained."""
    began = time.time()
    before = journal(ground, contender.database)
    with working(ground, contender, peers_python) as programs:
        roots = {"workers": [program.pid for program in programs], "postgres": [postmaster(ground)], "redis": [valkey(ground)]}
        with Gauge(roots) as gauge:
            _wait(ground, contender, programs)
            largest = max(size for program in programs for size in memory_mb(program.pid))
    after = journal(ground, contender.database)
    with ground.line(contender.database) as line:
        times = [row[0] for row in line.execute(FINISHED[contender.database].encode(), (began,))]
    first, last = (int(len(times) * share) for share in COUNTED)
    since, until, done = times[first], times[last - 1], last - 1 - first
    spent = {name: gauge.spent(name, since, until) * 1000 / done for name in roots}
    thousands = contender.jobs / 1000
    return Reading(
        rate=done / (until - since),
        worker_ms=spent["workers"],
        postgres_ms=spent["postgres"],
        redis_ms=spent["redis"],
        commits=(after[0] - before[0]) / thousands,
        wal_kb=(after[1] - before[1]) / 1024 / thousands,
        memory_mb=largest,
    )


def _fill(ground: Ground, owner: Database, contender: Contender, peers_python: Path) -> None:
    if not contender.fill:
        intents.clear(ground)
        intents.ready(ground, owner, contender.mode, contender.jobs)
        return
    words = [python_of(contender, peers_python), *contender.fill]
    filled = subprocess.run(words, cwd=CHECKOUT, env=_told(ground, contender), capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    if filled.returncode:
        raise NotDrained(_last_words(filled.stderr))


def _told(ground: Ground, contender: Contender) -> Mapping[str, str]:
    return {**ground.environment(contender.mode), **({"BENCH_QUIET": "1"} if contender.quiet else {})}


@contextmanager
def working(ground: Ground, contender: Contender, peers_python: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """The contender's programs, running."""
    with (ground.home / "contender.log").open("w") as log:
        told, words = _told(ground, contender), python_of(contender, peers_python)
        programs = [subprocess.Popen([words, *args], cwd=CHECKOUT, env=told, stdout=log, stderr=log) for args in contender.work]
        try:
            yield programs
        finally:
            for program in programs:
                program.terminate()
            for program in programs:
                _end(program)


def _end(program: subprocess.Popen[bytes]) -> None:
    try:
        program.wait(8)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def _wait(ground: Ground, contender: Contender, programs: list[subprocess.Popen[bytes]]) -> None:
    patience = time.monotonic() + PATIENCE_S
    # One transaction for all the looking, so that it adds no commits; at this isolation each statement still sees what is new.
    with ground.line(contender.database) as line, line.transaction():
        while line.execute(LEFT[contender.database].encode()).fetchone() != (False,):
            if time.monotonic() > patience or any(program.poll() is not None for program in programs):
                raise NotDrained(_last_words((ground.home / "contender.log").read_text()))
            time.sleep(0.1)


def _last_words(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1][:160]
