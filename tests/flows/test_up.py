"""`sayso up` as a person meets it: an address, a way in, a key once; and the host's shell beside it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import phonenumbers
import psutil
import pytest
from email_validator import validate_email

from kernel.settings import load, version
from outbox.accounts import SANDBOX_SENDERS
from processes import house, story
from processes.up import whither

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """An empty environment, a free port and a data directory of its own."""
    with tempfile.TemporaryDirectory(prefix="sayso up ") as home, socket.socket() as probe:
        Path(home).chmod(0o711)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        yield {"PATH": os.environ["PATH"], "HOME": home, "PORT": str(port), "SAYSO_DATA_DIR": f"{home}/data"}


@contextmanager
def up(environment: dict[str, str]) -> Iterator[str]:
    """Start it, lend what it says up to the last line, stop it as Ctrl-C does."""
    command = [sys.executable, "-m", "processes.command", "up"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        assert running.stdout
        assert running.stderr
        said = []
        for line in running.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                break
        try:
            yield "".join(said)
        finally:
            os.killpg(running.pid, signal.SIGINT)
            rest, fault = running.communicate(timeout=40)
    assert running.returncode == 0, fault
    assert "stopped" in rest


def shell(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "processes.command", *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def wait_until_it_answers(base: str) -> None:
    with httpx2.Client(transport=httpx2.HTTPTransport(retries=10), timeout=10) as http:
        for _ in range(100):
            try:
                http.get(f"{base}/healthz")
            except httpx2.TransportError:
                continue
            return


def test_a_newcomer_finds_a_way_in_and_an_agent_a_key(environment: dict[str, str]) -> None:
    base = f"http://127.0.0.1:{environment['PORT']}"
    with up(environment) as said:
        assert httpx2.get(f"{base}/healthz", timeout=20).is_success, "it said that it runs before it listened"
        assert base in said
        assert "nothing leaves this machine" in said
        assert "${env:SAYSO_API_KEY}" in said
        key = re.search(r"SAYSO_API_KEY=(sayso_mcp_\S+)", said)
        link = re.search(r"http\S+/portal/enter/\S+", said)
        assert key
        assert link
        _a_person_enters(link.group())
        agent = {"Authorization": f"Bearer {key.group(1)}"}
        asked = httpx2.post(f"{base}/api/send_sms", json={"to": "+447400123456", "body": "Hello."}, headers=agent, timeout=20)
        assert asked.json()["status"] == "pending"
        elsewhere = {name: value for name, value in environment.items() if name != "PORT"}
        second = shell(elsewhere, "login-link", house.OWNER)
        assert second.stdout.startswith(f"{base}/portal/enter/")
        mail = shell(environment, "mailbox")
        assert mail.returncode == 0
        for path in ("/portal", "/portal/ledger", "/mailbox", "/api/mailbox", "/api/login_link"):
            answer = httpx2.get(base + path, headers=agent, timeout=20)
            assert answer.status_code in (303, 404, 405), path
            assert "/a/" not in answer.text
        taken = shell(environment, "up")
        assert taken.returncode == 1
        assert "PORT" in taken.stderr or "another process" in taken.stderr
    with up(environment) as again:
        wait_until_it_answers(base)
        assert "sayso_mcp_" not in again
        assert shell(environment, "key", house.OWNER).stdout.startswith("sayso_mcp_")
    assert shell(environment, "login-link", house.OWNER).returncode == 1
    assert "Start Sayso first" in shell(environment, "login-link", house.OWNER).stderr


def _a_person_enters(link: str) -> None:
    with httpx2.Client(follow_redirects=True, timeout=20) as browser:
        for _ in range(2):
            page = browser.get(link)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        origin = link.partition("/portal")[0]
        target = origin + action.group(1) if action else link
        inside = browser.post(target, data=hidden, headers={"Origin": origin})
        assert inside.url.path == "/portal", inside.text
        assert inside.is_success


def test_the_welcome_names_what_leaves_the_machine_when_only_a_part_is_on_the_sandbox() -> None:
    settings = load(SAYSO_SMS="twilio", TWILIO_ACCOUNT_SID="AC", TWILIO_AUTH_TOKEN="token", TWILIO_SMS_FROM="+15005550006")
    said = "\n".join(whither(settings))
    assert "Leaves this machine: sms by twilio." in said
    assert "Stays in the sandbox: whatsapp, email, payments." in said
    assert "nothing leaves" not in said
    assert "nothing leaves this machine" in "\n".join(whither(load()))


def test_the_command_says_its_version(environment: dict[str, str]) -> None:
    assert shell(environment, "--version").stdout == f"sayso {version()}\n"


def test_demo_addresses_and_numbers_are_valid_to_the_validators() -> None:
    source = (ROOT / "processes" / "story.py").read_text() + (ROOT / "outbox" / "accounts.py").read_text()
    for number in {*re.findall(r"\+\d{8,15}", source), SANDBOX_SENDERS["sms"]}:
        assert phonenumbers.is_valid_number(phonenumbers.parse(number)), number
    for address in {*re.findall(r"[\w.]+@[\w.]+\w", source), house.OWNER}:
        assert validate_email(address, check_deliverability=False)
    assert story.PATIENCE


def test_up_ends_with_a_sentence_when_its_database_dies(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "processes.command", "up"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        wait_until_it_answers(f"http://127.0.0.1:{environment['PORT']}")
        pid = int((Path(environment["SAYSO_DATA_DIR"]) / "servers" / "pg" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        _, fault = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "postgres died" in fault


def test_up_starts_again_after_everything_of_it_was_killed(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "processes.command", "up"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as running:
        wait_until_it_answers(f"http://127.0.0.1:{environment['PORT']}")
        founded = shell(environment, "workspace", "Studio Nord", "nora@example.com")
        everything = [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]
        assert len(everything) > 3, "the servers are its children"
        for each in everything:
            with suppress(psutil.NoSuchProcess):
                each.kill()
    data = Path(environment["SAYSO_DATA_DIR"])
    assert (data / "servers" / "pg" / "postmaster.pid").exists(), "PostgreSQL ended in order, so nothing stale is left to recover from"
    with up(environment):
        wait_until_it_answers(f"http://127.0.0.1:{environment['PORT']}")
        key = {"Authorization": f"Bearer {founded.stdout.strip()}"}
        assert httpx2.post(f"http://127.0.0.1:{environment['PORT']}/api/list_my_companies", json={}, headers=key, timeout=20).is_success


def test_up_in_production_shows_no_key_and_needs_leave_to_bring_its_servers(environment: dict[str, str], tmp_path: Path) -> None:
    tmp_path.chmod(0o711)
    production = environment | {
        "SAYSO_ENV": "production",
        "SAYSO_BASE_URL": "https://sayso.example",
        "SAYSO_ALLOW_SANDBOX": "1",
        "SAYSO_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
        "SAYSO_DATA_DIR": f"{environment['HOME']}/production",
    }
    refused = shell(production, "up")
    assert refused.returncode == 1
    assert "SAYSO_ALLOW_OWN_SERVERS=1" in refused.stderr
    told = tmp_path / "told"
    allowed = production | {"SAYSO_ALLOW_OWN_SERVERS": "1"}
    command = [sys.executable, "-m", "processes.command", "up"]
    with told.open("w") as out, subprocess.Popen(command, cwd=ROOT, env=allowed, stdout=out, stderr=out, start_new_session=True) as running:
        wait_until_it_answers(f"http://127.0.0.1:{environment['PORT']}")
        assert httpx2.get(f"http://127.0.0.1:{environment['PORT']}/readyz", timeout=20).is_success
        assert shell(allowed, "login-link", house.OWNER).returncode == 1, "a business was founded that nobody asked for"
        running.send_signal(signal.SIGTERM)
        assert running.wait(40) == 0
    assert "sayso workspace" in told.read_text() or "./dev workspace" in told.read_text()
    assert "sayso_mcp_" not in told.read_text()
