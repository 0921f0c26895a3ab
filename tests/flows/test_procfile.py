"""The Procfile's processes on a PostgreSQL and a Redis given by URL, with Twilio and SendGrid at a stub: the same story."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import anyio
import httpx2
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from embedded.servers import Servers
from kernel.clock import monotonic, pause
from processes.story import Letter, Scene, tell
from tests.fixtures.stub_provider import StubProvider

ROOT = Path(__file__).resolve().parents[2]
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
OWNER = "olivia@example.com"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[StubProvider]:
    with StubProvider(tmp_path / "journal") as running:
        yield running


@pytest.fixture
def environment(servers: Servers, stub: StubProvider, tmp_path: Path) -> dict[str, str]:
    """What a host would set; nothing of the test's own environment but PATH."""
    owner = create_engine(servers.database_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS procfile"))
        connection.execute(text("CREATE DATABASE procfile"))
    owner.dispose()
    port = free_port()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PORT": str(port),
        "SAYSO_BASE_URL": f"http://127.0.0.1:{port}",
        "SAYSO_DATA_DIR": str(tmp_path / "data"),
        "SAYSO_DATABASE_URL": make_url(servers.database_url).set(database="procfile").render_as_string(hide_password=False),
        "SAYSO_REDIS_URL": servers.redis_url,
        "SAYSO_SECRET_KEY": "a secret of more than thirty-two characters",
        "SAYSO_NOTICE_PAUSE_SECONDS": "0",
        "SAYSO_NOTICES_PER_HOUR": "1000",
        "SAYSO_PENDING_PER_KEY": "1000000",
        "SAYSO_WHATSAPP": "twilio",
        "SAYSO_SMS": "twilio",
        "SAYSO_EMAIL": "sendgrid",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_SMS_FROM": "+15005550006",
        "TWILIO_WHATSAPP_FROM": "+15005550006",
        "TWILIO_API_BASE": stub.url,
        "SENDGRID_API_KEY": "SG.key",
        "SENDGRID_FROM": "studio@example.com",
        "SENDGRID_API_BASE": stub.url,
        "STRIPE_WEBHOOK_SECRET": "whsec_flow",
    }


def run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "processes.command", *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def process(environment: dict[str, str], name: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One line of the Procfile, started as any runner would and stopped by SIGTERM within the grace."""
    command = PROCFILE[name].replace("python", sys.executable, 1).split()
    with log.open("wb") as stream, subprocess.Popen(command, cwd=ROOT, env=environment, stderr=stream, stdout=stream) as running:
        try:
            yield running
        finally:
            running.send_signal(signal.SIGTERM)
            code = running.wait(30)
    assert code in (0, -signal.SIGTERM), log.read_text()


def wait_ready(base_url: str) -> None:
    ends = monotonic() + 30
    while monotonic() < ends:
        try:
            if httpx2.get(f"{base_url}/readyz", timeout=2).is_success:
                return
        except httpx2.TransportError:
            pass
        pause(0.1)
    raise AssertionError("web did not become ready")


def test_the_story_passes_with_separate_processes_and_real_sdks(environment: dict[str, str], stub: StubProvider, tmp_path: Path) -> None:
    run(environment, "migrate")
    key = run(environment, "workspace", "Studio Ola", OWNER, "--zone", "Europe/Paris")
    base = environment["SAYSO_BASE_URL"]
    logs = {name: tmp_path / f"{name}.log" for name in ("web", "worker", "clock")}
    with ExitStack() as stack:
        for name, log in logs.items():
            stack.enter_context(process(environment, name, log))
        wait_ready(base)
        said: list[str] = []

        def mailbox() -> list[Letter]:
            return [Letter(entry.recipient or "", entry.fields["subject"], entry.text or "") for entry in stub.entries() if entry.recipient == OWNER]

        told = anyio.run(tell, Scene(base, key, "whsec_flow", "token", mailbox, said.append, confirms=False))
    customers = [entry for entry in stub.entries() if entry.recipient != OWNER]
    assert sorted((entry.provider, entry.recipient) for entry in customers) == [
        ("sendgrid", "mia@example.com"),
        ("twilio", "+447400123456"),
        ("twilio", "+447400123456"),
        ("twilio", "whatsapp:+447400123456"),
    ]
    assert len({entry.reference for entry in stub.entries()}) == len(stub.entries())
    assert len(told.ledger) == 6
    assert all("runs; SIGTERM" in logs[name].read_text() for name in ("worker", "clock")), "who starts it cannot tell that it runs"
    everything = "".join(log.read_text() for log in logs.values())
    for secret in (key, "+447400123456", "mia@example.com", OWNER, "colour appointment", environment["TWILIO_AUTH_TOKEN"] + '"'):
        assert secret not in everything
    assert not re.search(r"/a/[\w-]{20}", everything)
    assert all(json.loads(line) for line in everything.splitlines())
