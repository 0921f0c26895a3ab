"""The tool that asks to give money back."""

from __future__ import annotations

from typing import Any

from psycopg.rows import dict_row
from pydantic import Field
from sqlalchemy.exc import IntegrityError

from approvals.gate import Draft, submit
from approvals.requests import Pending
from crm.invoices.shapes import numbered
from crm.payments.tables import Refund
from crm.payments.tools import PaymentId
from kernel.arguments import fitted
from kernel.call import Call
from kernel.db import raw, stand_in_line
from kernel.errors import Conflict, NotFound
from kernel.keys import new_id, show
from kernel.money import Amount, as_decimal, as_minor
from kernel.operation import AskedOnce, Effect, operation
from outbox.content import KINDS, OneLine

PAYMENT = """
SELECT p.*, n.number FROM payment_now p LEFT JOIN invoice n ON n.id = p.invoice_id WHERE p.id = %s AND p.workspace_id = %s
"""


class RefundTooHigh(Conflict):
    """More would be given back than is left of this payment."""

    code = "refund_too_high"
    next_step = "Read `refunded` and `refundsAsked` with list_payments, and ask for less."


class NotRefundable(Conflict):
    """This payment was not taken by the payment provider that is connected, so it cannot give it back."""

    code = "not_refundable"
    next_step = "Give it back the way it came."


class RefundPayment(AskedOnce):
    """Which payment, and how much of it."""

    payment_id: PaymentId = Field(description="From list_payments.")
    amount: Amount | None = Field(None, description='As a decimal: "10.00"; all that is left of it when left out.')
    reason: OneLine | None = Field(None, max_length=200, description="Why, for whoever decides.")


@operation("payments", Effect.SEND, example={"paymentId": "pay_01990000000070008000000000000000", "amount": "10.00", "reason": "Came too late"})
def refund_payment(call: Call, asked: RefundPayment) -> Pending:
    """Ask to give a payment back, or a part of it. It is held until a person approves exactly this amount; then the provider does it once."""
    stand_in_line(raw(call.session), f"refunds of {asked.payment_id}")  # each knows what was asked for before it
    row = raw(call.session).cursor(row_factory=dict_row).execute(PAYMENT, (asked.payment_id, call.workspace)).fetchone()
    if row is None:
        raise NotFound("There is no such payment in this workspace.", next_step="Find it with list_payments.")
    if row["provider"] != call.settings.payments:
        raise NotRefundable(provider=row["provider"])
    left = int(row["amount_minor"] - row["refunded_minor"] - row["lost_minor"] - row["asked_minor"])
    amount = left if asked.amount is None else as_minor(asked.amount, row["currency"])
    if not 0 < amount <= left:
        raise RefundTooHigh(left=as_decimal(max(left, 0), row["currency"]), currency=row["currency"])
    pending = submit(call, "refund_payment", [Draft(fitted(KINDS["refund"], _content(call, row, amount, asked.reason)))])
    _reserve(call, pending, row, amount)
    return pending


def _content(call: Call, row: dict[str, Any], amount: int, reason: str | None) -> dict[str, Any]:
    currency, paid_at = row["currency"], row["paid_at"]
    before = int(row["refunded_minor"] + row["asked_minor"])
    about = numbered(row["number"]) if row["number"] else show("pay", row["id"])
    return {
        "payment_ref": row["provider_ref"],
        "workspace": show("org", call.workspace),
        "amount_minor": amount,
        "currency": currency,
        "gives": f"{as_decimal(amount, currency)} {currency}",
        "before_minor": before,
        "before": f"{as_decimal(before, currency)} {currency}" if before else "",
        "of": f"{as_decimal(row['amount_minor'], currency)} {currency}, paid on {paid_at.day} {paid_at:%B %Y} for {about}",
        "about": about,
        "reason": reason or "",
    }


def _reserve(call: Call, pending: Pending, row: dict[str, Any], amount: int) -> None:
    """Hold the amount for it; the database counts anew, one after the other. Raises RefundTooHigh."""
    same = {"provider": row["provider"], "payment_ref": row["provider_ref"], "currency": row["currency"], "workspace_id": call.workspace}
    for intent in pending.intent_ids:
        call.session.add(Refund(id=new_id(), amount_minor=amount, state="asked", intent_id=intent, **same))
    try:
        call.session.flush()
    except IntegrityError:
        raise RefundTooHigh from None
