"""The command line as somebody uses it who never saw a tool: a customer, a booking, and how each is listed."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from typer.testing import CliRunner

from kernel import clock
from processes.command import app, main
from surfaces.app import create_app
from surfaces.door import Door
from surfaces.portal.routes import routes
from tests.factories import Desk

CHECKS = ("config", "endpoint", "key", "tools", "company", "plan", "whatsapp")


@pytest.fixture
def served(desk: Desk) -> Iterator[Desk]:
    """The desk behind a listening server."""
    listening = socket.create_server(("127.0.0.1", 0))
    settings = desk.settings.model_copy(update={"base_url": f"http://127.0.0.1:{listening.getsockname()[1]}"})
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


class Shell:
    """A terminal with the agent's key."""

    def __init__(self, desk: Desk, config: Path) -> None:
        self.environment = {"SAYSO_URL": desk.settings.base_url, "SAYSO_CONFIG": str(config), "SAYSO_API_KEY": desk.founded.key.secret, "NO_COLOR": "1"}

    def run(self, *words: str, code: int = 0) -> str:
        """Run a command; what it prints when it works, what it complains of when it must not."""
        done = CliRunner().invoke(app, list(words), env=self.environment)
        assert done.exit_code == code, (words, done.output)
        return done.stderr if code else done.stdout

    def read(self, *words: str) -> Any:
        """Run a command with --json."""
        return json.loads(self.run("--json", *words))


@pytest.fixture
def shell(served: Desk, tmp_path: Path) -> Shell:
    return Shell(served, tmp_path / "config.json")


def test_verbs_call_tools_and_print_tables(shell: Shell) -> None:
    service = shell.read("tool", "create_service", json.dumps({"name": "Haircut", "durationMinutes": 60, "price": "49.00"}))["serviceId"]
    free = shell.read("bookings", "slots", "--service-id", service, "--date", clock.now().date().isoformat(), "--days", "3")["items"]
    booked = shell.read("bookings", "create", "--service-id", service, "--start", free[0]["start"], "--name", "Mia Park", "--email", "mia@example.com")
    assert shell.read("bookings", "confirm", booked["bookingId"])["status"] == "confirmed"
    printed = shell.run("bookings", "list", "--status", "confirmed")
    assert all(word in printed for word in (booked["bookingId"], "Haircut", "Mia Park")), printed
    assert "mia@example.com" in shell.run("members", "list", "--search", "mia")
    assert "Nothing." in shell.run("members", "list", "--search", "nobody")
    refused = json.loads(shell.run("--json", "bookings", "show", "bkg_01990000000070008000000000000000", code=5))["error"]
    assert refused["code"] == "not_found"
    shell.run("bookings", "show", code=2)


def test_key_option_goes_before_the_environment(shell: Shell, served: Desk) -> None:
    shell.environment["SAYSO_API_KEY"] = "sayso_mcp_" + "w" * 32
    shell.run("members", "list", code=3)
    assert "sayso_mcp_" not in shell.run("--api-key", served.founded.key.secret, "members", "list")


@pytest.mark.parametrize("shown", [True, False])
def test_what_others_wrote_moves_no_cursor(shell: Shell, shown: bool) -> None:
    shell.read("members", "create", "--name", "Mia [bold]\u202eknad")
    printed = shell.run(*(("members", "list") if shown else ("--json", "members", "list")))
    assert ("\u202e" in printed) is not shown


def test_doctor_looks_at_everything_and_says_what_to_do(shell: Shell, served: Desk) -> None:
    lines = shell.run("doctor").splitlines()
    assert [line.split()[:2] for line in lines] == [[mark, name] for mark, name in zip("✓✓✓✓✓✓✗", CHECKS, strict=True)]
    assert "create_whatsapp_connect_link" in lines[-1]
    assert lines[-1].count("sandbox") == 1
    assert served.founded.key.secret not in "".join(lines)
    told = shell.read("doctor")
    assert (told["ok"], [check["check"] for check in told["checks"]]) == (False, list(CHECKS))


def test_plan_dashboard_and_whatsapp_have_verbs(shell: Shell) -> None:
    assert "self_hosted" in shell.run("plan", "status")
    assert shell.read("plan", "check", "--tool", "create_booking") == {"allowed": True, "reason": None, "upgradeAction": None}
    assert {one["planCode"] for one in shell.read("plan", "options")["items"]} == {"self_hosted", "free", "pro"}
    assert "plan_not_for_sale" in shell.run("--json", "plan", "upgrade", "--plan-code", "free", "--confirm", code=5)
    assert shell.read("dashboard")["customers"] == 0
    assert shell.read("whatsapp", "status")["status"] == "sandbox"
    assert shell.read("whatsapp", "connect", "--mode", "coexistence")["url"].endswith("/portal/settings/channels")


@pytest.mark.parametrize("words", ["forget --older-than-days 30", "open-lanes"])
def test_a_database_that_is_away_is_a_sentence(words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    away = {"SAYSO_DATABASE_URL": "postgresql+psycopg://a:canary@127.0.0.1:1/b", "SAYSO_REDIS_URL": "redis://127.0.0.1:1/0", "SAYSO_SECRET_KEY": "k" * 32}
    for name, value in away.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["sayso", *words.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 1
    assert "sayso: " in said
    assert "SAYSO_DATABASE_URL" in said
    assert "canary" not in said
