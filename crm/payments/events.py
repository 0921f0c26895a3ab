"""What Stripe tells us about payments, recorded once per payment whatever the order or number of its events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

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


@on("payment_intent.succeeded")
def payment_arrived(session: Session, event: ObjectEvent) -> None:
    """Record the payment of a succeeded PaymentIntent (Stripe API, object `payment_intent`)."""
    paid: dict[str, Any] = event.body["data"]["object"]
    workspace = _workspace(session, paid.get("metadata") or {})
    row = {
        "id": new_id(),
        "workspace_id": workspace,
        "provider": "stripe",
        "provider_ref": paid["id"],
        "amount_minor": paid["amount_received"],
        "currency": paid["currency"].upper(),
        "paid_at": datetime.fromtimestamp(event.body["created"], UTC),
    }
    recorded = session.execute(insert(Payment).values(row).on_conflict_do_nothing().returning(Payment.id)).scalar()
    if recorded:
        session.add(Event(workspace_id=workspace, type="payment.succeeded", subject=show("pay", recorded), data={"providerRef": paid["id"]}))


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
