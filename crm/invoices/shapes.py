"""What the tools answer: invoices as the wire shows them, and the invoice that an id names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from psycopg.rows import dict_row
from pydantic import Field
from sqlalchemy import select

from crm.bookings.shapes import BookingId
from crm.contacts.shapes import AccountId
from crm.invoices.tables import Invoice
from kernel.call import Call
from kernel.clock import zone_of
from kernel.db import raw
from kernel.errors import NotFound
from kernel.keys import Wire
from kernel.money import as_decimal
from kernel.operation import Answer
from kernel.tenancy import Workspace

InvoiceId = Annotated[UUID, Wire("inv")]
Status = Literal["draft", "sending", "sent", "paid", "void"]
OPEN: frozenset[Status] = frozenset({"draft", "sending", "sent"})
"""What is still to be paid."""
NEXT: dict[Status, str] = {
    "draft": "mark_invoice_sent asks to e-mail it; create_payment_link makes it payable; mark_invoice_paid records money that came otherwise.",
    "sending": "The e-mail waits for a person or is on its way; ask get_send_status.",
    "sent": "mark_invoice_paid once the money is there.",
    "paid": "Nothing to do.",
    "void": "Nothing to do. Create another invoice if something is owed after all.",
}
READ = """
SELECT n.*, a.name AS customer_name, a.email AS customer_email, n.due_date < (now() AT TIME ZONE w.zone)::date AS is_late
FROM invoice_now n JOIN account a ON a.id = n.account_id JOIN workspace w ON w.id = n.workspace_id
WHERE n.workspace_id = %(workspace)s AND {wanted}
"""


class LineShown(Answer):
    """One line of an invoice."""

    description: str = Field(description="What is billed.")
    quantity: int = Field(description="How many.")
    unit_price: str = Field(description="Decimal, of one.")
    total: str = Field(description="Decimal, of the line.")


class InvoiceShown(Answer):
    """What a customer owes."""

    invoice_id: InvoiceId
    number: str = Field(description="As the customer reads it.")
    status: Status = Field(description="draft, sending, sent, paid or void.")
    is_overdue: bool = Field(description="Whether its due date is over and it is not paid.")
    account_id: AccountId
    customer_name: str = Field(description="Who owes it.")
    booking_id: BookingId | None = None
    lines: list[LineShown] = Field(description="What is billed.")
    total: str = Field(description="Decimal, in the currency's major unit.")
    paid: str = Field(description="Decimal: how much has arrived.")
    refunded: str = Field(description="Decimal: how much of it was given back.")
    currency: str
    due_date: date = Field(description="By when it is to be paid.")
    created_at: datetime
    sent_at: datetime | None = Field(None, description="When the provider took the e-mail.")
    paid_at: datetime | None = Field(None, description="When the last of it was paid.")
    next_step: str


def numbered(number: int) -> str:
    """The number as people read it."""
    return f"INV-{number:05d}"


def rows(call: Call, wanted: str, **given: Any) -> list[dict[str, Any]]:
    """Invoices of the workspace with what became of them; `wanted` is SQL of our own."""
    query = READ.format(wanted=wanted).encode()
    return raw(call.session).cursor(row_factory=dict_row).execute(query, {"workspace": call.workspace, **given}).fetchall()


def row_of(call: Call, invoice: UUID) -> dict[str, Any]:
    """One invoice. Raises NotFound."""
    found = rows(call, "n.id = %(invoice)s", invoice=invoice)
    if not found:
        raise NotFound("There is no such invoice in this workspace.", next_step="Find the invoice with list_invoices.")
    return found[0]


def locked(call: Call, invoice: UUID) -> dict[str, Any]:
    """One invoice, nobody else's until the transaction ends. Raises NotFound."""
    call.session.execute(select(Invoice.id).where(Invoice.id == invoice, Invoice.workspace_id == call.workspace).with_for_update())
    return row_of(call, invoice)


def shown(call: Call, found: Sequence[dict[str, Any]]) -> list[InvoiceShown]:
    """The invoices as the wire has them."""
    zone = zone_of(call.session.get_one(Workspace, call.workspace).zone)
    return [InvoiceShown(**_fields(row) | {name: row[name] and row[name].astimezone(zone) for name in MOMENTS}) for row in found]


MOMENTS = ("created_at", "sent_at", "paid_at")


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    currency, status = row["currency"], row["status"]
    kept = ("account_id", "customer_name", "booking_id", "currency", "due_date", "status")
    return {name: row[name] for name in kept} | {
        "invoice_id": row["id"],
        "number": numbered(row["number"]),
        "is_overdue": row["is_late"] and status in OPEN,
        "lines": [line_shown(line, currency) for line in row["lines"]],
        "total": as_decimal(row["total_minor"], currency),
        "paid": as_decimal(int(Decimal(row["paid_minor"])), currency),
        "refunded": as_decimal(int(row["refunded_minor"]), currency),
        "next_step": NEXT[status],
    }


def line_shown(line: dict[str, Any], currency: str) -> LineShown:
    """A line as the wire has it."""
    unit, total = as_decimal(line["unitMinor"], currency), as_decimal(line["totalMinor"], currency)
    return LineShown(description=line["description"], quantity=line["quantity"], unit_price=unit, total=total)
