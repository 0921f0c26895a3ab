"""`./dev practice`: somebody who tries own settings is let in, and sees what would have left, wherever they sent it."""

from __future__ import annotations

import re
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from outbox.dispatch import Accepted
from providers.transport import Transport
from providers.twilio import Twilio
from tests.contracts.rigs.twilio import ACCOUNT
from tests.fixtures.dispatches import dispatch_to
from tests.fixtures.settings import settings_for
from tests.fixtures.stub_provider import StubProvider

COMMAND = (sys.executable, "-m", "tests.fixtures.practice")


@pytest.fixture
def practice() -> Iterator[Practice]:
    with subprocess.Popen([*COMMAND, "--port", "0", "--mail-port", "0"], stdout=subprocess.PIPE, text=True) as running:
        yield Practice(running)
        running.terminate()


class Practice:
    """It, and what it has said."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        assert running.stdout
        self._said = running.stdout
        words = self.until("Ctrl-C")
        self.api = re.findall(r"TWILIO_API_BASE=(\S+)", words)[0]
        self.mail = int(re.findall(r"SMTP_URL=smtp://127.0.0.1:(\d+)", words)[0])

    def until(self, word: str) -> str:
        """What it says up to the line with this word."""
        lines: list[str] = []
        while not lines or word not in lines[-1]:
            lines.append(next(self._said))
        return "".join(lines)


def test_a_message_and_a_letter_are_taken_and_shown(practice: Practice, tmp_path: Path) -> None:
    twilio = Twilio(
        settings_for(tmp_path, twilio_account_sid=ACCOUNT, twilio_auth_token="token", twilio_api_base=practice.api), Transport(practice.api, read=20)
    )
    assert twilio.probe() is None
    assert isinstance(twilio.perform(dispatch_to("sms", "+447400123456")), Accepted)
    assert "→ +447400123456" in practice.until("twilio  ")
    twilio.close()
    with smtplib.SMTP("127.0.0.1", practice.mail) as server:
        server.sendmail("desk@studio.example", "mia@example.com", "Subject: Friday\r\n\r\nSee you at ten.\r\n")
    assert "desk@studio.example → mia@example.com\nSubject: Friday\n\nSee you at ten." in practice.until("See you at ten.")


def test_a_port_that_is_taken_is_a_sentence(tmp_path: Path) -> None:
    with StubProvider(tmp_path / "journal") as other:
        port = other.url.rpartition(":")[2]
        done = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "--port" in done.stderr


def test_the_stub_of_other_tests_lets_in_nobody_whom_it_does_not_know(tmp_path: Path) -> None:
    with StubProvider(tmp_path / "journal") as stub:
        twilio = Twilio(settings_for(tmp_path, twilio_account_sid=ACCOUNT, twilio_auth_token="token", twilio_api_base=stub.url), Transport(stub.url, read=20))
        assert twilio.probe()
        twilio.close()
