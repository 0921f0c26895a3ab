"""The host checks and exports the audit's chain; a reader's own program, as documented, comes to the same verdict."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from kernel.db import Database
from kernel.keys import new_id, show
from kernel.settings import Settings
from processes.command import app
from tests.factories import Bench, Desk
from tests.outbox.test_chain import AT_TWO, head, sealed, tamper, write
from workers.clock import seal_audit

PAGE = Path(__file__).resolve().parents[2] / "docs" / "audit.md"
LONGEST = 15


@pytest.fixture(autouse=True)
def _on_the_host(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAYSO_DATABASE_URL", settings.database_url)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["audit", *words], catch_exceptions=False)


def checked_alone(exported: str) -> subprocess.CompletedProcess[str]:
    """What the program on the page says."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(program.strip().splitlines()) <= LONGEST
    return subprocess.run([sys.executable, "-c", program], input=exported, capture_output=True, text=True, check=False)


def test_a_sound_audit_is_said_to_be_sound(desk: Desk, worker_db: Database, bench: Bench) -> None:
    desk.approved()
    bench.drain()
    seal_audit(worker_db)
    found = run("verify")
    kept = head(desk, worker_db)
    assert (found.exit_code, found.stdout) == (0, f"{show('org', desk.founded.workspace)}: sound, 2 rows, head {kept}\n")
    assert run("verify", "--head", str(kept)).exit_code == 0


def test_what_waits_for_its_seal_is_counted(desk: Desk, worker_db: Database) -> None:
    sealed(desk, worker_db, 2)
    write(desk, 3)
    found = run("verify")
    assert found.exit_code == 0
    assert re.search(r"sound, 2 rows, .*; 3 not sealed yet, the oldest of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", found.stdout)


def test_a_broken_audit_is_named_and_ends_with_one(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    sealed(desk, worker_db)
    tamper(owner_db, f"UPDATE audit SET actor = 'person: Olivia' {AT_TWO}")
    found = run("verify")
    assert found.exit_code == 1
    assert re.search(r"BROKEN at position 2, row \d+ of the audit: .* is not what was sealed. The 1 before are sound$", found.stdout.strip())


def test_a_head_that_was_kept_shows_what_the_chain_cannot(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    sealed(desk, worker_db)
    kept = head(desk, worker_db)
    tamper(owner_db, "DELETE FROM audit_seal", "DELETE FROM audit")
    assert run("verify").exit_code == 0
    assert run("verify", "--head", str(kept)).exit_code == 1
    gone = f"{show('org', new_id())}:1:{kept.hash.hex()}"
    assert run("verify", "--head", gone).exit_code == 1, "a workspace that is gone altogether"


def test_the_export_holds_every_link_and_proves_itself(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    desk.approved("Grüße.")
    sealed(desk, worker_db, 3)
    exported = run("export").stdout
    read = [json.loads(line) for line in exported.splitlines()]
    assert [link["position"] for link in read] == [1, 2, 3, 4, 5]
    assert {"id", "workspace", "at", "actor", "action", "subject", "detail"} == set(read[0]["row"])
    found = checked_alone(exported)
    kept = head(desk, worker_db)
    assert (found.returncode, found.stdout) == (0, f"{desk.founded.workspace} 5 {kept.hash.hex()}\n")


@pytest.mark.parametrize(
    "deed",
    [
        f"UPDATE audit SET detail = '{{}}' {AT_TWO}",
        f"DELETE FROM audit {AT_TWO}",
        "DELETE FROM audit_seal WHERE position = 2",
        "UPDATE audit_seal SET hash = sha256(hash) WHERE position = 2",
    ],
)
def test_the_program_on_the_page_finds_what_was_changed(desk: Desk, worker_db: Database, owner_db: Database, deed: str) -> None:
    sealed(desk, worker_db)
    tamper(owner_db, deed)
    found = checked_alone(run("export").stdout)
    assert found.returncode == 1
    assert found.stderr.startswith(("position 2", "position 3"))


def test_a_lines_change_in_the_export_is_found_too(desk: Desk, worker_db: Database) -> None:
    sealed(desk, worker_db)
    lines = run("export").stdout.splitlines()
    assert checked_alone("\n".join(lines)).returncode == 0
    lines[1], lines[2] = lines[2], lines[1]
    assert "position 3" in checked_alone("\n".join(lines)).stderr
