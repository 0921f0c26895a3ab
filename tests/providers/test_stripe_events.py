"""Stripe's events: signed by a configured secret, fresh both ways, and really events."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from outbox.dispatch import ForgedWebhook, MalformedWebhook, ObjectEvent
from tests.fixtures.webhooks import SETTINGS, SNAPSHOT, THIN, WHSEC, WHSEC_OLD, received, stripe_inbound, with_header


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


@pytest.mark.parametrize("body", ["", "[]", "7", "not json", '{"id": NaN}', "[" * 100_000, '{"object": "event"}', '{"object": "event", "id": 7, "type": []}'])
def test_stripe_is_malformed_when_signed_but_no_event(body: str) -> None:
    with pytest.raises(MalformedWebhook):
        received(stripe_inbound(body))


def test_stripe_is_forged_when_it_is_of_another_account() -> None:
    with pytest.raises(ForgedWebhook):
        received(stripe_inbound({**SNAPSHOT, "account": "acct_other"}))


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x", "sk_test_x"])
def test_live_and_test_never_mix(key: str) -> None:
    livemode = "live" in key
    ours = SETTINGS.model_copy(update={"stripe_api_key": SecretStr(key)})
    assert received(stripe_inbound({**SNAPSHOT, "livemode": livemode}), ours)
    with pytest.raises(ForgedWebhook):
        received(stripe_inbound({**SNAPSHOT, "livemode": not livemode}), ours)
