"""Gauges over processes: CPU seconds and memory from /proc, sampled beside a run; commits and WAL bytes from PostgreSQL."""

from __future__ import annotations

import os
import time
from bisect import bisect_left
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Self

from bench.ground import Ground

PERIOD_S = 0.2
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
UTIME, PPID = 11, 1
"""Places in /proc/PID/stat after the name."""


def _stats() -> dict[int, tuple[int, float]]:
    """Parent and CPU seconds, children that ended included, of every process."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(folder.name)] = (int(fields[PPID]), sum(map(int, fields[UTIME : UTIME + 4])) * TICK_S)
    return found


def family(root: int, stats: Mapping[int, tuple[int, float]]) -> set[int]:
    """A process and everything below it."""
    members = {root}
    for _ in range(4):
        members |= {pid for pid, (parent, _) in stats.items() if parent in members}
    return members & stats.keys()


def memory_mb(root: int) -> list[float]:
    """The proportional memory of each process below and including the root, in MB."""
    sizes = []
    for pid in family(root, _stats()):
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        sizes.append(int(text.partition("\nPss:")[2].split()[0]) / 1024)
    return sizes


class Gauge:
    """Samples the CPU seconds of named families of processes while a block runs."""

    def __init__(self, roots: Mapping[str, list[int]]) -> None:
        """`roots`: the first processes of each family."""
        self._roots = roots
        self._samples: list[tuple[float, dict[str, float]]] = []
        self._stopped = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._stopped.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            stats = _stats()
            seconds = {name: sum(stats[pid][1] for root in roots for pid in family(root, stats)) for name, roots in self._roots.items()}
            self._samples.append((time.time(), seconds))
            if self._stopped.wait(PERIOD_S):
                return

    def spent(self, name: str, since: float, until: float) -> float:
        """CPU seconds of a family between two moments."""
        return self._at(name, until) - self._at(name, since)

    def _at(self, name: str, moment: float) -> float:
        place = min(max(bisect_left(self._samples, moment, key=lambda sample: sample[0]), 1), len(self._samples) - 1)
        (before, low), (after, high) = self._samples[place - 1], self._samples[place]
        share = min(max((moment - before) / (after - before), 0), 1)
        return low[name] + share * (high[name] - low[name])


def journal(ground: Ground, database: str) -> tuple[int, int]:
    """Commits of a database and WAL bytes of the cluster so far; read before workers start and after they ended."""
    with ground.line("postgres") as line:
        row = line.execute(
            "SELECT xact_commit, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint FROM pg_stat_database WHERE datname = %s",
            (database,),
        ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
