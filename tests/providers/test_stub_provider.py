"""The stub itself: as a process of its own it takes a script, and its journal outlives a kill."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import urllib3

from outbox.dispatch import Accepted, Refused, Unsure
from providers.transport import Transport
from providers.twilio import Twilio
from tests.contracts.rigs.twilio import ACCOUNT
from tests.fixtures.dispatches import dispatch_to
from tests.fixtures.settings import settings_for
from tests.fixtures.stub_provider import read_journal


def test_journal_survives_when_process_is_killed(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    command = [sys.executable, "-m", "tests.fixtures.stub_provider", "--port", "0", "--journal", str(journal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        api = process.stdout.readline().strip()
        told = [{"do": "accept_then_reset", "to": "+447400123457"}, "400"]
        assert urllib3.request("POST", f"{api}/_stub/tell", json=told).status == 204
        settings = settings_for(tmp_path, twilio_account_sid=ACCOUNT, twilio_auth_token="token", twilio_api_base=api)
        provider = Twilio(settings, Transport(api, read=20))
        sent = [dispatch_to("sms", f"+44740012345{digit}") for digit in (6, 7, 8)]
        outcomes = [provider.perform(dispatch) for dispatch in sent]
        shown = json.loads(urllib3.request("GET", f"{api}/_stub/journal").data)
        process.kill()
    provider.close()
    assert [type(outcome) for outcome in outcomes] == [Refused, Unsure, Accepted]
    assert [entry.accepted for entry in read_journal(journal)] == [entry["accepted"] for entry in shown] == [False, True, True]
    assert [entry.reference for entry in read_journal(journal)] == [dispatch.reference for dispatch in sent]
