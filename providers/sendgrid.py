"""SendGrid: e-mail by `POST /v3/mail/send` over our transport, and its signed event webhook.

The SDK builds the letter and checks the signatures; its client is not used: it follows redirects, has no time-out and keeps no
connection alive. Mail Send has no idempotency key, so nothing here repeats a call; our reference travels as a custom argument and
comes back with every event.
"""

from __future__ import annotations

import hashlib
import json
import re
from http import HTTPStatus
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from sendgrid.helpers.eventwebhook import EventWebhook
from sendgrid.helpers.mail import (
    ClickTracking,
    CustomArg,
    Header,
    Mail,
    OpenTracking,
    SubscriptionTracking,
    TrackingSettings,
)

from kernel.settings import Channel, Settings
from outbox.dispatch import Accepted, Dispatch, Event, Evidence, Inbound, NoWord, Outcome, Refused, Silencer, Sought, Status, StatusEvent
from providers import verdict
from providers.letters import Letter, letter_of
from providers.proof import Webhooks, expect, header, insist, insist_fresh, listed, parsed, token, words_of
from providers.transport import Answer, Transport, TransportError

SERVES: tuple[Channel, ...] = ("email",)
PAST_S = 26 * 3600
"""Deliveries are repeated for 24 hours, and no document says that they are signed anew."""
SENDERS_PART = re.compile(r"\.(?:filter|recv)")
"""Where `sg_message_id` goes on after the X-Message-Id that Mail Send answered."""
OWN = re.compile(r"/webhooks/sendgrid/([0-9a-f]{32})$")
TELLTALES = ("sg_message_id", "event", "timestamp", "email", "url", "reason", "response")
"""What makes two events the same. `sg_event_id` alone does not: it changes between deliveries of one event (sendgrid-nodejs#1435)."""
STATUSES: dict[str, Status] = {
    **dict.fromkeys(("processed", "deferred"), "sent"),
    **dict.fromkeys(("delivered", "spamreport", "unsubscribe", "group_unsubscribe"), "delivered"),
    **dict.fromkeys(("bounce", "dropped"), "undelivered"),
}
SILENCING: dict[str, tuple[Silencer, str]] = {
    "spamreport": ("customer", "reported a letter as spam"),
    "unsubscribe": ("customer", "unsubscribed at the mail provider"),
    "group_unsubscribe": ("customer", "unsubscribed at the mail provider"),
    "bounce": ("provider", "the address does not exist or takes no mail"),
    "bounced address": ("provider", "the address did not exist or took no mail before"),
    "unsubscribed address": ("customer", "had unsubscribed at the mail provider"),
    "spam reporting address": ("customer", "had reported a letter as spam"),
}
"""After which events, and which reasons of a dropped letter, nothing more goes there, in whose words (docs: "Event Webhook Reference")."""


class SendGrid:
    """Serves the lane `email:sendgrid`."""

    name = "sendgrid"

    def __init__(self, settings: Settings, transport: Transport) -> None:
        """One transport for all threads."""
        self._transport = transport
        self._url = f"{settings.sendgrid_api_base.rstrip('/')}/v3/mail/send"
        key = settings.sendgrid_api_key.get_secret_value().strip()
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "Accept": "application/json"}

    def perform(self, dispatch: Dispatch) -> Outcome:
        """Hand in the letter, once; only 202 with an X-Message-Id means that it was taken."""
        letter = letter_of(dispatch)
        if isinstance(letter, Refused):
            return letter
        try:
            answer = self._transport.post(self._url, json.dumps(_mail(letter, dispatch.reference)).encode(), self._headers)
        except TransportError as fault:
            return verdict.of_fault(fault)
        ref = token(answer.headers.get("X-Message-Id", "").strip())
        if answer.status == HTTPStatus.ACCEPTED and ref:
            return Accepted(ref)
        return verdict.of_answer("SendGrid", answer, *_explained(answer))

    def look_up(self, sought: Sought) -> Evidence:  # noqa: ARG002 - the contract's, and nothing here can answer it
        """SendGrid's list of messages is a paid add-on that cannot be searched by our reference: its events must speak."""
        return NoWord("SendGrid cannot be asked about one letter.")

    def probe(self) -> str | None:
        """Fetch the key's own scopes."""
        return verdict.of_probe("SendGrid", self._transport, self._url.replace("/mail/send", "/scopes"), self._headers)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()


