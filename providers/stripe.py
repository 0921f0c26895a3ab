"""Stripe: its signed events, what an event means `crm` decides; and payments, through the API (`stripe_calls.py`)."""

from __future__ import annotations

import re

from stripe import SignatureVerificationError, WebhookSignature

from kernel.settings import Medium, Settings
from outbox.dispatch import Event, Inbound, MalformedWebhook, ObjectEvent
from providers.proof import Webhooks, expect, header, insist, insist_fresh, listed, parsed, token, words_of
from providers.stripe_calls import Stripe
from providers.transport import Transport

SERVES: tuple[Medium, ...] = ("payments",)
STAMP = re.compile(r"(?:^|,)t=([^,]*)")
LIVE = re.compile("[a-z]+_live_")
OBJECTS = ("event", "v2.core.event")
"""Snapshot events, and thin ones (docs.stripe.com/event-destinations)."""


def connect(settings: Settings) -> Stripe:
    """Stripe as the settings describe it; opens nothing yet."""
    return Stripe(settings, Transport.within(settings.stripe_api_base, settings.call_seconds))


def receive(inbound: Inbound, settings: Settings) -> list[Event]:
    """One event, signed by HMAC over time and raw body (docs.stripe.com/webhooks/signature); the SDK alone takes future times."""
    signature = header(inbound, "stripe-signature")
    body = words_of(inbound.body)
    secrets = listed(settings.stripe_webhook_secret.get_secret_value())
    insist(any(_is_signed(secret, body, signature) for secret in secrets), "no configured secret made the signature")
    stamp = STAMP.search(signature)
    insist_fresh(stamp[1] if stamp else "")
    event = parsed(body)
    expect(isinstance(event, dict) and event.get("object") in OBJECTS, "it is not an event")
    insist(_is_ours(event, settings), "it is of another account, or of the other mode")
    key, kind = token(event.get("id")), token(event.get("type"))
    if key is None or kind is None:
        reason = "the event has no id or no type"
        raise MalformedWebhook(reason)
    return [ObjectEvent(key, kind, event)]


def _is_ours(event: dict[str, object], settings: Settings) -> bool:
    """Whether it is of the account that our key opens: one of a connected account names that, and live and test never mix."""
    key = settings.stripe_api_key.get_secret_value()
    mode = LIVE.match(key) is not None if key else event.get("livemode")
    return event.get("account") is None and event.get("context") in (None, "") and event.get("livemode") in (None, mode)


def _is_signed(secret: str, body: str, signature: str) -> bool:
    try:
        return bool(WebhookSignature.verify_header(body, signature, secret))
    except (SignatureVerificationError, ValueError, TypeError):
        return False


WEBHOOKS: Webhooks = {"stripe": receive}
