"""Who drains: ours and the peers, each with how it is filled, started and counted."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

OURS = "Sayso"
PLAIN = "Dramatiq, one commit after the call"
QUIET = "the same, Twilio's logger quiet"
NAIVE = "Dramatiq, claim commit + outcome commit"
BARE = "bare loop over the same client"
MODES = ("null", "http", "sdk")


@dataclass(frozen=True)
class Contender:
    """One way to do one kind of work with so many processes; `jobs` is about three seconds of it."""

    name: str
    mode: str
    processes: int
    jobs: int
    fill: tuple[str, ...]
    """Arguments to python that fill the queue; empty for ours, which is filled here."""
    work: tuple[tuple[str, ...], ...]
    """Arguments to python, one for each program that works."""
    quiet: bool = False

    @property
    def database(self) -> str:
        """Which database it works in."""
        return "peers" if self.fill else "sayso"


def ours(mode: str, processes: int) -> Contender:
    """Workers and the clock, as they are deployed."""
    jobs = {"null": 8000, "http": 4000, "sdk": 3500}[mode]
    work = (*(("-m", "bench.worker"),) * processes, ("-m", "processes.command", "clock"))
    return Contender(OURS, mode, processes, jobs, (), work)


def dramatiq(kind: str, mode: str, processes: int, *, quiet: bool = False) -> Contender:
    """Dramatiq's own command line, eight threads a process."""
    names = {"plain": QUIET if quiet else PLAIN, "naive": NAIVE}
    jobs = {"null": 4500, "http": 3000, "sdk": 2000}[mode]
    fill = ("-m", "bench.peers.dramatiq_jobs", "fill", kind, str(jobs))
    work = (("-m", "dramatiq", "bench.peers.dramatiq_jobs", "-p", str(processes), "-t", "8"),)
    return Contender(names[kind], mode, processes, jobs, fill, work, quiet)


def _peer(name: str, module: str, mode: str, jobs: int) -> Contender:
    place = f"bench.peers.{module}"
    return Contender(name, mode, 2, jobs, ("-m", place, "fill", str(jobs)), (("-m", place, "work"),) * 2)


def celery(mode: str) -> Contender:
    """Two forked workers and the poller."""
    place, jobs = "bench.peers.celery_jobs", 1500
    worker = ("-m", "celery", "-A", place, "worker", "-c", "2", "-l", "WARNING", "--without-gossip", "--without-mingle")
    return Contender("Celery + polling outbox", mode, 2, jobs, ("-m", place, "fill", str(jobs)), (worker, ("-m", place, "poll")))


def peers(mode: str) -> list[Contender]:
    """Those that live in PostgreSQL, and Celery; two processes each."""
    return [
        _peer("PgQueuer", "pgqueuer_jobs", mode, 6000),
        celery(mode),
        _peer("procrastinate", "procrastinate_jobs", mode, 1200),
        _peer("DBOS", "dbos_flows", mode, 500),
    ]


def everyone(*, quick: bool) -> list[Contender]:
    """All drains of one round, in an order that puts those which are compared beside each other."""
    found: list[Contender] = []
    for mode in MODES:
        for processes in (2,) if quick else (1, 2):
            found += [ours(mode, processes), dramatiq("naive", mode, processes), dramatiq("plain", mode, processes)]
        found += [dramatiq("plain", mode, 2, quiet=True)] if mode == "sdk" else []
        found += [] if quick and mode == "null" else peers(mode)
    return found


def python_of(contender: Contender, peers_python: Path) -> str:
    """Ours runs in our venv, everybody else in theirs."""
    return str(peers_python) if contender.fill else sys.executable
