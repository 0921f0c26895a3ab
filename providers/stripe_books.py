"""Stripe's own books: what its lists of payments, refunds and disputes say, read and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from outbox.dispatch import Booked
from providers.stripe_lists import Lists, Unreadable

MOST_PAGES = 100
What = Literal["payment", "refund", "dispute"]
LISTS: dict[What, str] = {"payment": "payment_intents", "refund": "refunds", "dispute": "disputes"}


class _Listed(BaseModel):
    """What all three have (docs.stripe.com/api/payment_intents/list, refunds/list, disputes/list)."""

    id: str
    amount: int
    amount_received: int | None = None
    currency: str
    status: str | None
    created: int = Field(ge=0, le=7_258_118_400)
    payment_intent: str | None = None
    metadata: dict[str, Any] | None = None


def books(lists: Lists, since: datetime, until: datetime) -> Iterator[Booked]:
    """Every line of that time; a payment that no money came of is none. Raises Unreadable, and what the transport raises."""
    time = {"created[gte]": int(since.timestamp()), "created[lt]": int(until.timestamp()) + 1}
    for what, path in LISTS.items():
        for one in lists.each(path, time, MOST_PAGES):
            found = _line(what, one)
            if what != "payment" or found.state == "succeeded":
                yield found


def _line(what: What, one: dict[str, Any]) -> Booked:
    try:
        read = _Listed.model_validate(one)
    except ValidationError:
        msg = f"a {what} that is not as Stripe documents it"
        raise Unreadable(msg) from None
    named = read.metadata or {}
    return Booked(
        what=what,
        ref=read.id,
        payment_ref=read.id if what == "payment" else read.payment_intent or "",
        amount_minor=read.amount if read.amount_received is None else read.amount_received,
        currency=read.currency.upper(),
        state=read.status or "",
        at=datetime.fromtimestamp(read.created, UTC),
        workspace=str(named.get("sayso_workspace") or ""),
        invoice=str(named.get("sayso_invoice") or ""),
    )
