"""SendGrid's events: signed by a configured key, fresh, and the same when they come again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from outbox.dispatch import ForgedWebhook, StatusEvent
from tests.fixtures.settings import settings_for
from tests.fixtures.webhooks import FOREIGN_KEY, KEY_OLD, LETTER, public_key_of, received, sendgrid_inbound, with_header


def test_sendgrid_events_are_read_when_genuine() -> None:
    opened = {**LETTER, "event": "open"}
    [event] = received(sendgrid_inbound([LETTER, opened]))
    assert isinstance(event, StatusEvent)
    assert (event.status, event.reference, event.ref, event.reason) == ("undelivered", "r.2", "abcDEF-1", "550 no such [redacted]")


@pytest.mark.parametrize(("said", "status"), [("processed", "sent"), ("deferred", "sent"), ("delivered", "delivered"), ("dropped", "undelivered")])
def test_sendgrid_event_is_mapped_when_known(said: str, status: str) -> None:
    [event] = received(sendgrid_inbound([{**LETTER, "event": said}], key=KEY_OLD))
    assert isinstance(event, StatusEvent)
    assert event.status == status


def test_sendgrid_key_is_same_when_delivered_again() -> None:
    [first] = received(sendgrid_inbound([{**LETTER, "sg_event_id": "one"}]))
    [again] = received(sendgrid_inbound([{**LETTER, "sg_event_id": "two"}], shift=-3600))
    [other] = received(sendgrid_inbound([{**LETTER, "timestamp": 1_800_000_001}]))
    assert first.key == again.key != other.key


def test_sendgrid_is_forged_when_digit_moves() -> None:
    good = sendgrid_inbound([LETTER])
    stamp = good.headers["x-twilio-email-event-webhook-timestamp"]
    shorter = replace(with_header(good, x_twilio_email_event_webhook_timestamp=stamp[:-1]), body=stamp[-1].encode() + good.body)
    longer = replace(with_header(good, x_twilio_email_event_webhook_timestamp=f"{stamp}["), body=good.body[1:])
    for moved in (shorter, longer):
        with pytest.raises(ForgedWebhook):
            received(moved)


@pytest.mark.parametrize(("shift", "taken"), [(-25 * 3600, True), (-27 * 3600, False), (200, True), (400, False)])
def test_sendgrid_is_taken_only_when_fresh(shift: float, taken: bool) -> None:
    if taken:
        assert received(sendgrid_inbound([LETTER], shift=shift))
        return
    with pytest.raises(ForgedWebhook):
        received(sendgrid_inbound([LETTER], shift=shift))


def test_sendgrid_is_forged_when_key_is_foreign_or_unusable() -> None:
    with pytest.raises(ForgedWebhook):
        received(sendgrid_inbound([LETTER], key=FOREIGN_KEY))
    for configured in ("", "junk", "é", public_key_of(FOREIGN_KEY)):
        with pytest.raises(ForgedWebhook):
            received(sendgrid_inbound([LETTER]), settings_for(Path("nowhere"), sendgrid_webhook_public_key=configured))


@pytest.mark.parametrize(
    ("said", "silencer", "status"),
    [
        ({"event": "bounce", "type": "bounce"}, "provider", "undelivered"),
        ({"event": "bounce", "type": "blocked"}, "", "undelivered"),
        ({"event": "bounce"}, "", "undelivered"),
        ({"event": "deferred"}, "", "sent"),
        ({"event": "dropped", "reason": "Bounced Address"}, "provider", "undelivered"),
        ({"event": "dropped", "reason": "Unsubscribed Address"}, "customer", "undelivered"),
        ({"event": "dropped", "reason": "Spam Reporting Address"}, "customer", "undelivered"),
        ({"event": "dropped", "reason": "Spam Content (if spam checker app enabled)"}, "", "undelivered"),
        ({"event": "spamreport"}, "customer", "delivered"),
        ({"event": "unsubscribe"}, "customer", "delivered"),
        ({"event": "group_unsubscribe", "asm_group_id": 1}, "customer", "delivered"),
        ({"event": "delivered"}, "", "delivered"),
        ({"event": "bounce", "type": ["bounce"]}, "", "undelivered"),
        ({"event": "dropped", "reason": {"a": 1}}, "", "undelivered"),
    ],
)
def test_an_event_silences_an_address_only_when_it_is_about_the_address(said: dict[str, object], silencer: str, status: str) -> None:
    [event] = received(sendgrid_inbound([{**LETTER, **said}]))
    assert isinstance(event, StatusEvent)
    assert (event.silences, event.status) == (silencer, status)
    assert bool(silencer) <= bool(event.reason)
    assert "a@b.example" not in event.reason


def test_group_resubscribe_is_no_word_of_ours() -> None:
    assert received(sendgrid_inbound([{**LETTER, "event": "group_resubscribe"}])) == []
