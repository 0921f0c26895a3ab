"""The tools about money that arrived."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from psycopg.rows import dict_row
from pydantic import Field

from kernel.call import Call
from kernel.db import raw
from kernel.keys import Wire
from kernel.money import as_decimal
from kernel.operation import Answer, Asked, Effect, operation

PaymentId = Annotated[UUID, Wire("pay")]
InvoiceId = Annotated[UUID, Wire("inv")]
LISTED = """
SELECT p.* FROM payment_now p WHERE p.workspace_id = %(workspace)s AND (%(invoice)s::uuid IS NULL OR p.invoice_id = %(invoice)s)
ORDER BY p.paid_at DESC, p.id DESC LIMIT %(limit)s
"""


class ListPayments(Asked):
    """Which page."""

    limit: int = Field(20, ge=1, le=100, description="How many, newest first.")
    invoice_id: InvoiceId | None = Field(None, description="Those of this invoice only.")


class PaymentShown(Answer):
    """Money that arrived."""

    payment_id: PaymentId
    amount: str = Field(description="Decimal, in the currency's major unit.")
    refunded: str = Field(description="Decimal: how much of it was given back.")
    refunds_asked: str = Field(description="Decimal: how much is to be given back, once a person approved and the provider has done it.")
    is_disputed: bool = Field(description="Whether the customer's bank wants it back, and that is not decided.")
    currency: str
    invoice_id: InvoiceId | None = Field(None, description="What was paid with it.")
    provider: str
    provider_ref: str = Field(description="The provider's own id.")
    paid_at: datetime


class Payments(Answer):
    """A page of payments."""

    items: list[PaymentShown]
    next_cursor: str | None = None


@operation("payments", Effect.READ)
def list_payments(call: Call, asked: ListPayments) -> Payments:
    """List the payments that customers made, newest first, with what was given back."""
    wanted = {"workspace": call.workspace, "invoice": asked.invoice_id, "limit": asked.limit}
    found = raw(call.session).cursor(row_factory=dict_row).execute(LISTED, wanted).fetchall()
    return Payments(items=[_shown(row) for row in found])


def _shown(row: dict[str, Any]) -> PaymentShown:
    currency = row["currency"]
    return PaymentShown(
        payment_id=row["id"],
        amount=as_decimal(row["amount_minor"], currency),
        refunded=as_decimal(int(row["refunded_minor"]), currency),
        refunds_asked=as_decimal(int(row["asked_minor"]), currency),
        is_disputed=row["is_disputed"],
        currency=currency,
        invoice_id=row["invoice_id"],
        provider=row["provider"],
        provider_ref=row["provider_ref"],
        paid_at=row["paid_at"],
    )
