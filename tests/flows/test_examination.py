"""`sayso doctor --server`: what is broken is named with what to do next, the exit says so, and no secret is printed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from typer.testing import CliRunner

from embedded.servers import Servers
from kernel.db import Database
from kernel.keys import new_id
from kernel.log import BLOT
from kernel.roles import KNOWS_LONGEST, Role, role_name
from kernel.settings import Settings
from outbox.heartbeats import Process, beat
from processes import examination
from processes.command import app
from processes.examination import examined
from tests.factories import Desk

CANARY = "canary0canary1canary2canary3"


def found(settings: Settings) -> dict[str, dict[str, Any]]:
    return {check["check"]: check for check in examined(settings)}


def ill(settings: Settings) -> set[str]:
    return {name for name, check in found(settings).items() if not check["ok"]}


@pytest.fixture
def beating(worker_db: Database, desk: Desk) -> None:
    kinds: tuple[Process, ...] = ("web", "worker", "clock")
    with worker_db.line() as line:
        for process in kinds:
            beat(line, process, new_id())


@pytest.mark.usefixtures("beating")
def test_a_system_that_is_well_is_told_so(settings: Settings) -> None:
    told = found(settings)
    assert {name for name, check in told.items() if not check["ok"]} == {"address"}  # nobody serves it in this test
    assert {"database", "migrations", "roles", "clock", "processes", "channels", "queue", "redis", "address", "sandbox"} <= set(told)


def test_an_older_database_is_told_what_it_cannot_do(settings: Settings, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "17" not in found(settings)["database"]["words"]
    monkeypatch.setattr(examination, "KNOWS_LONGEST", KNOWS_LONGEST.replace("transaction_timeout", "sayso.unknown_there"))
    assert "17 and later" in found(settings)["database"]["words"]


@pytest.mark.usefixtures("beating")
def test_whatever_is_broken_is_named_with_what_to_do(settings: Settings, owner_db: Database) -> None:
    web = role_name(settings.database_url, Role.WEB)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE heartbeat SET ahead_seconds = -9 WHERE process = 'web'"))
        session.execute(text("DELETE FROM heartbeat WHERE process = 'worker'"))
        session.execute(text("INSERT INTO lane (id, paused_at) VALUES ('sms:sandbox', now()) ON CONFLICT (id) DO UPDATE SET paused_at = now()"))
        session.execute(text(f"GRANT UPDATE ON intent TO {web}"))
    try:
        told = found(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}))
    finally:
        with owner_db.transaction() as session:
            session.execute(text(f"REVOKE UPDATE ON intent FROM {web}"))
    broken = {name: check for name, check in told.items() if not check["ok"]}
    assert set(broken) == {"address", "channels", "clock", "processes", "redis", "roles"}
    assert all(len(check["nextStep"]) > 20 for check in broken.values())
    assert "intent" in broken["roles"]["words"]


def test_a_restore_that_broke_off_is_named(settings: Settings, owner_db: Database) -> None:
    worker = role_name(settings.database_url, Role.WORKER)
    with owner_db.transaction() as session:
        session.execute(text(f"ALTER ROLE {worker} NOLOGIN"))
    try:
        roles = found(settings)["roles"]
    finally:
        with owner_db.transaction() as session:
            session.execute(text(f"ALTER ROLE {worker} LOGIN"))
    assert worker in roles["words"]
    assert "sayso restore" in roles["nextStep"], "sayso migrate would not let it in"


def test_a_database_that_is_away_is_named_and_the_rest_is_looked_at(settings: Settings) -> None:
    told = found(settings.model_copy(update={"database_url": f"postgresql+psycopg://owner:{CANARY}@127.0.0.1:1/nothing"}))
    assert not told["database"]["ok"]
    assert "migrations" not in told
    assert told["redis"]["ok"]
    assert CANARY not in json.dumps(told)


def test_credentials_are_tried_without_sending_and_never_printed(settings: Settings) -> None:
    nobody = "http://127.0.0.1:1"
    told = found(
        settings.model_copy(
            update={
                "sms": "twilio",
                "email": "sendgrid",
                "payments": "stripe",
                "twilio_account_sid": "AC" + "a" * 32,
                "twilio_auth_token": SecretStr(CANARY),
                "twilio_sms_from": "+15005550006",
                "sendgrid_api_key": SecretStr(CANARY),
                "sendgrid_from": "desk@salon.example",
                "sendgrid_webhook_public_key": CANARY,
                "stripe_api_key": SecretStr(CANARY),
                **dict.fromkeys(("twilio_api_base", "sendgrid_api_base", "stripe_api_base"), nobody),
            }
        )
    )
    broken = {name for name, check in told.items() if not check["ok"]}
    assert {"twilio", "sendgrid", "stripe", "sendgrid webhook", "stripe webhook", "address"} <= broken
    assert CANARY not in json.dumps(told)
    assert settings.secret_key.get_secret_value() not in json.dumps(told)


@pytest.mark.parametrize(("is_well", "code"), [(True, 0), (False, 1)])
def test_the_exit_says_whether_something_is_broken(monkeypatch: pytest.MonkeyPatch, is_well: bool, code: int) -> None:
    check = {"check": "database", "ok": is_well, "words": "answers", "nextStep": None if is_well else "Start it."}
    monkeypatch.setattr(examination, "checks", lambda: iter([check]))
    told = CliRunner().invoke(app, ["doctor", "--server", "--json"])
    assert (told.exit_code, json.loads(told.stdout)) == (code, {"ok": is_well, "checks": [check]})
    said = CliRunner().invoke(app, ["doctor", "--server"])
    assert ("Start it." in said.stdout) is not is_well


def test_an_unfit_configuration_is_a_finding(monkeypatch: pytest.MonkeyPatch, servers: Servers) -> None:
    monkeypatch.setenv("SAYSO_METRICS_TOKEN", "short")
    (only,) = list(examination.checks())
    assert (only["check"], only["ok"]) == ("settings", False)
    assert "SAYSO_METRICS_TOKEN" in only["words"]


def test_a_data_directory_that_cannot_be_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAYSO_DATA_DIR", "/dev/null/sayso")
    (only,) = list(examination.checks())
    assert (only["check"], only["ok"]) == ("settings", False)
    assert "SAYSO_DATA_DIR" in only["nextStep"]


@pytest.mark.parametrize("variable", ["SAYSO_DATABASE_URL", "SAYSO_REDIS_URL", "SAYSO_BASE_URL", "TWILIO_API_BASE", "SMTP_URL"])
def test_an_address_that_is_none_is_a_finding_too(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv("SAYSO_EMAIL", "smtp")
    monkeypatch.setenv("SMTP_FROM", "desk@salon.example")
    monkeypatch.setenv("SMTP_URL", "smtp://localhost")
    monkeypatch.setenv(variable, f"postgres://owner:{CANARY}@[db")
    told = CliRunner().invoke(app, ["doctor", "--server", "--json"])
    (only,) = json.loads(told.stdout)["checks"]
    assert variable in only["words"]
    assert CANARY not in told.output
    assert BLOT not in told.output, "what it should look like is blotted out"
