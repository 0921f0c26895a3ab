"""Stripe's API: pages to pay on and refunds, through its own SDK over our transport; each call under a key by which Stripe knows it again.

Key and bytes follow from the intent alone, never from the attempt: what is asked for twice within a day is done once
(docs.stripe.com/api/idempotent_requests). From the second attempt on its list is read first, for a key is forgotten after a day.
The SDK repeats nothing, measures nothing and reaches nobody else.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import stripe
from typing_extensions import override

from kernel.settings import Settings
from outbox.dispatch import Absent, Accepted, Booked, Dispatch, Event, Evidence, Found, Gone, NoWord, ObjectEvent, Outcome, Refused, Sought, Unsure
from providers import stripe_books, stripe_events, verdict
from providers.stripe_lists import Lists
from providers.transport import REFUSAL, SUCCESS, Answer, NotAccepted, Transport, TransportError
from providers.verdict import plain

stripe.enable_telemetry = False
logging.getLogger("stripe").disabled = True
"""It would log whole requests and answers."""
CONFLICT = 409
IN_FLIGHT = "Stripe is still busy with the same request."
OTHER_BYTES = "Stripe knows another request under this key."
MOST_LISTED = 100
STEPS = {"payment_link": "session", "refund": "refund", "plan_upgrade": "subscription", "billing_portal": "portal", "page_closing": "expire"}
UNPRICED = Refused("No price is set for this plan (STRIPE_PLAN_PRICES).", "no-price")


class _Seam(stripe.HTTPClient):
    """The SDK's HTTP client, over our transport."""

    name = "sayso"

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport

    @override
    def request(self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any) -> tuple[str, int, Mapping[str, str]]:
        """Call once; nothing but a success that is a JSON object goes back into the SDK."""
        sent = headers or {}
        answer = self._transport.get(url, sent) if method == "get" else self._transport.post(url, str(post_data or "").encode(), sent)
        if answer.category != SUCCESS or not answer.object:
            raise NotAccepted(answer)
        return answer.text, answer.status, answer.headers

    @override
    def close(self) -> None:
        """The transport is closed by whoever made it."""


class Stripe:
    """Serves the lane `payments:stripe`."""

    name = "stripe"

    def __init__(self, settings: Settings, transport: Transport) -> None:
        """One client for all threads."""
        self._transport = transport
        key, base = settings.stripe_api_key.get_secret_value(), settings.stripe_api_base
        self._headers = {"Authorization": f"Bearer {key}", "Stripe-Version": stripe.api_version}
        self._account = f"{base}/v1/balance"
        self._base = base
        self._prices = settings.plan_prices
        self._lists = Lists(transport, base, self._headers)
        self._client = stripe.StripeClient(key, base_addresses={"api": base}, http_client=_Seam(transport), max_network_retries=0)

    def perform(self, dispatch: Dispatch) -> Outcome:
        """Ask for it, under its key."""
        if dispatch.content.kind == "plan_upgrade" and self._price_of(dispatch.content.frozen()) is None:
            return UNPRICED
        try:
            made = self._listed(dispatch) if dispatch.attempt > 1 else None
            made = made or self._ask(dispatch)
        except TransportError as fault:
            return verdict.of_fault(fault)
        except NotAccepted as refused:
            return self._closed(dispatch) or _verdict(refused.answer)
        ref = made.get("id")
        if not isinstance(ref, str) or not ref:
            return Unsure(verdict.NO_ID)
        return Accepted(ref, str(made.get("status") or "accepted"), str(made.get("url") or ""))

    def look_up(self, sought: Sought) -> Evidence:
        """Read Stripe's own list."""
        try:
            made = self._listed(sought.dispatch)
        except (TransportError, NotAccepted):
            return NoWord("Stripe's list could not be read.")
        return Found(str(made["id"]), "sent", str(made.get("url") or "")) if made else Absent()

    def missed(self, since: datetime) -> list[Event]:
        """The events that Stripe could not deliver (docs.stripe.com/webhooks/process-undelivered-events), newest first, 2,000 at most."""
        return list(stripe_events.missed(self._lists, since))

    def books(self, since: datetime, until: datetime) -> list[Booked]:
        """What Stripe's own lists say of that time."""
        return list(stripe_books.books(self._lists, since, until))

    def ask_about(self, event: ObjectEvent) -> ObjectEvent | Gone | NoWord:
        """Read the object that an event is about."""
        plans = {price: named.partition(":")[0] for named, price in self._prices}
        return stripe_events.Reader(self._transport, self._base, self._headers, plans).about(event)

    def probe(self) -> str | None:
        """Read the account's balance."""
        return verdict.of_probe("Stripe", self._transport, self._account, self._headers)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _ask(self, dispatch: Dispatch) -> dict[str, Any]:
        said, kind = dispatch.content.frozen(), dispatch.content.kind
        options: Any = {"idempotency_key": f"{dispatch.intent.hex}:{STEPS[kind]}"}
        if kind == "refund":
            return self._client.v1.refunds.create(_refund(dispatch, said), options).to_dict()
        if kind == "page_closing":
            return self._client.v1.checkout.sessions.expire(said["page"], {}, options).to_dict()
        if kind == "billing_portal":
            visit: Any = {"customer": said["customer"], "return_url": said["back"]}
            return self._client.v1.billing_portal.sessions.create(visit, options).to_dict()
        page = _page(dispatch, said) if kind == "payment_link" else _plan_page(dispatch, said, self._price_of(said) or "")
        return self._client.v1.checkout.sessions.create(page, options).to_dict()

    def _closed(self, dispatch: Dispatch) -> Accepted | None:
        """Only an open page can be closed (docs.stripe.com/api/checkout/sessions/expire): where one was paid or has ended, there is nothing to close."""
        if dispatch.content.kind != "page_closing":
            return None
        try:
            page = self._listed(dispatch)
        except (TransportError, NotAccepted):
            return None
        return Accepted(str(page["id"]), str(page["status"])) if page else None

    def _price_of(self, said: dict[str, Any]) -> str | None:
        return dict(self._prices).get(f"{said['plan']}:{said['cycle']}")

    def _listed(self, dispatch: Dispatch) -> dict[str, Any] | None:
        """What Stripe made for this intent, newest first; its lists show at once what was made (docs.stripe.com/search)."""
        if dispatch.content.kind == "billing_portal":
            return None  # no list shows a visit, and one more harms nothing
        if dispatch.content.kind == "page_closing":
            page = self._client.v1.checkout.sessions.retrieve(dispatch.content.frozen()["page"]).to_dict()
            return page if page.get("status") in ("complete", "expired") else None
        if dispatch.content.kind == "refund":
            found: Any = self._client.v1.refunds.list({"payment_intent": dispatch.content.frozen()["payment_ref"], "limit": MOST_LISTED})
        else:
            found = self._client.v1.checkout.sessions.list({"limit": MOST_LISTED})
        listed = found.to_dict().get("data") or []
        return next((one for one in listed if (one.get("metadata") or {}).get("sayso_intent") == dispatch.intent.hex), None)


