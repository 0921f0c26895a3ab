"""Twilio's status callbacks: what its own SDK signs is read, what it would let pass is not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from twilio.request_validator import RequestValidator

from outbox.dispatch import ForgedWebhook, Inbound, StatusEvent
from tests.fixtures.webhooks import FORM, NOTHING_CONFIGURED, REFUSALS, SID, TOKEN, URL, received, twilio_inbound, with_header


def test_twilio_status_is_read_when_genuine() -> None:
    assert received(twilio_inbound()) == [StatusEvent(f"{SID}:delivered:", "delivered", "r.1", SID)]


@pytest.mark.parametrize(("said", "status"), [("queued", "sent"), ("accepted", "sent"), ("sending", "sent"), ("sent", "sent"), ("read", "delivered")])
def test_twilio_status_is_mapped_when_known(said: str, status: str) -> None:
    [event] = received(twilio_inbound({**FORM, "MessageStatus": said}))
    assert isinstance(event, StatusEvent)
    assert event.status == status


@pytest.mark.parametrize("said", ["failed", "undelivered", "canceled"])
def test_twilio_failure_is_explained_when_undelivered(said: str) -> None:
    [event] = received(twilio_inbound({**FORM, "MessageStatus": said, "ErrorCode": "30003"}))
    assert event == StatusEvent(f"{SID}:{said}:30003", "undelivered", "r.1", SID, "The phone could not be reached: it is off or out of range.")


def test_twilio_status_is_ignored_when_unknown() -> None:
    assert received(twilio_inbound({**FORM, "MessageStatus": "pondering"})) == []


def test_twilio_body_must_be_a_signed_form_when_json() -> None:
    body = json.dumps(FORM).encode()
    url = f"{URL}&bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(url, {})
    for kind in ("application/json", "application/x-www-form-urlencoded", ""):
        for sent in (body, b"", b'{"MessageStatus": "failed"}'):
            with pytest.raises(REFUSALS):
                received(Inbound("twilio/status", url, sent, {"x-twilio-signature": signature, "content-type": kind}))


def test_twilio_is_forged_when_changed() -> None:
    good = twilio_inbound()
    spaced = replace(good, body=good.body.replace(b"delivered", b"delivered+"))
    for bad in (
        spaced,
        replace(good, url=URL.replace("r.1", "r.2")),
        replace(good, body=good.body + b"&x=1"),
        with_header(good, x_twilio_signature="é" * 28),
    ):
        with pytest.raises(ForgedWebhook):
            received(bad)
    with pytest.raises(ForgedWebhook):
        received(with_header(good, x_twilio_signature=RequestValidator("").compute_signature(URL, FORM)), NOTHING_CONFIGURED)


def test_twilio_signature_covers_blank_values_when_there_are_any() -> None:
    form = {**FORM, "Z": ""}
    assert received(twilio_inbound(form))
    without = replace(twilio_inbound(form), body=twilio_inbound(FORM).body)
    with pytest.raises(ForgedWebhook):
        received(without)


@pytest.mark.parametrize(("code", "silencer"), [("21610", "customer"), ("63014", "customer"), ("30003", ""), ("30004", "")])
def test_twilio_failure_silences_an_address_only_when_its_person_wants_no_more(code: str, silencer: str) -> None:
    [event] = received(twilio_inbound({**FORM, "MessageStatus": "undelivered", "ErrorCode": code}))
    [fine] = received(twilio_inbound({**FORM, "MessageStatus": "delivered", "ErrorCode": code}))
    assert isinstance(event, StatusEvent)
    assert isinstance(fine, StatusEvent)
    assert (event.silences, fine.silences) == (silencer, "")
