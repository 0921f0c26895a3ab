"""What is said to a customer about an invoice: asked for at the gate, and dropped with what it says."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select

from approvals import gate
from approvals.gate import Draft, submit
from approvals.requests import Pending
from crm.invoices.shapes import LineShown, line_shown, numbered
from crm.invoices.tables import InvoiceSend
from kernel.arguments import fitted
from kernel.call import Call
from kernel.errors import InvalidArguments
from kernel.money import as_decimal
from kernel.tenancy import Workspace
from outbox.content import KINDS

REMIND = "remind_of_invoice"
Says = Literal["bill", "void", "overdue"]


def ask_to_bill(call: Call, row: dict[str, Any]) -> Pending:
    """Hold the e-mail with the invoice until a person approves. Raises InvalidArguments for a customer without an address."""
    business, currency = call.session.get_one(Workspace, call.workspace).name, row["currency"]
    lines = [_line(line_shown(line, currency), currency) for line in row["lines"]]
    due = f"{row['due_date'].day} {row['due_date']:%B %Y}"
    total = f"Total: {as_decimal(row['total_minor'], currency)} {currency}, to be paid by {due}."
    said = "\n".join([f"Hello {row['customer_name']},", "", f"this is your invoice {numbered(row['number'])}:", "", *lines, "", total, "", business])
    return _ask(call, row, "bill", ("mark_invoice_sent", f"Invoice {numbered(row['number'])} from {business}", said))


def ask_to_void(call: Call, row: dict[str, Any]) -> Pending:
    """Hold the e-mail that takes the invoice back; with a person's approval it is void. Raises InvalidArguments."""
    business, number = call.session.get_one(Workspace, call.workspace).name, numbered(row["number"])
    said = f"Hello {row['customer_name']},\n\nour invoice {number} is void. You need not pay it.\n\n{business}"
    return _ask(call, row, "void", ("void_invoice", f"Invoice {number} is void", said))


def ask_to_remind(call: Call, row: dict[str, Any], which: str) -> Pending:
    """Hold the e-mail that reminds of an overdue invoice; a person approves each."""
    business, currency, number = call.session.get_one(Workspace, call.workspace).name, row["currency"], numbered(row["number"])
    due, owed = f"{row['due_date'].day} {row['due_date']:%B %Y}", as_decimal(row["total_minor"] - int(row["paid_minor"]), currency)
    said = (
        f"Hello {row['customer_name']},\n\nour invoice {number} was to be paid by {due}. {owed} {currency} of it has not reached us yet.\n\n"
        f"If you have paid meanwhile, thank you; then this letter needs no answer.\n\n{business}"
    )
    return _ask(call, row, "overdue", (REMIND, f"{which}: invoice {number} from {business}", said))


def _line(line: LineShown, currency: str) -> str:
    many = f"{line.quantity} x {line.unit_price} = " if line.quantity > 1 else ""
    return f"{line.description}: {many}{line.total} {currency}"


def _ask(call: Call, row: dict[str, Any], says: Says, what: tuple[str, str, str]) -> Pending:
    action, subject, body = what
    if row["customer_email"] is None:
        raise InvalidArguments(f"{row['customer_name']} has no e-mail address.", next_step="Add one with update_account, or hand the invoice over otherwise.")
    pending = submit(call, action, [Draft(fitted(KINDS["email"], {"to": row["customer_email"], "subject": subject, "body": body}))])
    for intent in pending.intent_ids:
        call.session.add(InvoiceSend(workspace_id=call.workspace, invoice_id=row["id"], intent_id=intent, says=says))
    call.session.flush()
    return pending


def drop_all(call: Call, invoice: UUID, why: str | None, *says: Says) -> int:
    """Cancel what still waits to be said about it, all or only such; answers how many e-mails will not be sent."""
    mine = select(InvoiceSend.intent_id).where(InvoiceSend.invoice_id == invoice, InvoiceSend.workspace_id == call.workspace)
    mine = mine.where(InvoiceSend.says.in_(says)) if says else mine
    return sum(gate.drop(call, intent, why) for intent in call.session.scalars(mine.order_by(InvoiceSend.intent_id)).all())
