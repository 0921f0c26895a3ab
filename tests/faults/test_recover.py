"""Backup and restore for real: what left after the backup does not leave again, on a machine that saw nothing of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from embedded.binaries import find_postgres
from embedded.copies import put_back
from embedded.servers import Servers
from kernel.roles import Role, role_name, role_password
from outbox.restores import REASON
from tests.fixtures.nursery import ROOT, Nursery
from tests.fixtures.stage import SECRET, Stage, database_named, ground, stage_on
from tests.fixtures.waiting import until

NUMBER = 15
"""A database and a Redis that no other play stands on: this one loses its database."""
NAME = f"stage_{NUMBER}"


@pytest.fixture
def stage(servers: Servers, nursery: Nursery, tmp_path: Path) -> Iterator[Stage]:
    """A stage of its own."""
    with stage_on(ground(servers, NUMBER), nursery, tmp_path / "play") as ready:
        yield ready


@pytest.fixture
def backup(stage: Stage, tmp_path: Path) -> Path:
    """A backup from when three messages were approved and none had left."""
    stage.approve(3)
    stage.hush()
    shell(stage, "backup", str(tmp_path / "backup"))
    return tmp_path / "backup"


def shell(stage: Stage, *words: str, code: int = 0) -> str:
    """A command of the host's shell; what it said."""
    command = [sys.executable, "-m", "processes.command", *words]
    done = subprocess.run(command, cwd=ROOT, env=stage.environment, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def in_any_form(words: str, told: str) -> bool:
    """Whether a dump says it, as text or as the bytes of a column."""
    return words in told or words.encode().hex() in told


def send_and_lose(stage: Stage, servers: Servers) -> None:
    """All three leave; then the database is gone, with its roles and every process."""
    stage.start("clock")
    stage.start("worker")
    until(lambda: len(stage.entries()) == 3, 30, "they did not leave")
    stage.clear()
    database_named(servers, NAME)
    owner = create_engine(servers.database_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for role in (Role.WEB, Role.WORKER):
            connection.execute(text(f"DROP ROLE {NAME}_{role}"))
    owner.dispose()


def begin_elsewhere(stage: Stage, tmp_path: Path) -> Path:
    """Start a worker with an empty data directory; answers where its witness writes each second."""
    stage.start("clock")
    stage.start("worker", SAYSO_DATA_DIR=str(tmp_path / "elsewhere"))
    return tmp_path / "elsewhere"


def has_lived(folder: Path, stage: Stage) -> None:
    """Wait until its worker has looked around three times more, a second apart."""
    for _ in range(3):
        before = newest(folder)
        until(lambda before=before: newest(folder) > before, 30, stage.words)


def newest(folder: Path) -> int:
    """When the witness wrote last."""
    return max((path.stat().st_mtime_ns for path in folder.glob("witness-*") if "." not in path.name), default=0)


def test_what_left_after_the_backup_does_not_leave_again(stage: Stage, servers: Servers, backup: Path, tmp_path: Path) -> None:
    intents = list(stage.states())
    send_and_lose(stage, servers)
    said = shell(stage, "restore", str(backup))
    approved = [intent for intent, state in stage.states().items() if state == "ready"]
    assert len(approved) == 3
    assert set(approved) <= set(intents)
    assert all(f"int_{UUID(intent).hex}" in said for intent in approved)
    stage.approve(1)
    has_lived(begin_elsewhere(stage, tmp_path), stage)
    assert len(stage.entries()) == 3, "something left although nobody had looked"
    assert {reason for (reason,) in stage.execute("SELECT pause_reason FROM lane")} == {REASON}
    for intent in approved:  # whoever looked found them in the provider's list
        stage.desk.run("cancel_scheduled_send", intentId=f"int_{UUID(intent).hex}")
    assert "sms:twilio is open again" in shell(stage, "open-lanes")
    until(lambda: len(stage.entries()) == 4, 30, stage.words)
    stage.settle()
    assert len({stage.intent_of(entry) for entry in stage.entries()}) == 4, "one message left twice"


def test_without_the_pause_everything_leaves_twice(stage: Stage, servers: Servers, backup: Path, tmp_path: Path) -> None:
    send_and_lose(stage, servers)
    shell(stage, "migrate")
    database_named(servers, NAME)  # with the roles that a copy needs
    put_back(make_url(stage.settings.database_url).set(drivername="postgresql").render_as_string(), "", backup)
    begin_elsewhere(stage, tmp_path)
    until(lambda: len(stage.entries()) == 6, 30, "the negative control sends nothing")
    assert len({stage.intent_of(entry) for entry in stage.entries()}) == 3


def test_a_backup_holds_no_secret_and_is_its_owners_alone(stage: Stage, backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    told = subprocess.run([str(find_postgres() / "pg_restore"), "-f", "-", str(backup)], capture_output=True, text=True, check=True, timeout=60).stdout
    assert in_any_form("Text 1.", told), "the backup is empty"
    url = stage.settings.database_url
    secrets = [SECRET, stage.desk.founded.key.secret, *(role_password(url, role, SECRET.encode()) for role in (Role.WEB, Role.WORKER))]
    assert [secret for secret in secrets if in_any_form(secret, told)] == []
    assert "exists" in shell(stage, "backup", str(backup), code=1)


def test_a_backup_is_nobody_elses_whatever_lies_in_its_way(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "lain.part").touch(mode=0o666)
    (tmp_path / "led.part").symlink_to(tmp_path / "elsewhere")
    for name in ("lain", "led"):
        shell(stage, "backup", str(tmp_path / name))
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_no_backup_shuts_nobody_out(stage: Stage, servers: Servers, tmp_path: Path) -> None:
    database_named(servers, NAME)
    shell(stage, "migrate")
    database_named(servers, NAME)  # empty again, with its roles
    (tmp_path / "text").write_text("SELECT 1")
    for wrong in (tmp_path / "mistyped", tmp_path / "text", tmp_path):
        shell(stage, "restore", str(wrong), code=1)
    worker = role_name(stage.settings.database_url, Role.WORKER)
    assert stage.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = :name", name=worker) == [(True,)]


def test_a_restore_fills_nothing_but_an_empty_database(stage: Stage, backup: Path) -> None:
    before = stage.states()
    assert "empty database" in shell(stage, "restore", str(backup), code=1)
    assert stage.states() == before


def test_a_restore_that_breaks_off_leaves_the_workers_out(stage: Stage, servers: Servers, backup: Path, tmp_path: Path) -> None:
    torn = tmp_path / "torn"
    torn.write_bytes(backup.read_bytes()[:-200])  # what it lists is whole
    database_named(servers, NAME)
    shell(stage, "restore", str(torn), code=1)
    login = "SELECT rolcanlogin FROM pg_roles WHERE rolname = :name"
    worker = role_name(stage.settings.database_url, Role.WORKER)
    assert stage.execute(login, name=worker) == [(False,)]
    assert stage.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]
    shell(stage, "restore", str(backup))
    assert stage.execute(login, name=worker) == [(True,)]
