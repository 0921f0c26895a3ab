"""The tools that read invoices."""

from __future__ import annotations

from typing import Any, Literal

from psycopg.rows import dict_row
from pydantic import Field

from crm.contacts.shapes import AccountId
from crm.invoices.shapes import OPEN, InvoiceId, InvoiceShown, row_of, rows, shown
from kernel.call import Call
from kernel.db import raw
from kernel.money import as_decimal
from kernel.operation import Answer, Asked, Effect, NoArguments, operation

PAGE = """(%(status)s::text IS NULL OR CASE WHEN %(status)s = 'overdue' THEN n.status IN ('draft', 'sending', 'sent')
        AND n.due_date < (now() AT TIME ZONE w.zone)::date ELSE n.status = %(status)s END)
    AND (%(account)s::uuid IS NULL OR n.account_id = %(account)s) AND (%(cursor)s::uuid IS NULL OR n.id < %(cursor)s)
    ORDER BY n.id DESC LIMIT %(limit)s"""
STATS = """
SELECT n.currency, n.status, count(*) AS many, sum(n.total_minor)::bigint AS total, sum(n.total_minor - n.paid_minor)::bigint AS owed,
    count(*) FILTER (WHERE n.status IN ('draft', 'sending', 'sent') AND n.due_date < (now() AT TIME ZONE w.zone)::date) AS late
FROM invoice_now n JOIN workspace w ON w.id = n.workspace_id WHERE n.workspace_id = %s GROUP BY n.currency, n.status ORDER BY n.currency, n.status
"""


class ListInvoices(Asked):
    """Which invoices."""

    status: Literal["draft", "sending", "sent", "paid", "void", "overdue"] | None = Field(None, description="Only those; overdue: late and not paid.")
    account_id: AccountId | None = Field(None, description="Only this customer's.")
    limit: int = Field(20, ge=1, le=100, description="How many, newest first.")
    cursor: InvoiceId | None = Field(None, description="nextCursor of the page before.")


class Invoices(Answer):
    """A page of invoices."""

    items: list[InvoiceShown]
    next_cursor: InvoiceId | None = None


@operation("payments", Effect.READ, example={"status": "overdue"})
def list_invoices(call: Call, asked: ListInvoices) -> Invoices:
    """List invoices, newest first."""
    wanted = {"status": asked.status, "account": asked.account_id, "cursor": asked.cursor, "limit": asked.limit + 1}
    found = rows(call, PAGE, **wanted)
    page = shown(call, found[: asked.limit])
    return Invoices(items=page, next_cursor=page[-1].invoice_id if len(found) > len(page) else None)


class ListOverdueInvoices(Asked):
    """Which page."""

    limit: int = Field(20, ge=1, le=100, description="How many, newest first.")
    cursor: InvoiceId | None = Field(None, description="nextCursor of the page before.")


@operation("payments", Effect.READ)
def list_overdue_invoices(call: Call, asked: ListOverdueInvoices) -> Invoices:
    """List the invoices that are late and not paid."""
    return list_invoices(call, ListInvoices(status="overdue", limit=asked.limit, cursor=asked.cursor))


class GetInvoice(Asked):
    """Which invoice."""

    invoice_id: InvoiceId = Field(description="From create_invoice or list_invoices.")


@operation("payments", Effect.READ, example={"invoiceId": "inv_01990000000070008000000000000000"})
def get_invoice(call: Call, asked: GetInvoice) -> InvoiceShown:
    """Show one invoice and what became of it."""
    return shown(call, [row_of(call, asked.invoice_id)])[0]


class InCurrency(Answer):
    """Sums in one currency."""

    currency: str
    status: str = Field(description="draft, sending, sent, paid or void.")
    count: int = Field(description="How many invoices.")
    total: str = Field(description="Decimal: what they come to.")
    owed: str = Field(description="Decimal: what is not paid yet.")
    overdue: int = Field(description="How many are late and not paid.")


class InvoiceStats(Answer):
    """Sums by currency and status."""

    items: list[InCurrency]


@operation("payments", Effect.READ)
def get_invoice_stats(call: Call, asked: NoArguments) -> InvoiceStats:  # noqa: ARG001 - every operation takes both
    """Count and sum the invoices by currency and status."""
    found = raw(call.session).cursor(row_factory=dict_row).execute(STATS, (call.workspace,)).fetchall()
    return InvoiceStats(items=[_sums(row) for row in found])


def _sums(row: dict[str, Any]) -> InCurrency:
    currency, owed = row["currency"], row["owed"] if row["status"] in OPEN else 0
    return InCurrency(
        currency=currency,
        status=row["status"],
        count=row["many"],
        total=as_decimal(row["total"], currency),
        owed=as_decimal(owed, currency),
        overdue=row["late"],
    )
