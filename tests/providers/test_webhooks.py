"""Every webhook: what the providers' own SDKs sign is taken, and nothing else ever is."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from stripe import WebhookSignature
from twilio.request_validator import RequestValidator

from kernel import clock
from kernel.discover import modules
from kernel.settings import Settings
from outbox.dispatch import Event, ForgedWebhook, Inbound, MalformedWebhook, ObjectEvent, StatusEvent
from providers import sandbox_callbacks, sendgrid, stripe, twilio
from tests.fixtures.settings import TEST_SECRET, settings_for

TOKEN = "twilio-auth-token"
WHSEC, WHSEC_OLD = "whsec_new", "whsec_old"
KEY, KEY_OLD, FOREIGN_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
URL = "https://sayso.example/webhooks/twilio/status?ref=r.1"
SID = "SM" + "a" * 32
FORM = {"MessageSid": SID, "MessageStatus": "delivered", "To": "+447400123456", "ErrorMessage": "", "From": "+15005550006"}
REFUSALS = (ForgedWebhook, MalformedWebhook)
RECEIVERS = {path: receive for module in modules("providers") for path, receive in getattr(module, "WEBHOOKS", {}).items()}


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


SETTINGS = settings_for(
    Path("nowhere"),
    twilio_auth_token=TOKEN,
    stripe_webhook_secret=f"{WHSEC}, {WHSEC_OLD}",
    sendgrid_webhook_public_key=f"{_pem(KEY)},{_pem(KEY_OLD)}",
)
NOTHING_CONFIGURED = settings_for(Path("nowhere"))


def _moment(shift: float = 0) -> int:
    return int(clock.now().timestamp() + shift)


def twilio_inbound(form: Mapping[str, str] = FORM, url: str = URL) -> Inbound:
    headers = {"x-twilio-signature": RequestValidator(TOKEN).compute_signature(url, form), "content-type": "application/x-www-form-urlencoded"}
    return Inbound("twilio/status", url, urlencode(form).encode(), headers)


def sendgrid_inbound(events: object, *, key: ec.EllipticCurvePrivateKey = KEY, shift: float = 0) -> Inbound:
    body, stamp = json.dumps(events).encode() + b"\r\n", str(_moment(shift))
    signature = base64.b64encode(key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    headers = {"x-twilio-email-event-webhook-signature": signature, "x-twilio-email-event-webhook-timestamp": stamp}
    return Inbound("sendgrid", "https://sayso.example/webhooks/sendgrid", body, headers)


def stripe_inbound(event: object, *, secret: str = WHSEC, shift: float = 0) -> Inbound:
    body = event if isinstance(event, str) else json.dumps(event)
    signature = WebhookSignature.generate_signature_header(body, secret, timestamp=_moment(shift))
    return Inbound("stripe", "https://sayso.example/webhooks/stripe", body.encode(), {"stripe-signature": signature})


def sandbox_inbound(said: object, *, secret: bytes = TEST_SECRET.encode(), shift: float = 0) -> Inbound:
    body, stamp = json.dumps(said).encode(), str(_moment(shift))
    headers = {"x-sayso-timestamp": stamp, "x-sayso-signature": sandbox_callbacks.signature(secret, stamp, body)}
    return Inbound("sandbox", "http://127.0.0.1:1/webhooks/sandbox", body, headers)


def received(inbound: Inbound, settings: Settings = SETTINGS) -> list[Event]:
    events: list[Event] = RECEIVERS[inbound.path](inbound, settings)
    return events


def with_header(inbound: Inbound, **headers: str) -> Inbound:
    return replace(inbound, headers={**inbound.headers, **{name.replace("_", "-"): value for name, value in headers.items()}})


LETTER = {
    "email": "a@b.example",
    "timestamp": 1_800_000_000,
    "event": "bounce",
    "sg_message_id": "abcDEF-1.recvd-55-0",
    "ref": "r.2",
    "reason": "550 no\nsuch a@b.example",
}
SNAPSHOT = {"id": "evt_1", "object": "event", "type": "invoice.paid", "data": {"object": {"id": "in_1"}}}
THIN = {"id": "evt_2", "object": "v2.core.event", "type": "v1.invoice.paid", "related_object": {"id": "in_1"}}
SAID = {"ref": "SB1", "reference": "r.3", "status": "delivered", "reason": ""}
GENUINE = {
    "twilio/status": twilio_inbound,
    "sendgrid": lambda: sendgrid_inbound([LETTER]),
    "stripe": lambda: stripe_inbound(SNAPSHOT),
    "sandbox": lambda: sandbox_inbound(SAID),
}


def test_every_webhook_is_proved_here_when_found() -> None:
    assert set(GENUINE) == set(RECEIVERS)


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
def test_sendgrid_is_taken_only_when_fresh(shift: float, taken: bool) -> None:  # noqa: FBT001 - a column of the table
    if taken:
        assert received(sendgrid_inbound([LETTER], shift=shift))
        return
    with pytest.raises(ForgedWebhook):
        received(sendgrid_inbound([LETTER], shift=shift))


def test_sendgrid_is_forged_when_key_is_foreign_or_unusable() -> None:
    with pytest.raises(ForgedWebhook):
        received(sendgrid_inbound([LETTER], key=FOREIGN_KEY))
    for configured in ("", "junk", "é", _pem(FOREIGN_KEY)):
        with pytest.raises(ForgedWebhook):
            received(sendgrid_inbound([LETTER]), settings_for(Path("nowhere"), sendgrid_webhook_public_key=configured))


@pytest.mark.parametrize("event", [SNAPSHOT, THIN])
@pytest.mark.parametrize("secret", [WHSEC, WHSEC_OLD])
def test_stripe_event_is_read_when_genuine(event: dict[str, object], secret: str) -> None:
    assert received(stripe_inbound(event, secret=secret)) == [ObjectEvent(str(event["id"]), str(event["type"]), event)]


def test_stripe_is_taken_when_one_of_several_signatures_fits() -> None:
    good = stripe_inbound(SNAPSHOT)
    stamp, signature = good.headers["stripe-signature"].split(",")
    assert received(with_header(good, stripe_signature=f"{stamp},v1={'0' * 64},{signature},v0=x"))


@pytest.mark.parametrize("shift", [-400, 400, 10**9])
def test_stripe_is_forged_when_stale_or_early(shift: float) -> None:
    with pytest.raises(ForgedWebhook):
        received(stripe_inbound(SNAPSHOT, shift=shift))


@pytest.mark.parametrize(
    "body", ["", "[]", "7", "not json", '{"id": NaN}', "[" * 100_000, '{"object": "event"}', '{"object": "event", "id": 7, "type": []}']
)
def test_stripe_is_malformed_when_signed_but_no_event(body: str) -> None:
    with pytest.raises(MalformedWebhook):
        received(stripe_inbound(body))


def test_sandbox_callback_is_read_when_genuine() -> None:
    assert received(sandbox_inbound(SAID)) == [StatusEvent("SB1:delivered", "delivered", "r.3", "SB1")]


@pytest.mark.parametrize("shift", [-400, 400])
def test_sandbox_is_forged_when_stale_or_early(shift: float) -> None:
    with pytest.raises(ForgedWebhook):
        received(sandbox_inbound(SAID, shift=shift))


@pytest.mark.parametrize("path", RECEIVERS)
def test_it_is_forged_when_any_header_is_missing_or_foreign(path: str) -> None:
    good = GENUINE[path]()
    for name in set(good.headers) - {"content-type"}:
        absent = {other: value for other, value in good.headers.items() if other != name}
        for headers in (absent, *({**absent, name: hostile} for hostile in ("", "é", "t=1,v1=é", "\udcff", "A" * 10_000, "=" * 88, "0"))):
            with pytest.raises(ForgedWebhook):
                received(replace(good, headers=headers))


@pytest.mark.parametrize("path", RECEIVERS)
@given(place=st.integers(0, 10_000), put=st.integers(1, 255))
def test_it_is_refused_when_one_byte_changes(path: str, place: int, put: int) -> None:
    good = GENUINE[path]()
    body = bytearray(good.body)
    body[place % len(body)] ^= put
    with pytest.raises(REFUSALS):
        received(replace(good, body=bytes(body)))


HEADERS = ("x-twilio-signature", "content-type", "stripe-signature", "x-sayso-signature", "x-sayso-timestamp")
SENDGRID_HEADERS = ("x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp")
ODD = st.one_of(st.text(max_size=80), st.from_regex(r"t=[0-9]{0,12},v1=.{0,64}"), st.just("1800000000"), st.just("application/x-www-form-urlencoded"))


@pytest.mark.parametrize("path", RECEIVERS)
@given(
    body=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda words: f"[{words}".encode("utf-8", "replace"))),
    headers=st.dictionaries(st.sampled_from(HEADERS + SENDGRID_HEADERS), ODD),
    url=st.one_of(st.just(URL), st.text(max_size=60), st.just("https://h:99999/?a=[")),
)
def test_it_is_refused_when_hostile(path: str, body: bytes, headers: dict[str, str], url: str) -> None:
    with pytest.raises(REFUSALS):
        received(Inbound(path, url, body, headers))


SIGNED = {
    "sendgrid": lambda said: sendgrid_inbound([said]),
    "stripe": stripe_inbound,
    "sandbox": sandbox_inbound,
}
FIELDS = st.sampled_from(["event", "timestamp", "sg_message_id", "ref", "reason", "id", "type", "object", "status", "reference"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["bounce", "event", "sent"]),
    lambda inner: st.lists(inner, max_size=2),
)


@pytest.mark.parametrize("path", SIGNED)
@given(said=st.one_of(VALUES, st.dictionaries(FIELDS, VALUES)))
def test_it_is_read_or_refused_when_signed_but_odd(path: str, said: object) -> None:
    inbound = sendgrid_inbound([said]) if path == "sendgrid" else stripe_inbound(json.dumps(said)) if path == "stripe" else sandbox_inbound(said)
    try:
        events = received(inbound)
    except REFUSALS:
        return
    assert all(isinstance(event.key, str) and event.key for event in events)


def test_modules_are_the_ones_discovered() -> None:
    assert {twilio.receive_status, sendgrid.receive, stripe.receive} <= set(RECEIVERS.values())
