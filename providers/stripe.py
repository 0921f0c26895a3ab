"""Stripe: its signed events; it serves no channel of messages, so it has no `connect`, and what an event means, `crm` decides."""

from __future__ import annotations

import re

from stripe import SignatureVerificationError, WebhookSignature

from kernel.settings import Channel, Settings
from outbox.dispatch import Event, Inbound, MalformedWebhook, ObjectEvent
from providers.proof import Webhooks, expect, header, insist, insist_fresh, listed, parsed, token, words_of

SERVES: tuple[Channel, ...] = ()
STAMP = re.compile(r"(?:^|,)t=([^,]*)")
OBJECTS = ("event", "v2.core.event")
"""Snapshot events, and thin ones (docs.stripe.com/event-destinations)."""


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
    key, kind = token(event.get("id")), token(event.get("type"))
    if key is None or kind is None:
        reason = "the event has no id or no type"
        raise MalformedWebhook(reason)
    return [ObjectEvent(key, kind, event)]


def _is_signed(secret: str, body: str, signature: str) -> bool:
    try:
        return bool(WebhookSignature.verify_header(body, signature, secret))
    except (SignatureVerificationError, ValueError, TypeError):
        return False


WEBHOOKS: Webhooks = {"stripe": receive}
