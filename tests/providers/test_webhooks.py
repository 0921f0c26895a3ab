"""Every webhook: whatever comes, it is a genuine event or one of the two refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from outbox.dispatch import ForgedWebhook, Inbound, MalformedWebhook, StatusEvent
from providers.proof import DEEPEST, parsed
from tests.fixtures.webhooks import (
    GENUINE,
    RECEIVERS,
    REFUSALS,
    SAID,
    URL,
    received,
    sandbox_inbound,
    sendgrid_inbound,
    stripe_inbound,
)

HEADERS = ("x-twilio-signature", "content-type", "stripe-signature", "x-sayso-signature", "x-sayso-timestamp")
SENDGRID_HEADERS = ("x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp")
ODD = st.one_of(st.text(max_size=80), st.from_regex(r"t=[0-9]{0,12},v1=.{0,64}"), st.just("1800000000"), st.just("application/x-www-form-urlencoded"))
SIGNED: dict[str, Callable[[object], Inbound]] = {
    "sendgrid": lambda said: sendgrid_inbound([said]),
    "stripe": lambda said: stripe_inbound(json.dumps(said)),
    "sandbox": sandbox_inbound,
}
FIELDS = st.sampled_from(["event", "timestamp", "sg_message_id", "ref", "reason", "id", "type", "object", "status", "reference"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["bounce", "event", "sent"])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=2))


def test_every_webhook_is_proved_here_when_found() -> None:
    assert set(GENUINE) == set(RECEIVERS)


def test_sandbox_callback_is_read_when_genuine() -> None:
    assert received(sandbox_inbound(SAID)) == [StatusEvent("SB1:delivered", "delivered", "r.3", "SB1")]


@pytest.mark.parametrize("shift", [-400, 400])
def test_sandbox_is_forged_when_stale_or_early(shift: float) -> None:
    with pytest.raises(ForgedWebhook):
        received(sandbox_inbound(SAID, shift=shift))


def test_sandbox_is_forged_when_its_time_is_changed() -> None:
    good = sandbox_inbound(SAID, shift=-5)
    with pytest.raises(ForgedWebhook):
        received(replace(good, headers={**good.headers, "x-sayso-timestamp": str(int(good.headers["x-sayso-timestamp"]) + 1)}))


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
    assume(unquote_to_bytes(bytes(body)) != unquote_to_bytes(good.body))  # %2b says what %2B says
    with pytest.raises(REFUSALS):
        received(replace(good, body=bytes(body)))


@pytest.mark.parametrize("path", RECEIVERS)
@given(
    body=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(lambda words: f"[{words}".encode("utf-8", "replace"))),
    headers=st.dictionaries(st.sampled_from(HEADERS + SENDGRID_HEADERS), ODD),
    url=st.one_of(st.just(URL), st.text(max_size=60), st.just("https://h:99999/?a=[")),
)
def test_it_is_refused_when_hostile(path: str, body: bytes, headers: dict[str, str], url: str) -> None:
    with pytest.raises(REFUSALS):
        received(Inbound(path, url, body, headers))


@pytest.mark.parametrize("path", SIGNED)
@given(said=st.one_of(VALUES, st.dictionaries(FIELDS, VALUES)))
def test_it_is_read_or_refused_when_signed_but_odd(path: str, said: object) -> None:
    try:
        events = received(SIGNED[path](said))
    except REFUSALS:
        return
    assert all(event.key for event in events)


def nested(levels: int) -> object:
    """A list in a list, so many in all."""
    return json.loads("[" * levels + "]" * levels)


@pytest.mark.parametrize("levels", [DEEPEST + 1, 500])
@pytest.mark.parametrize("path", SIGNED)
def test_it_is_malformed_when_signed_but_nested_without_measure(path: str, levels: int) -> None:
    deep = {"id": "evt_1", "object": "event", "type": "invoice.paid", "data": nested(levels)}
    with pytest.raises(MalformedWebhook, match="nested deeper"):
        received(SIGNED[path](deep))


def test_as_deep_as_may_be_is_read() -> None:
    assert parsed(json.dumps(nested(DEEPEST))) == nested(DEEPEST)
    with pytest.raises(MalformedWebhook):
        parsed(json.dumps({"data": nested(DEEPEST)}))
