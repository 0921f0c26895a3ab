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
MODES = ("null", "http", "sdk", "slow")


@dataclass(frozen=True)
class Contender:
    """One way to do one kind of work with so many processes; `jobs` is a few seconds of it."""

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
    jobs = {"null": 10_000, "http": 4000, "sdk": 3000, "slow": 6000}[mode]
    work = (*(("-m", "bench.worker"),) * processes, ("-m", "processes.command", "clock"))
    return Contender(OURS, mode, processes, jobs, (), work)


def dramatiq(kind: str, mode: str, processes: int, *, quiet: bool = False) -> Contender:
    """Dramatiq's own command line, eight threads a process."""
    names = {"plain": QUIET if quiet else PLAIN, "naive": NAIVE}
    jobs = {"null": 4000, "http": 2000, "sdk": 1200}[mode]
    fill = ("-m", "bench.peers.dramatiq_jobs", "fill", kind, str(jobs))
    work = (("-m", "dramatiq", "bench.peers.dramatiq_jobs", "-p", str(processes), "-t", "8"),)
    return Contender(names[kind], mode, processes, jobs, fill, work, quiet)


def _peer(name: str, module: str, mode: str, jobs: int) -> Contender:
    place = f"bench.peers.{module}"
    return Contender(name, mode, 2, jobs, ("-m", place, "fill", str(jobs)), (("-m", place, "work"),) * 2)


def celery(mode: str) -> Contender:
    """Two forked workers and the poller."""
    place, jobs = "bench.peers.celery_jobs", 800
    worker = ("-m", "celery", "-A", place, "worker", "-c", "2", "-l", "WARNING", "--without-gossip", "--without-mingle")
    return Contender("Celery + polling outbox", mode, 2, jobs, ("-m", place, "fill", str(jobs)), (worker, ("-m", place, "poll")))


def peers(mode: str) -> list[Contender]:
    """Those that live in PostgreSQL, and Celery; two processes each."""
    return [
        _peer("PgQueuer", "pgqueuer_jobs", mode, 4000),
        celery(mode),
        _peer("procrastinate", "procrastinate_jobs", mode, 700),
        _peer("DBOS", "dbos_flows", mode, 200),
    ]


SLOW = frozenset({"Celery + polling outbox", "procrastinate", "DBOS"})
"""Peers that take long for little: fewer rounds of them, the table says how many."""


def everyone(mode: str, turn: int, *, quick: bool) -> list[Contender]:
    """The drains of one mode in one round, in an order that puts those which are compared beside each other."""
    if mode == "slow":  # there the wait is the work: what is asked is how much of the bare client's pace is left
        return [ours(mode, 1), ours(mode, 2)]
    found = [] if quick else [ours(mode, 1), dramatiq("naive" if mode == "null" else "plain", mode, 1)]
    found += [ours(mode, 2), dramatiq("plain", mode, 2)]
    found += [] if quick and mode != "null" else [dramatiq("naive", mode, 2)]
    found += [dramatiq("plain", mode, 2, quiet=True)] if mode == "sdk" and not quick else []
    return found + [peer for peer in peers(mode) if peer.name not in SLOW or _has_turn(mode, turn, quick=quick)]


def _has_turn(mode: str, turn: int, *, quick: bool) -> bool:
    return not quick and turn < (1 if mode == "null" else 2)


def python_of(contender: Contender, peers_python: Path) -> str:
    """Ours runs in our venv, everybody else in theirs."""
    return str(peers_python) if contender.fill else sys.executable
