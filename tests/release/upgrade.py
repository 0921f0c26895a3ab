"""Two versions side by side: a worker of an older commit and one of this tree send from one database; one of them is killed.

    ./dev test-upgrade          the last tag, else the oldest commit whose tables are the same
    ./dev test-upgrade COMMIT

The older version makes the database, this one migrates it, as a release does. Ends with 1 when a message left twice or never,
with 2 when there is no way from that commit's tables to these.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from embedded.servers import Servers
from kernel.settings import load
from processes.migrate import migrate
from tests.faults.checker import reconcile
from tests.fixtures.nursery import ROOT, Nursery
from tests.fixtures.stage import SECRET, Ground, Stage, database_named, stage_on
from tests.fixtures.waiting import until

GIT = shutil.which("git") or "git"
TABLES = "migrations/sql"
BACK = 200
SLOTS = 4
FIRST, TOGETHER, AFTER = 20, 150, 20
"""How many messages the older worker sends alone, both together, and the newer one alone."""


def git(*words: str) -> str:
    """What git answers; nothing when it refuses."""
    done = subprocess.run([GIT, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def chosen(asked: list[str]) -> str:
    """The commit to stand beside: the one that is named, else the last tag, else the oldest with the same tables."""
    named = asked[0] if asked else git("describe", "--tags", "--abbrev=0")
    if named:
        commit = git("rev-parse", "--verify", "-q", f"{named}^{{commit}}")
        return commit or sys.exit(f"test-upgrade: {named} is no commit here")
    back = git("rev-list", "--first-parent", f"--max-count={BACK}", "HEAD~1").split()
    return next((commit for commit in reversed(back) if tables(commit) == tables("HEAD")), back[0])


def tables(commit: str) -> dict[str, str]:
    """The content of each revision's SQL at a commit, as git names it."""
    listed = (line.split() for line in git("ls-tree", f"{commit}:{TABLES}").splitlines())
    return {name: content for _, _, content, name in listed}


def refuse_without_a_way(old: str) -> None:
    """Stop unless every revision of that commit is still the same here, so that its database can be brought on."""
    changed = sorted(name for name, content in tables(old).items() if tables("HEAD").get(name) != content)
    if changed:
        sys.stdout.write(f"test-upgrade: NOT RUN: {', '.join(changed)} was edited since {old[:9]}, so a database of it cannot be brought on\n")
        sys.exit(2)


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """The files of a commit, in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="sayso-old-") as place:
        tree = Path(place) / "tree"
        subprocess.run([GIT, "worktree", "add", "-q", "--detach", str(tree), commit], cwd=ROOT, check=True)
        try:
            yield tree
        finally:
            subprocess.run([GIT, "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


def program(tree: Path, verb: str, environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A process of that version, with the packages of this one."""
    with log.open("ab") as stream:
        return subprocess.Popen([sys.executable, "-m", "processes.command", verb], cwd=tree, env=environment, stdout=stream, stderr=stream)


def has_dialled(pid: int, stage: Stage) -> bool:
    """Whether a process holds a connection to the provider."""
    port = int(stage.stub.url.rpartition(":")[2])
    return any(line.status == psutil.CONN_ESTABLISHED and line.raddr.port == port for line in psutil.Process(pid).net_connections("tcp"))


def play(old: Path, home: Path) -> str:
    """Send alone, together through a death, and alone again; what came of it."""
    with Servers(home / "servers") as servers, Nursery() as nursery:
        url = database_named(servers, "upgrade")
        settings = load(SAYSO_DATABASE_URL=url, SAYSO_REDIS_URL=servers.redis_url, SAYSO_SECRET_KEY=SECRET)
        made = program(old, "migrate", environment_of(settings.database_url, servers.redis_url, home), home / "migrate.log")
        assert made.wait(120) == 0, (home / "migrate.log").read_text()
        migrate(settings)
        with stage_on(Ground(url, servers.redis_url), nursery, home / "play") as stage:
            return side_by_side(old, stage)


def environment_of(database_url: str, redis_url: str, home: Path) -> dict[str, str]:
    """What an older `migrate` needs."""
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "SAYSO_DATABASE_URL": database_url, "SAYSO_REDIS_URL": redis_url, "SAYSO_SECRET_KEY": SECRET}


def side_by_side(old: Path, stage: Stage) -> str:
    """The play itself."""
    older = program(old, "worker", stage.environment, stage.place / "older.log")
    try:
        stage.start("clock")
        stage.approve(FIRST)
        stage.hush()
        until(lambda: len(stage.entries()) >= FIRST, 60, lambda: (stage.place / "older.log").read_text()[-2000:])
        newer = stage.start("worker")
        stage.approve(TOGETHER)
        stage.hush()
        until(lambda: has_dialled(newer.pid, stage) and has_dialled(older.pid, stage), 60, "the two never sent side by side")
        sent = len(stage.entries())
        assert sent < FIRST + TOGETHER, "all had left before the death"
    finally:
        older.kill()
        older.wait()
    stage.settle(60)
    stage.approve(AFTER)
    stage.hush()
    stage.settle(60)
    found = reconcile(stage)
    found.insist(doubts=SLOTS)
    assert newer.stop() == 0
    left = f"{len(stage.entries())} messages left, {sent} of them before the older was killed"
    return f"{left}, duplicates {found.duplicates}, lost {found.lost}, in doubt {found.in_doubt}"


def main() -> None:
    """Choose, check out, play, say."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    old = chosen(sys.argv[1:])
    refuse_without_a_way(old)
    behind = git("rev-list", "--count", f"{old}..HEAD")
    with checkout(old) as tree, tempfile.TemporaryDirectory(prefix="sayso-upgrade-") as home:
        Path(home).chmod(0o711)
        said = play(tree, Path(home))
    sys.stdout.write(f"test-upgrade: ok: {old[:9]}, {behind} commits back, beside this tree: {said}\n")


if __name__ == "__main__":
    main()
