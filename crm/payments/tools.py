"""The tools about money that arrived."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from psycopg.rows import dict_row
from pydantic import Field

from crm.payments.comparing import NEXT, Kind
from crm.payments.reckoning import newest
from kernel.call import Call
from kernel.db import raw
from kernel.keys import Wire
from kernel.money import as_decimal
from kernel.operation import Answer, Asked, Effect, NoArguments, operation

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


class DifferenceShown(Answer):
    """What is not the same here and at the payment provider."""

    what: str = Field(description="payment, refund, dispute or invoice.")
    kind: Kind = Field(description="missing_here, missing_there, amount_differs, currency_differs, state_differs or invoice_differs.")
    ref: str = Field(description="The provider's own id; of an invoice ours.")
    here: str | None = Field(None, description="As our books have it.")
    there: str | None = Field(None, description="As the provider's have it; of an invoice what was paid.")
    next_step: str


class ReconciliationReport(Answer):
    """What the last comparison of the books found."""

    ran_at: datetime | None = Field(None, description="When; null when there was none yet.")
    provider: str | None = Field(None, description="Whose books ours were compared with.")
    since: datetime | None = Field(None, description="Of which time: from when.")
    until: datetime | None = Field(None, description="Until when.")
    compared: int = Field(0, description="How many payments, refunds and disputes.")
    different: int = Field(0, description="How many differences there are.")
    items: list[DifferenceShown] = Field(default_factory=list, description="The first hundred of them.")
    next_step: str


@operation("payments", Effect.READ)
def get_reconciliation_report(call: Call, asked: NoArguments) -> ReconciliationReport:  # noqa: ARG001 - every operation takes both
    """Tell whether the books agree with the payment provider's own, by the last daily comparison, and name each difference."""
    found = newest(call.session, call.workspace)
    if found is None:
        return ReconciliationReport(next_step="The books are compared once a day, once there is a payment. Ask again tomorrow.")
    return ReconciliationReport(
        ran_at=found.ran_at,
        provider=found.provider,
        since=found.since,
        until=found.until,
        compared=found.compared,
        different=found.many,
        items=[
            DifferenceShown(**{name: one[name] for name in ("what", "kind", "ref", "here", "there")}, next_step=NEXT[one["kind"]]) for one in found.differences
        ],
        next_step="Tell a person of the business; nothing is corrected by itself." if found.many else "Nothing to do: the books agree.",
    )