def connect(settings: Settings) -> SendGrid:
    """SendGrid as the settings describe it; opens nothing yet."""
    return SendGrid(settings, Transport.within(settings.sendgrid_api_base, settings.call_seconds))


def _mail(letter: Letter, reference: str) -> dict[str, Any]:
    """The body of Mail Send. All tracking is off: it would rewrite links and add lines to what was approved."""
    mail = Mail(letter.sender, letter.recipient, letter.subject, letter.text, letter.html)
    mail.custom_arg = CustomArg("ref", reference)
    for name, words in letter.headers.items():
        mail.header = Header(name, words)
    mail.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(enable=False, enable_text=False),
        open_tracking=OpenTracking(enable=False),
        subscription_tracking=SubscriptionTracking(enable=False),
    )
    body: dict[str, Any] = mail.get()
    return body


def _explained(answer: Answer) -> tuple[str, str]:
    """The field and the words of the first error; the API has no codes (docs: "Errors", `errors[].message`, `.field`)."""
    try:
        first = answer.object["errors"][0]
        return verdict.plain(first.get("field")), f"SendGrid refused it: {verdict.plain(first.get('message'))}"
    except (TypeError, LookupError, AttributeError):
        return "", "SendGrid refused it and gave no reason."


def receive(inbound: Inbound, settings: Settings) -> list[Event]:
    """A batch of events, signed by ECDSA over time and raw body (SendGrid: "Event Webhook Security Features")."""
    signature = header(inbound, "x-twilio-email-event-webhook-signature")
    stamp = header(inbound, "x-twilio-email-event-webhook-timestamp")
    body = words_of(inbound.body)
    # Time and body are joined without a separator: unless both have a fixed form, a digit can move from one to the other.
    insist(body.startswith("["), "the body is not a list")
    insist_fresh(stamp, past=PAST_S)
    keys = listed(settings.sendgrid_webhook_public_key)
    insist(any(_is_signed(key, body, signature, stamp) for key in keys), "no configured key made the signature")
    events = parsed(body)
    expect(isinstance(events, list) and all(isinstance(event, dict) for event in events), "it is not a list of events")
    return [_status(event) for event in events if token(event.get("event")) in STATUSES]


def _is_signed(key: str, body: str, signature: str, stamp: str) -> bool:
    try:
        return bool(EventWebhook(key).verify_signature(body, signature, stamp))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


def _status(event: dict[str, Any]) -> StatusEvent:
    key = hashlib.sha256(json.dumps([event.get(name) for name in TELLTALES]).encode()).hexdigest()
    ref = SENDERS_PART.split(token(event.get("sg_message_id")) or "", maxsplit=1)[0]
    status = STATUSES[event["event"]]
    reason = verdict.plain(event.get("reason") or event.get("response")) if status == "undelivered" else ""
    silencer, why = SILENCING.get(_telling(event), ("", ""))
    said = f"{why}: {reason}" if why and reason else why or reason
    return StatusEvent(key, status, token(event.get("ref")), ref or None, said, silences=silencer)


def _telling(event: dict[str, Any]) -> str:
    """What of an event says whether more may go there: a bounce of the type `blocked` is of this letter or moment alone."""
    name = str(event["event"])
    if name == "dropped":
        return str(event.get("reason") or "").strip().lower()
    return name if name != "bounce" or event.get("type") == "bounce" else ""


def named(inbound: Inbound) -> str | None:
    """The last word of the address, where it is an account's."""
    found = OWN.search(inbound.url.partition("?")[0])
    return found and found[1]


WEBHOOKS: Webhooks = {"sendgrid": receive, "sendgrid/*": receive}
