"""A template leaves as its id and values, and only while Twilio's own copy says what was approved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from outbox.dispatch import Accepted, Dispatch, Later, Refused
from outbox.kinds.whatsapp_template import WhatsAppTemplate
from providers.sandbox import connect, read
from providers.twilio_templates import CONTENT, Templates
from tests.contracts.cases import StubRig
from tests.contracts.rigs import twilio
from tests.fixtures.dispatches import dispatch_to
from tests.fixtures.settings import settings_for

SID = f"HX{'ab' * 16}"
WORDS = "Hello {{1}}, see you on {{2}}."
SAID = {"content_sid": SID, "language": "en", "words": WORDS, "content_variables": '{"1": "Mia", "2": "Friday"}', "body": "Hello Mia, see you on Friday."}
AS_APPROVED: dict[str, Any] = {"sid": SID, "language": "en", "types": {"twilio/text": {"body": WORDS}}}


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[StubRig]:
    """Twilio on the stub."""
    made = twilio.rig(tmp_path)
    yield made
    made.close()


def message() -> Dispatch:
    return replace(dispatch_to("whatsapp", "+447400123456"), content=WhatsAppTemplate(to="+447400123456", **SAID))


def test_the_form_has_the_template_and_its_values_and_no_body(rig: StubRig) -> None:
    rig.stub.templates[SID] = json.dumps(AS_APPROVED)
    assert isinstance(rig.provider.perform(message()), Accepted)
    [entry] = rig.stub.entries()
    assert set(entry.fields) == {"To", "From", "ContentSid", "ContentVariables", "StatusCallback"}
    assert (entry.fields["ContentSid"], json.loads(entry.fields["ContentVariables"])) == (SID, {"1": "Mia", "2": "Friday"})


@pytest.mark.parametrize(
    "at_twilio",
    [
        {**AS_APPROVED, "types": {"twilio/text": {"body": "Your account is closed, {{1}}: pay {{2}}."}}},
        {**AS_APPROVED, "language": "fr"},
        {**AS_APPROVED, "types": {"twilio/quick-reply": {"body": WORDS, "actions": []}}},
        {**AS_APPROVED, "types": {"twilio/text": {"body": WORDS}, "twilio/media": {"media": []}}},
        {**AS_APPROVED, "types": None},
        [],
    ],
)
def test_a_template_that_says_anything_else_than_was_approved_is_not_sent(rig: StubRig, at_twilio: Any) -> None:
    rig.stub.templates[SID] = json.dumps(at_twilio)
    outcome = rig.provider.perform(message())
    assert (isinstance(outcome, Refused) and outcome.code, rig.stub.entries()) == ("template-changed", [])


def test_an_unknown_template_is_refused_and_one_that_cannot_be_read_waits(rig: StubRig) -> None:
    outcome = rig.provider.perform(message())
    assert isinstance(outcome, Refused)
    assert outcome.code == "template-unknown"
    rig.stub.templates[SID] = "no json"
    assert isinstance(rig.provider.perform(message()), Refused)
    nobody = Templates("http://127.0.0.1:9", {})
    assert isinstance(nobody.objection(SAID), Later)
    nobody.close()


def test_what_was_read_is_believed_for_a_while_and_a_mismatch_is_not(rig: StubRig) -> None:
    rig.stub.templates[SID] = json.dumps({**AS_APPROVED, "language": "fr"})
    assert isinstance(rig.provider.perform(message()), Refused)
    rig.stub.templates[SID] = json.dumps(AS_APPROVED)
    assert isinstance(rig.provider.perform(message()), Accepted)
    rig.stub.templates.clear()
    assert isinstance(rig.provider.perform(message()), Accepted)


def test_templates_are_read_at_their_own_host() -> None:
    assert Templates("https://api.twilio.com", {})._url.startswith(CONTENT)


def test_the_sandbox_keeps_what_would_be_read(tmp_path: Path) -> None:
    sandbox = connect(settings_for(tmp_path))
    assert isinstance(sandbox.perform(message()), Accepted)
    (kept,) = read(tmp_path)
    assert (kept.kind, kept.body, kept.content["content_sid"]) == ("whatsapp_template", SAID["body"], SID)
    sandbox.close()
