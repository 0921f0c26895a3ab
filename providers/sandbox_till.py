"""The sandbox's till: pages to pay on, pretended payments and refunds; each is told to our own receiver as Stripe would tell it, signed.

The events are posted before the call ends, so a receiver that is down puts the call off instead of losing the payment. Their ids follow
from what was asked for: however often it is asked, it is one payment.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from kernel import clock
from kernel.keys import digest_of
from kernel.settings import Settings
from outbox.dispatch import Accepted, Booked, Dispatch, Event, Evidence, Found, Gone, Inbound, Later, NoWord, ObjectEvent, Outcome, Refused, Sought
from providers.proof import expect, header, insist, insist_fresh, parsed, token, words_of
from providers.sandbox_callbacks import SIGNATURE_HEADER, STAMP_HEADER, is_signed, signature
from providers.sandbox_files import keep_line, keep_object, object_kept, read_lines
from providers.transport import REFUSAL, SUCCESS, Transport, TransportError

PATH = "sandbox/payments"
PAGES = ("payment_link", "plan_upgrade", "billing_portal")
SUBSCRIPTION = re.compile("sub_sandbox_[0-9a-f]{32}")
Told = tuple[str, dict[str, Any]]
"""A type of event, and its object."""


class Till:
    """Takes pretended money, and gives it back."""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        """The transport refuses every host but our own."""
        self._url = f"{settings.base_url}/webhooks/{PATH}"
        self._secret = settings.secret
        self._data_dir = settings.data_dir
        self._transport = transport

    def perform(self, dispatch: Dispatch) -> Outcome:
        """Do it, and tell of it."""
        said, kind = dispatch.content.frozen(), dispatch.content.kind
        if kind in PAGES:
            return Accepted(_page_of(dispatch), "open")
        if kind == "page_closing":
            return Accepted(said["page"], "expired")
        if kind == "pretend_subscription":
            return self._tell(dispatch, self._subscribed(said))
        told = _paid(dispatch, said) if kind == "pretend_payment" else _refunded(dispatch, said)
        try:
            keep_line(self._data_dir, _line(said, told[-1][1]))
        except OSError as fault:
            return Later(f"The sandbox could not keep the payment (error {fault.errno}).")
        return self._tell(dispatch, told)

    def look_up(self, sought: Sought) -> Evidence:
        """A page is there by itself; what is told of is told again."""
        if sought.dispatch.content.kind == "page_closing":
            return Found(sought.dispatch.content.frozen()["page"], "sent")
        is_page = sought.dispatch.content.kind in PAGES
        return Found(_page_of(sought.dispatch), "sent") if is_page else NoWord("The sandbox keeps no list of payments.")

    def ask_about(self, event: ObjectEvent) -> ObjectEvent | Gone:
        """The event with its subscription as it is now; nothing else changes here once it was told of."""
        about = event.object or {}
        found = object_kept(self._data_dir, str(about.get("id"))) if SUBSCRIPTION.fullmatch(str(about.get("id"))) else None
        if found is None:
            return Gone("the sandbox keeps no such object")
        return replace(event, body=event.body | {"data": {"object": found}, "plan": found["metadata"]["plan"]})

    def _subscribed(self, said: dict[str, Any]) -> list[Told]:
        """Keep what it is now, and tell of it; what has ended stays so."""
        name, at = said["subscription"], int(clock.now().timestamp())
        was = object_kept(self._data_dir, name)
        began = was["items"]["data"][0]["current_period_start"] if was else at
        now = {
            "id": name,
            "object": "subscription",
            "customer": f"cus_sandbox_{said['workspace']}",
            "status": "canceled" if was and was["status"] == "canceled" else said["becomes"],
            "currency": "usd",
            "items": {"data": [{"price": {"id": f"price_sandbox_{said['plan']}_{said['cycle']}"}, "current_period_start": began}]},
            "metadata": {"sayso_workspace": said["workspace"], "plan": said["plan"]},
        }
        keep_object(self._data_dir, name, now)
        return [(f"customer.subscription.{'updated' if was else 'created'}", now)]

    def books(self, since: datetime, until: datetime) -> list[Booked]:
        """What was taken and given back in that time."""
        return [line for line in read_lines(self._data_dir) if since <= line.at < until]

    def _tell(self, dispatch: Dispatch, told: list[Told]) -> Accepted | Later | Refused:
        """Post the events one after the other."""
        for place, (kind, about) in enumerate(told, 1):
            about_it = {"object": "event", "type": kind, "created": int(clock.now().timestamp()), "livemode": False, "data": {"object": about}}
            body = json.dumps({"id": f"evt_sandbox_{dispatch.intent.hex}_{place}", **about_it}).encode()
            stamp = str(int(clock.now().timestamp()))
            headers = {"Content-Type": "application/json", STAMP_HEADER: stamp, SIGNATURE_HEADER: signature(self._secret, stamp, body)}
            try:
                category = self._transport.post(self._url, body, headers).category
            except TransportError as fault:
                return Later(f"The sandbox could not tell us of the payment: {fault.reason}")
            if category == REFUSAL:
                return Refused("Our own receiver refused the sandbox's event.", "sandbox-refused")
            if category != SUCCESS:
                return Later("The sandbox could not tell us of the payment: our receiver failed.")
        return Accepted(str(told[-1][1]["id"]), "succeeded")


def _page_of(dispatch: Dispatch) -> str:
    return f"cs_sandbox_{dispatch.intent.hex}"


def _named(*parts: object) -> str:
    return digest_of("|".join(map(str, parts)).encode()).hex()[:24]


def _paid(dispatch: Dispatch, said: dict[str, Any]) -> list[Told]:
    """Both events of a page that was paid; the same owed amount of one invoice is paid once."""
    intent = f"pi_sandbox_{_named(said['workspace'], said['invoice'], said['amount_minor'])}"
    metadata = {"sayso_workspace": said["workspace"], "sayso_invoice": said["invoice"]}
    money = {"currency": said["currency"].lower(), "metadata": metadata}
    page = {"id": _page_of(dispatch), "object": "checkout.session", "payment_status": "paid", "payment_intent": intent, "amount_total": said["amount_minor"]}
    paid = {"id": intent, "object": "payment_intent", "status": "succeeded", "amount_received": said["amount_minor"]}
    return [("checkout.session.completed", page | money), ("payment_intent.succeeded", paid | money)]


def _refunded(dispatch: Dispatch, said: dict[str, Any]) -> list[Told]:
    metadata = {"sayso_workspace": said["workspace"], "sayso_intent": dispatch.intent.hex}
    money = {"amount": said["amount_minor"], "currency": said["currency"].lower(), "payment_intent": said["payment_ref"], "metadata": metadata}
    refund = {"id": f"re_sandbox_{dispatch.intent.hex}", "object": "refund", "created": int(clock.now().timestamp())} | money
    return [("refund.created", refund | {"status": "pending"}), ("refund.updated", refund | {"status": "succeeded"})]


def _line(said: dict[str, Any], about: dict[str, Any]) -> Booked:
    """The same as the till's own books have it."""
    refunds = about["object"] == "refund"
    return Booked(
        what="refund" if refunds else "payment",
        ref=about["id"],
        payment_ref=about["payment_intent"] if refunds else about["id"],
        amount_minor=said["amount_minor"],
        currency=said["currency"],
        state=about["status"],
        at=clock.now(),
        workspace=said["workspace"],
        invoice=said.get("invoice", ""),
    )


def receive(inbound: Inbound, settings: Settings) -> list[Event]:
    """An event of our own till."""
    stamp, signed = header(inbound, STAMP_HEADER.lower()), header(inbound, SIGNATURE_HEADER.lower())
    insist(is_signed(settings.secrets, stamp, inbound.body, signed), "the signature does not fit")
    insist_fresh(stamp)
    event = parsed(words_of(inbound.body))
    expect(isinstance(event, dict) and event.get("object") == "event", "it is not an event")
    key, kind = token(event.get("id")), token(event.get("type"))
    expect(key and kind, "the event has no id or no type")
    return [ObjectEvent(str(key), str(kind), event, "sandbox")]
