"""What Stripe tells us about payments, recorded once per payment whatever the order or number of its events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from crm.payments.tables import Payment
from kernel.keys import new_id, read, show
from kernel.tenancy import Workspace
from outbox.dispatch import ObjectEvent
from outbox.handlers import NotForUs, on
from outbox.tables import Event

METADATA_KEY = "sayso_workspace"


class PaymentIntent(BaseModel):
    """What we read of a PaymentIntent (docs.stripe.com/api/payment_intents/object); amounts in minor units."""

    model_config = ConfigDict(strict=True)

    id: str = Field(min_length=1, max_length=255)
    amount_received: int = Field(ge=0, le=99_999_999_999)
    currency: str = Field(pattern="^[a-z]{3}$")
    metadata: dict[str, Any] = Field(default_factory=dict)


class Paid(BaseModel):
    """What we read of the event around it; `created` in Unix seconds."""

    model_config = ConfigDict(strict=True)

    created: int = Field(ge=0, le=7_258_118_400)
    data: dict[str, Any]


@on("payment_intent.succeeded")
def payment_arrived(session: Session, event: ObjectEvent) -> None:
    """Record the payment of a succeeded PaymentIntent, once whatever the number of its events."""
    created, paid = _read(event)
    workspace = _workspace(session, paid.metadata)
    row = {
        "id": new_id(),
        "workspace_id": workspace,
        "provider": "stripe",
        "provider_ref": paid.id,
        "amount_minor": paid.amount_received,
        "currency": paid.currency.upper(),
        "paid_at": created,
    }
    recorded = session.execute(insert(Payment).values(row).on_conflict_do_nothing().returning(Payment.id)).scalar()
    if recorded:
        session.add(Event(workspace_id=workspace, type="payment.succeeded", subject=show("pay", recorded), data={"providerRef": paid.id}))


def _read(event: ObjectEvent) -> tuple[datetime, PaymentIntent]:
    try:
        around = Paid.model_validate(event.body)
        return datetime.fromtimestamp(around.created, UTC), PaymentIntent.model_validate(around.data.get("object"))
    except ValidationError:
        msg = "it is not a payment as Stripe documents it"
        raise NotForUs(msg) from None


def _workspace(session: Session, metadata: dict[str, Any]) -> UUID:
    try:
        workspace = read("org", metadata.get(METADATA_KEY))
    except ValueError:
        msg = f"its metadata names no workspace ({METADATA_KEY})"
        raise NotForUs(msg) from None
    if session.scalar(select(Workspace.id).where(Workspace.id == workspace)) is None:
        msg = "its metadata names a workspace that is not here"
        raise NotForUs(msg)
    return workspace
