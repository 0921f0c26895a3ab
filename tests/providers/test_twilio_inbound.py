"""Twilio's inbound messages: what it signs is read, what is changed or from no phone is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outbox.content import as_e164
from outbox.dispatch import Event, ForgedWebhook, Inbound, MalformedWebhook, MessageEvent
from tests.fixtures.webhooks import NOTHING_CONFIGURED, RECEIVERS, SETTINGS, SID, twilio_inbound

URL = "https://sayso.example/webhooks/twilio/inbound"
FORM = {"MessageSid": SID, "From": "+447400123456", "To": "+15005550006", "Body": "STOP", "NumMedia": "0"}


def received(inbound: Inbound) -> list[Event]:
    return RECEIVERS["twilio/inbound"](inbound, SETTINGS)


def test_a_message_is_read_when_genuine() -> None:
    [event] = received(twilio_inbound(FORM, URL))
    assert isinstance(event, MessageEvent)
    assert (event.key, event.channel, event.sender, event.to, event.body, event.media) == (f"in:{SID}", "sms", "+447400123456", "+15005550006", "STOP", 0)


def test_whatsapps_prefix_is_its_channel() -> None:
    [event] = received(twilio_inbound({**FORM, "From": "whatsapp:+447400123456", "To": "whatsapp:+15005550006", "NumMedia": "2"}, URL))
    assert isinstance(event, MessageEvent)
    assert (event.channel, event.sender, event.to, event.media) == ("whatsapp", "+447400123456", "+15005550006", 2)


MOBILES = [("+5215512345678", "+525512345678"), ("+553187654321", "+5531987654321"), ("+5531987654321", "+5531987654321"), ("+525512345678", "+525512345678")]


@pytest.mark.parametrize(("named", "kept"), MOBILES)
@pytest.mark.parametrize("prefix", ["whatsapp:", ""])
def test_a_mobile_is_found_as_it_is_dialled_today(prefix: str, named: str, kept: str) -> None:
    [event] = received(twilio_inbound({**FORM, "From": f"{prefix}{named}"}, URL))
    assert isinstance(event, MessageEvent)
    assert event.sender == kept == as_e164(kept)


@pytest.mark.parametrize("sender", ["12345", "Bank", "whatsapp:+", "+0123456789", "+4474001234567890123"])
def test_what_comes_from_no_phone_is_left_alone(sender: str) -> None:
    assert received(twilio_inbound({**FORM, "From": sender}, URL)) == []


@pytest.mark.parametrize("form", [{**FORM, "MessageSid": "x"}, {**FORM, "From": ""}, {"Body": "STOP"}])
def test_what_names_no_message_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(MalformedWebhook):
        received(twilio_inbound(form, URL))


def test_a_changed_message_is_forged() -> None:
    good = twilio_inbound(FORM, URL)
    for bad in (
        replace(good, body=good.body.replace(b"STOP", b"START")),
        replace(good, url=URL + "?x=1"),
        replace(good, headers={**good.headers, "x-twilio-signature": "x"}),
    ):
        with pytest.raises(ForgedWebhook):
            received(bad)
    with pytest.raises(ForgedWebhook):
        RECEIVERS["twilio/inbound"](good, NOTHING_CONFIGURED)


@pytest.mark.parametrize("strange", ["a\0b", "🎉" * 5000, "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"), "{{first_name}}", "1" * 9])
def test_strange_words_are_kept_without_harm(strange: str) -> None:
    [event] = received(twilio_inbound({**FORM, "Body": strange, "NumMedia": strange[:9]}, URL))
    assert isinstance(event, MessageEvent)
    assert "\0" not in event.body
    assert len(event.body) <= 4096
