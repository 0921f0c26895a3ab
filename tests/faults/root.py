"""Faults that need root or a tool of the system: a full disk under PostgreSQL, a kill at network writes, no network at all.

    ./dev faults-root

prints one line for each case, `NOT RUN: needs X` where it cannot be tried, and ends with 1 when a promise was broken. Each case has
servers of its own and mostly waits, so two are under way at a time.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from embedded.servers import Servers
from kernel.clock import monotonic
from kernel.roles import Role
from tests.faults import hosts
from tests.faults.checker import Reckoning, reconcile
from tests.fixtures.nursery import ROOT, Nursery
from tests.fixtures.postmaster import restart
from tests.fixtures.stage import Stage, ground, stage_on
from tests.fixtures.waiting import until

ROOMY = "300m"
BALLAST = 1_000_000
SLOTS = 4
TURNS = range(1, 41, 3)
"""Which write of a thread is its last: the first ones are those of the start, the later ones those of ticks, calls and tickets."""
AT_ONCE = 2
TOGETHER = 12
"""Messages in one turn of the sweep."""
WRITES = "sendto,sendmsg,write"
STARTED_S = 20.0


class NotRun(Exception):
    """What is missing for a case."""


def _need(tool: str) -> str:
    found = shutil.which(tool)
    if found is None:
        raise NotRun(tool)
    return found


@contextmanager
def _play(home: Path) -> Iterator[tuple[Servers, Stage]]:
    with Servers(home / "servers") as servers, Nursery() as nursery, stage_on(ground(servers, 1), nursery, home / "play") as stage:
        yield servers, stage


@contextmanager
def _small_disk() -> Iterator[Path]:
    mount, umount = _need("mount"), _need("umount")
    if os.geteuid():
        raise NotRun("root")
    with tempfile.TemporaryDirectory(prefix="sayso-full-") as home:
        Path(home).chmod(0o711)
        if subprocess.run([mount, "-t", "tmpfs", "-o", f"size={ROOMY},mode=711", "tmpfs", home], capture_output=True, check=False).returncode:
            raise NotRun("the right to mount a tmpfs")
        try:
            yield Path(home)
        finally:
            subprocess.run([umount, "-l", home], check=False)


def disk_full() -> str:
    """Fill the disk under PostgreSQL while messages are on their way; then make room."""
    with _small_disk() as home, _play(home) as (servers, stage):
        stage.approve(6)
        stage.hush()
        stage.start("clock")
        ballast = home / "ballast"
        _fill(ballast)
        with suppress(DBAPIError):
            stage.execute("SELECT pg_switch_wal()")  # the next commit needs a new segment, for which there is no room
        stage.start("worker")
        until(lambda: "does not answer" in stage.words() or "failed" in stage.words() or "Error" in stage.words(), 30, "nobody noticed")
        heard = len(stage.entries(accepted=False))
        ballast.unlink()
        if not stage.pools[Role.OWNER].reachable():
            restart(servers)
        stage.start("worker")
        started = len(stage.execute("SELECT 1 FROM delivery WHERE attempt > 0"))
        stage.settle(60)
        found = reconcile(stage)
        found.insist(doubts=4)
        assert heard <= started, "dialled without a durable start"
        return f"{heard} dialled while the disk was full, {_shown(found)}"


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * BALLAST)
        except OSError:
            return


def kill_sweep(turns: range) -> str:
    """Kill a worker at its network write of the first of these numbers, then of the second, and so on."""
    strace = _need("strace")
    began, doubts, deaths = monotonic(), 0, 0
    with tempfile.TemporaryDirectory(prefix="sayso-sweep-") as home:
        Path(home).chmod(0o711)
        with _play(Path(home)) as (_, stage):
            stage.start("clock")
            for turn in turns:
                stage.approve(TOGETHER)
                stage.hush()
                deaths += _killed_at(strace, stage, turn)
                healthy = stage.start("worker")
                stage.settle(30)
                assert healthy.stop() == 0
            found = reconcile(stage)
            found.insist(doubts=deaths * SLOTS)
            doubts = found.in_doubt
    assert doubts, "a hollow sweep: no worker died with a call under way"
    return f"{deaths} deaths in {len(turns)} turns, {doubts} in doubt, {_shown(found)}, {monotonic() - began:.0f} s"


def _killed_at(strace: str, stage: Stage, turn: int) -> bool:
    """Run a worker that dies at its write number `turn`; whether it did before its work was done."""
    traced = [strace, "-f", "-qq", "-o", os.devnull, "-e", f"trace={WRITES}", "-e", f"inject={WRITES}:signal=KILL:when={turn}"]
    with _program(traced, stage) as worker:
        until(lambda: worker.poll() is not None or not stage.unquiet(), STARTED_S, "the worker neither worked nor died")
        return worker.poll() is not None


@contextmanager
def _program(wrapper: list[str], stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    """A worker inside another program, ended with the block."""
    # -B: what Python keeps of a module it compiles would be writes too, and the worker would die of its imports.
    command = [*wrapper, sys.executable, "-B", "-m", "processes.command", "worker"]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=stage.environment, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True) as worker:
        try:
            yield worker
        finally:
            _end(worker)


def _end(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is None:
        os.killpg(worker.pid, 9)
        worker.wait(10)


def network_cut() -> str:
    """A worker with no network at all, beside servers it reaches: what it claims comes back, and the next worker sends it."""
    unshare = _need("unshare")
    if subprocess.run([unshare, "--net", "true"], capture_output=True, check=False).returncode:
        raise NotRun("the right to make a network namespace")
    with tempfile.TemporaryDirectory(prefix="sayso-cut-") as home:
        Path(home).chmod(0o711)
        with _play(Path(home)) as (_, stage):
            stage.approve(6)
            stage.hush()
            stage.start("clock")
            with _program([unshare, "--net"], stage):
                until(lambda: stage.execute("SELECT 1 FROM attempt WHERE outcome = 'unreached'"), STARTED_S, "nobody tried to dial")
            assert not stage.entries(accepted=False), "dialled without a network"
            assert "in_doubt" not in stage.states().values(), "what was never sent is in doubt"
            stage.start("worker")
            stage.settle(60)
            found = reconcile(stage)
            found.insist(doubts=SLOTS)
            return f"nothing dialled while cut off, {_shown(found)}"


def three_worker_hosts() -> str:
    """Three hosts on one database: one is cut off, one killed, one has a wrong clock; the first finds its way back alone."""
    _need("ip")
    if os.geteuid():
        raise NotRun("root")
    with tempfile.TemporaryDirectory(prefix="sayso-hosts-") as home:
        Path(home).chmod(0o711)
        with _play(Path(home)) as (_, stage):
            try:
                found = hosts.three_hosts(stage)
            except hosts.Refused as refused:
                raise NotRun(f"the right to make network namespaces ({refused})") from refused
            found.insist(doubts=3 * SLOTS)  # those of the two that were lost, and calls that took too long on a busy machine
            return f"{found.in_doubt} in doubt, {_shown(found)}"


def _shown(found: Reckoning) -> str:
    return f"accepted {found.accepted}, duplicates {found.duplicates}, lost {found.lost}"


CASES: dict[str, Callable[[], str]] = {
    "kill at network writes 1, 7 …": partial(kill_sweep, TURNS[::2]),
    "kill at network writes 4, 10 …": partial(kill_sweep, TURNS[1::2]),
    "disk full": disk_full,
    "no network": network_cut,
    "three worker hosts": three_worker_hosts,
}


def _tried(case: Callable[[], str]) -> tuple[bool, str]:
    """Whether the promises held, and what is said of it."""
    try:
        return True, f"ok: {case()}"
    except NotRun as lacking:
        return True, f"NOT RUN: needs {lacking}"
    except AssertionError as fault:
        return False, f"BROKEN: {fault}"


def main() -> None:
    """Run every case that can be run here."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    chosen = {name: case for name, case in CASES.items() if name in (sys.argv[1:] or CASES)}
    held = []
    with ThreadPoolExecutor(AT_ONCE) as hands:
        for name, (kept, said) in zip(chosen, hands.map(_tried, chosen.values()), strict=True):
            held.append(kept)
            sys.stdout.write(f"{name}: {said}\n")
            sys.stdout.flush()
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
