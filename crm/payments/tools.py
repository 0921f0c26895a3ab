"""The tools about money that arrived."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from crm.payments.tables import Payment
from kernel.call import Call
from kernel.keys import Wire
from kernel.money import as_decimal
from kernel.operation import Answer, Asked, Effect, operation

PaymentId = Annotated[UUID, Wire("pay")]


class ListPayments(Asked):
    """Which page."""

    limit: int = Field(20, ge=1, le=100, description="How many, newest first.")


class PaymentShown(Answer):
    """Money that arrived."""

    payment_id: PaymentId
    amount: str = Field(description="Decimal, in the currency's major unit.")
    currency: str
    provider: str
    provider_ref: str = Field(description="The provider's own id.")
    paid_at: datetime


class Payments(Answer):
    """A page of payments."""

    items: list[PaymentShown]
    next_cursor: str | None = None


@operation("payments", Effect.READ)
def list_payments(call: Call, asked: ListPayments) -> Payments:
    """List the payments that customers made, newest first."""
    mine = select(Payment).where(Payment.workspace_id == call.workspace).order_by(Payment.paid_at.desc(), Payment.id.desc())
    return Payments(items=[_shown(payment) for payment in call.session.scalars(mine.limit(asked.limit))])


def _shown(payment: Payment) -> PaymentShown:
    return PaymentShown(
        payment_id=payment.id,
        amount=as_decimal(payment.amount_minor, payment.currency),
        currency=payment.currency,
        provider=payment.provider,
        provider_ref=payment.provider_ref,
        paid_at=payment.paid_at,
    )
