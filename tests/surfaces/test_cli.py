"""The command line's client against a listening server: what it prints, and the exit codes that scripts branch on."""

from __future__ import annotations

import json
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
import uvicorn
from typer.testing import CliRunner, Result

from kernel import clock, settings
from kernel.db import Database
from surfaces import target
from surfaces.app import create_app
from surfaces.cli import app
from surfaces.door import Door
from tests.surfaces import toys


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server on a free port; the registry it answers from is the test's."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(Door(settings.load(), cast("Database", toys.Ledger()))), log_config=None, ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    until = clock.monotonic() + 10
    while not server.started and clock.monotonic() < until:
        thread.join(0.01)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(autouse=True)
def environment(address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    config = tmp_path / "sayso" / "config.json"
    monkeypatch.setenv("SAYSO_URL", address)
    monkeypatch.setenv("SAYSO_API_KEY", toys.KEY)
    monkeypatch.setenv("SAYSO_CONFIG", str(config))
    return config


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


def error(result: Result) -> dict[str, str]:
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return dict(json.loads(line)["error"])


def test_doctor_says_who_answers() -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert all(word in result.stdout for word in ("✓ endpoint", "sayso 0.1.0", "2026-07-28", "SAYSO_API_KEY"))
    assert toys.KEY not in result.stdout


def test_doctor_answers_json() -> None:
    told = json.loads(run("--json", "doctor").stdout)
    assert {check["check"]: check["ok"] for check in told["checks"]} == dict.fromkeys(("config", "endpoint", "key", "tools"), True) | dict.fromkeys(
        ("company", "plan", "whatsapp"), False
    )
    assert told["checks"][3]["words"] == "10 for this key"
    assert all(check["nextStep"] for check in told["checks"] if not check["ok"])


def test_doctor_names_no_file_that_is_not_there(environment: Path) -> None:
    assert f"no file at {environment}" in run("doctor").stdout
    target.save_config(url="http://127.0.0.1:1")
    assert f"✓ config           {environment}\n" in run("doctor").stdout


def test_doctor_without_a_key_says_once_each_what_it_cannot_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAYSO_API_KEY")
    told = {check["check"]: check for check in json.loads(run("--json", "doctor").stdout)["checks"]}
    assert [told[name]["words"] for name in ("company", "plan", "whatsapp")] == ["cannot be asked without a key"] * 3
    assert all("Set SAYSO_API_KEY" in told[name]["nextStep"] for name in ("key", "company", "plan", "whatsapp"))


def test_list_shows_every_page_of_what_the_key_may_use() -> None:
    assert [tool["name"] for tool in json.loads(run("tool", "list", "--json").stdout)] == sorted(toys.operations())
    assert run("tool", "list", "--search", "services").stdout == "list_services  List the services.\n"


def test_describe_shows_the_schema() -> None:
    shown = json.loads(run("tool", "describe", "list_services").stdout)
    assert "limit" in shown["inputSchema"]["properties"]
    assert shown["annotations"]["readOnlyHint"] is True


@pytest.mark.parametrize("words", [("call", "list_services", '{"limit": 1}'), ("list_services", '{"limit": 1}'), ("list_services",)])
def test_call_prints_the_answer(words: tuple[str, ...]) -> None:
    assert json.loads(run("tool", *words).stdout)["items"][0]["title"] == "Cut"


def test_call_reads_standard_input() -> None:
    assert json.loads(run("tool", "call", "list_services", "-", stdin='{"limit": 1}').stdout)["items"]


def test_refusal_of_a_tool_exits_5() -> None:
    result = run("--json", "tool", "list_services", '{"limt": 1}')
    assert result.exit_code == 5
    assert error(result)["code"] == "invalid_arguments"


@pytest.mark.parametrize("words", [("tool", "call", "no_such"), ("tool", "describe", "no_such")])
def test_unknown_tool_exits_5(words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 5


def test_refusal_is_a_sentence_and_a_next_step_for_people() -> None:
    result = run("tool", "list_services", '{"limt": 1}')
    assert result.stderr.startswith("sayso: 'limt' is not a known argument")
    assert "\nNext: " in result.stderr


@pytest.mark.parametrize("arguments", ["nonsense", "[1]", "", "[" * 5000])
def test_arguments_that_are_no_object_exit_2(arguments: str) -> None:
    result = run("--json", "tool", "list_services", arguments)
    assert (result.exit_code, error(result)["code"]) == (2, "not_json")


def test_unknown_option_exits_2() -> None:
    assert run("tool", "list", "--no-such").exit_code == 2


@pytest.mark.parametrize("words", [("doctor",), ("tool", "list"), ("tool", "list_services")])
def test_wrong_key_exits_3_without_showing_it(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    monkeypatch.setenv("SAYSO_API_KEY", toys.WRONG_KEY)
    result = run("--json", *words)
    assert (result.exit_code, error(result)["code"]) == (3, "key_refused")
    assert toys.WRONG_KEY not in result.output


def test_missing_key_exits_3_when_the_tool_needs_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAYSO_API_KEY")
    result = run("--json", "tool", "list_services")
    assert (result.exit_code, error(result)["code"]) == (3, "auth_required")
    assert run("tool", "ping").exit_code == 0


@pytest.mark.parametrize("address_of_nothing", ["http://127.0.0.1:1", "http://no-such-host.invalid"])
def test_unreachable_exits_4(address_of_nothing: str) -> None:
    result = run("--json", "--url", address_of_nothing, "tool", "list")
    assert (result.exit_code, error(result)["code"]) == (4, "unreachable")


def test_address_of_something_else_exits_4(address: str) -> None:
    assert run("--url", f"{address}/elsewhere", "tool", "list").exit_code == 4


def test_odd_address_exits_2() -> None:
    assert run("--url", "ftp://x", "doctor").exit_code == 2


def test_config_file_serves_when_the_environment_is_silent(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAYSO_API_KEY")
    target.save_config(apiKey=toys.KEY)
    assert stat.S_IMODE(environment.stat().st_mode) == 0o600
    assert run("tool", "list_services").exit_code == 0
    target.save_config(url="http://127.0.0.1:1")
    assert target.load_config() == {"apiKey": toys.KEY, "url": "http://127.0.0.1:1"}


def test_config_file_that_others_can_read_is_refused(environment: Path) -> None:
    target.save_config(apiKey=toys.KEY)
    environment.chmod(0o644)
    result = run("--json", "tool", "list")
    assert (result.exit_code, error(result)["code"]) == (2, "config_exposed")


@pytest.mark.parametrize("words", ["", "[]", "{", "\udcff"])
def test_config_file_that_is_no_object_is_refused(environment: Path, words: str) -> None:
    target.save_config()
    environment.write_bytes(words.encode("utf-8", "surrogateescape"))
    assert run("tool", "list").exit_code == 2


def test_key_is_masked() -> None:
    assert target.Target("", toys.KEY, "").shown_key() == "sayso_mcp_…aaaa"
    assert target.Target("", "short", "").shown_key() == "…"
    assert target.Target("", None, "").shown_key() == "not set"
