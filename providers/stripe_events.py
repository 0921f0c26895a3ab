"""What Stripe is asked about events: for those that it could not deliver to us, 30 days back, and for the object that one is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kernel.clock import now
from outbox.dispatch import Event, Gone, NoWord, ObjectEvent
from providers.proof import token
from providers.stripe_lists import Lists, TooLong, Unreadable
from providers.transport import SUCCESS, Transport, TransportError

MOST_PAGES = 20
NOT_FOUND = 404
PATHS = {
    "charge": "charges",
    "checkout.session": "checkout/sessions",
    "customer": "customers",
    "dispute": "disputes",
    "invoice": "invoices",
    "payment_intent": "payment_intents",
    "refund": "refunds",
    "subscription": "subscriptions",
}
"""Where each object is read (docs.stripe.com/api)."""
RELATED = re.compile(r"/v[12](/[A-Za-z0-9_]{1,255}){1,6}", re.ASCII)
"""A path of the API and nothing else: what an event names is put behind the configured host."""
NAMES_NOTHING = "it names no object that can be asked for"


def missed(lists: Lists, since: datetime) -> Iterator[Event]:
    """Page by page, newest first, 2,000 at most. Raises Unreadable, and what the transport raises."""
    wanted = {"delivery_success": "false", "created[gte]": int(since.timestamp())}
    with suppress(TooLong):
        for one in lists.each("events", wanted, MOST_PAGES):
            if token(one.get("type")) is None:
                msg = "an event without a type"
                raise Unreadable(msg)
            yield ObjectEvent(one["id"], one["type"], one)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads objects of our account; `plans` names the plan that each price stands for."""

    transport: Transport
    base: str
    headers: Mapping[str, str]
    plans: Mapping[str, str]

    def about(self, event: ObjectEvent) -> ObjectEvent | Gone | NoWord:
        """The event with its object as Stripe has it now; one about an invoice of a subscription is about that subscription."""
        path = _path(event.object) if event.object is not None else _related(event.body)
        if path is None:
            return Gone(NAMES_NOTHING)
        found = _read(self.transport, f"{self.base}{path}", self.headers)
        bill = isinstance(found, dict) and found.get("object") == "invoice" and _path(found)
        if bill:
            found = _read(self.transport, f"{self.base}{bill}", self.headers)
        return _carrying(event, found, self.plans) if isinstance(found, dict) else found


def _read(transport: Transport, url: str, headers: Mapping[str, str]) -> dict[str, Any] | Gone | NoWord:
    try:
        answer = transport.get(url, headers)
    except TransportError as fault:
        return NoWord(f"Stripe could not be asked: {fault.reason}")
    if answer.status == NOT_FOUND:
        return Gone("Stripe knows no such object")
    found = answer.object if answer.category == SUCCESS else {}
    return found if token(found.get("object")) else NoWord(f"Stripe answered HTTP {answer.status}")


def _carrying(event: ObjectEvent, found: dict[str, Any], plans: Mapping[str, str]) -> ObjectEvent:
    """As a snapshot event would carry it; the time of a thin event is written in another way (RFC 3339), and is our own where it cannot be read."""
    created = event.body.get("created")
    try:
        seconds = created if isinstance(created, int) else int(datetime.fromisoformat(str(created)).timestamp())
    except (ValueError, OverflowError):
        seconds = int(now().timestamp())
    body = {"id": event.key, "object": "event", "type": event.type, "created": seconds, "data": {"object": found}}
    return replace(event, body=body | {"plan": next((plans[price] for price in _prices_in(found) if price in plans), None)})


def _prices_in(found: Mapping[str, Any]) -> Iterator[str]:
    """The prices of a subscription's items."""
    items = found.get("items")
    for item in (items.get("data") or []) if isinstance(items, dict) else []:
        price = item.get("price") if isinstance(item, dict) else None
        name = price.get("id") if isinstance(price, dict) else None
        if isinstance(name, str):
            yield name


def _path(found: Mapping[str, Any]) -> str | None:
    """Where an object is read; for an invoice, its subscription."""
    kind, name = found.get("object"), found.get("id")
    if kind == "invoice":
        kind, name = "subscription", _subscription_of(found)
    path = f"/v1/{PATHS[kind]}/{name}" if isinstance(kind, str) and kind in PATHS and isinstance(name, str) else ""
    return path if RELATED.fullmatch(path) else None


def _subscription_of(invoice: Mapping[str, Any]) -> Any:
    """Where it is named since 2025-03-31 (docs.stripe.com/api/invoices/object, parent), and where it was before."""
    parent = invoice.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, dict) else None
    return details.get("subscription") if isinstance(details, dict) else invoice.get("subscription")


def _related(body: Mapping[str, Any]) -> str | None:
    """What a thin event names (docs.stripe.com/event-destinations)."""
    related = body.get("related_object")
    url = related.get("url") if isinstance(related, dict) else None
    return url if isinstance(url, str) and RELATED.fullmatch(url) else None