def _metadata(dispatch: Dispatch, said: dict[str, Any]) -> dict[str, str]:
    named = {"sayso_workspace": said["workspace"], "sayso_intent": dispatch.intent.hex}
    return named | ({"sayso_invoice": said["invoice"]} if "invoice" in said else {})


def _page(dispatch: Dispatch, said: dict[str, Any]) -> Any:
    """A page for one amount (docs.stripe.com/api/checkout/sessions/create); the payment made on it carries the same metadata."""
    metadata = _metadata(dispatch, said)
    price = {"currency": said["currency"].lower(), "unit_amount": said["amount_minor"], "product_data": {"name": f"{said['number']}, {said['business']}"}}
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": said["back"],
        "client_reference_id": said["invoice"],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
    }


def _plan_page(dispatch: Dispatch, said: dict[str, Any], price: str) -> Any:
    """A page for a subscription, which carries the same metadata from then on."""
    metadata = _metadata(dispatch, said)
    customer = {"customer": said["customer"]} if said["customer"] else {}
    return customer | {
        "mode": "subscription",
        "line_items": [{"price": price, "quantity": 1}],
        "success_url": said["back"],
        "client_reference_id": said["workspace"],
        "metadata": metadata,
        "subscription_data": {"metadata": metadata},
    }


def _refund(dispatch: Dispatch, said: dict[str, Any]) -> Any:
    """A part of a payment, or all of it (docs.stripe.com/api/refunds/create)."""
    return {"payment_intent": said["payment_ref"], "amount": said["amount_minor"], "metadata": _metadata(dispatch, said)}


def _verdict(answer: Answer) -> Outcome:
    """Stripe keeps what it began under a key, and says so when the same key comes again too soon, or with other bytes."""
    fault = answer.object.get("error")
    error = fault if isinstance(fault, dict) else {}
    if answer.status == CONFLICT:
        return Unsure(IN_FLIGHT)
    if answer.category == REFUSAL and error.get("type") == "idempotency_error":
        return Unsure(OTHER_BYTES)
    code = plain(error.get("code") or error.get("type"))
    return verdict.of_answer("Stripe", answer, code, f"Stripe refused it: {plain(error.get('message')) or 'no reason was given.'}")
