"""A person operates from a terminal: signs in by the portal, sees what stands still, settles, replays, pauses, signs out."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from typer.testing import CliRunner

from kernel import clock
from kernel.db import Database
from kernel.keys import show
from processes.command import app
from surfaces.app import create_app
from surfaces.door import Door
from surfaces.portal.routes import routes
from tests.approvals.hands import LANE, dead, doubt, rows
from tests.factories import Bench, Desk
from tests.portal.guest import Reader, login_token

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "processes.command"]


@pytest.fixture
def served(desk: Desk, caplog: pytest.LogCaptureFixture) -> Iterator[Desk]:
    """The desk behind a listening server, whose operator is its owner; everything it logs is kept."""
    caplog.set_level(logging.INFO)
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = desk.settings.model_copy(update={"base_url": base, "operator_emails": "olivia@example.com"})
    door = Door(settings, desk.database)
    server = uvicorn.Server(uvicorn.Config(create_app(door, routes(door)), log_config=None, ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    until = clock.monotonic() + 10
    while not server.started and clock.monotonic() < until:
        thread.join(0.01)
    yield replace(desk, settings=settings)
    server.should_exit = True
    thread.join(10)


@dataclass(frozen=True)
class Terminal:
    """A shell with a home of its own."""

    desk: Desk
    config: Path

    @property
    def environment(self) -> dict[str, str]:
        """An agent's key is there too, and must not serve for a person."""
        mine = {"SAYSO_URL": self.desk.settings.base_url, "SAYSO_CONFIG": str(self.config), "SAYSO_API_KEY": self.desk.founded.key.secret}
        return {"PATH": os.environ["PATH"], "HOME": str(self.config.parent), "NO_COLOR": "1", **mine}

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command; what it prints when it works, what it complains of when it must not."""
        done = CliRunner().invoke(app, list(words), env=self.environment)
        assert done.exit_code == code, (words, done.output)
        return done.stderr if code else done.stdout

    def read(self, *words: str) -> Any:
        """Run a command with --json."""
        return json.loads(self.run(*words, "--json"))

    @contextmanager
    def waiting(self) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
        """`sayso login` while it waits, with the address and the code that it shows."""
        with subprocess.Popen(
            [*COMMAND, "login", "--json"], cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as running:
            assert running.stderr
            said = "".join(iter(running.stderr.readline, "Waiting…\n"))
            address, code = re.search(r"http\S+", said), re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", said)
            assert address
            assert code
            yield running, address.group(), code.group()


def confirm(desk: Desk, address: str, code: str, verdict: str) -> None:
    """A signed-in person compares the code and presses a button."""
    with httpx2.Client(base_url=desk.settings.base_url, timeout=20) as browser:
        entrance = f"/portal/enter/{login_token(desk)}"
        browser.post(entrance, data=Reader(browser.get(entrance).text).fields)
        page = browser.get(address)
        assert code in page.text
        form = page.text[page.text.index('action="/portal/confirm"') :]
        assert browser.post("/portal/confirm", data={**Reader(form).fields, "verdict": verdict}).is_success


def sign_in(terminal: Terminal) -> str:
    """Sign in, and answer the session's token as the file keeps it."""
    with terminal.waiting() as (running, address, code):
        confirm(terminal.desk, address, code, "confirm")
        told, fault = running.communicate(timeout=30)
    assert running.returncode == 0, fault
    assert json.loads(told)["name"] == "Olivia"
    assert stat.S_IMODE(terminal.config.stat().st_mode) == 0o600
    token = json.loads(terminal.config.read_text())["personToken"]
    assert token not in told + fault
    return str(token)


def test_a_person_operates_from_a_terminal(served: Desk, bench: Bench, owner_db: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    terminal = Terminal(served, tmp_path / "config" / "config.json")
    unclear, letter = doubt(served, bench, "Mia, your table."), dead(served, bench)
    assert " login" in terminal.run("doubts", code=3)
    token = sign_in(terminal)
    it, other = show("int", unclear.intent_ids[0]), show("int", letter.intent_ids[0])
    for words, shown in ((("doubts",), [it, "Mia, your table."]), (("dead",), [other, "The number does not exist."]), (("lanes",), [LANE, "open"])):
        printed = terminal.run(*words)
        assert all(word in printed for word in shown), printed
    assert terminal.read("resolve", it, "give-up", "--reason", "Too late now.")["state"] == "failed"
    assert json.loads(terminal.run("resolve", it, "sent", "--reason", "No.", "--json", code=5))["error"]["code"] == "not_in_doubt"
    assert "ready" in terminal.run("replay", other)
    key = show("key", served.founded.key.id)
    for subject in (["workspace"], ["channel", "sms"], ["key", key], ["request", show("apr", letter.approval_id)], ["lane", LANE]):
        assert terminal.read("pause", *subject, "--reason", "Enough.")["paused"] is True
    bench.drain()
    assert served.send(letter).state == "ready"
    assert "Enough." in terminal.run("lanes")
    for subject in (["workspace"], ["channel", "sms"], ["key", key], ["request", show("apr", letter.approval_id)], ["lane", LANE]):
        assert "is sending" in terminal.run("resume", *subject, "--reason", "Go on.")
    bench.drain()
    assert served.send(letter).state == "sent"
    terminal.run("pause", "workspace", code=2)
    assert key in terminal.run("keys")
    assert "opens nothing" in terminal.run("revoke", key)
    assert "Signed out" in terminal.run("logout")
    assert "personToken" not in terminal.config.read_text()
    assert rows(owner_db, "SELECT count(*) FROM portal_session WHERE via = 'terminal' AND ended_at IS NULL") == [(0,)]
    assert token not in caplog.text
    assert served.founded.key.secret not in caplog.text


def test_a_terminal_that_is_turned_away_gets_nothing(served: Desk, tmp_path: Path) -> None:
    terminal = Terminal(served, tmp_path / "config.json")
    with terminal.waiting() as (running, address, code):
        confirm(served, address, code, "refuse")
        _, fault = running.communicate(timeout=30)
    assert running.returncode == 5
    assert json.loads(fault.splitlines()[-1])["error"]["code"] == "login_ended"
    assert not terminal.config.exists()


def test_a_session_is_shown_to_no_other_server(served: Desk, tmp_path: Path) -> None:
    terminal = Terminal(served, tmp_path / "config.json")
    sign_in(terminal)
    assert "No person is signed in" in terminal.run("doubts", "--url", "http://127.0.0.1:1", code=3)
