"""What we read of Stripe's events and objects, amounts in minor units and moments in Unix seconds; what does not fit is no payment of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kernel.keys import read
from outbox.dispatch import ObjectEvent
from outbox.handlers import NotForUs

MOST_MINOR = 99_999_999_999
LATEST = 7_258_118_400


class Read(BaseModel):
    """The base: nothing is guessed, nothing converted."""

    model_config = ConfigDict(strict=True)


class Around(Read):
    """The event around an object."""

    created: int = Field(ge=0, le=LATEST)
    data: dict[str, Any]


class About(Read):
    """What every object has."""

    id: str = Field(min_length=1, max_length=255)
    currency: str = Field(pattern="^[a-z]{3}$")
    metadata: dict[str, Any] | None = None

    @property
    def workspace(self) -> UUID | None:
        """The workspace that its metadata names."""
        return self._named("org", "sayso_workspace")

    @property
    def invoice(self) -> UUID | None:
        """The invoice that its metadata names."""
        return self._named("inv", "sayso_invoice")

    @property
    def intent(self) -> UUID | None:
        """Our request that its metadata names."""
        said = (self.metadata or {}).get("sayso_intent")
        try:
            return UUID(hex=said) if isinstance(said, str) else None
        except ValueError:
            return None

    def _named(self, prefix: str, key: str) -> UUID | None:
        try:
            return read(prefix, (self.metadata or {}).get(key))
        except ValueError:
            return None


class PaymentIntent(About):
    """docs.stripe.com/api/payment_intents/object."""

    amount_received: int = Field(ge=0, le=MOST_MINOR)


class Session(About):
    """docs.stripe.com/api/checkout/sessions/object."""

    payment_status: str
    payment_intent: str | None = Field(None, min_length=1, max_length=255)
    amount_total: int = Field(ge=0, le=MOST_MINOR)


class Charge(About):
    """docs.stripe.com/api/charges/object."""

    payment_intent: str = Field(min_length=1, max_length=255)
    amount_refunded: int = Field(ge=0, le=MOST_MINOR)


class Refund(About):
    """docs.stripe.com/api/refunds/object."""

    payment_intent: str = Field(min_length=1, max_length=255)
    amount: int = Field(gt=0, le=MOST_MINOR)
    status: str


class Dispute(About):
    """docs.stripe.com/api/disputes/object."""

    payment_intent: str = Field(min_length=1, max_length=255)
    amount: int = Field(ge=0, le=MOST_MINOR)
    status: str


class Item(Read):
    """What is paid for, since when (docs.stripe.com/api/subscription_items/object)."""

    current_period_start: int | None = Field(None, ge=0, le=LATEST)


class Items(Read):
    """The items of a subscription."""

    data: list[Item]


class Subscription(About):
    """docs.stripe.com/api/subscriptions/object; the period moved to the items on 2025-03-31."""

    customer: str = Field(min_length=1, max_length=255)
    status: str
    items: Items
    current_period_start: int | None = Field(None, ge=0, le=LATEST)

    @property
    def period_from(self) -> int | None:
        """When the newest period began."""
        begun = [item.current_period_start for item in self.items.data if item.current_period_start is not None]
        return max(begun, default=self.current_period_start)


A = TypeVar("A", bound=About)


def object_in(event: ObjectEvent, shape: type[A]) -> tuple[datetime, A]:
    """When the event was made, and its object. Raises NotForUs."""
    try:
        around = Around.model_validate(event.body)
        return datetime.fromtimestamp(around.created, UTC), shape.model_validate(around.data.get("object"))
    except ValidationError:
        msg = "it is not a payment as Stripe documents it"
        raise NotForUs(msg) from None
