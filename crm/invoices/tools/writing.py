"""The tools that make an invoice and lead it to its end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from approvals.requests import ApprovalId, Pending
from crm.bookings.shapes import BookingId, named
from crm.contacts.shapes import AccountId, account_of
from crm.invoices import messages
from crm.invoices.shapes import OPEN, InvoiceId, InvoiceShown, locked, row_of, shown
from crm.invoices.tables import Invoice, LastNumber
from crm.payments.tables import Payment
from kernel.call import Call
from kernel.clock import zone_of
from kernel.errors import Conflict, InvalidArguments
from kernel.keys import new_id, show
from kernel.money import Amount, Currency, as_minor, currency_in
from kernel.operation import Asked, AskedOnce, Effect, operation
from kernel.tenancy import Workspace
from outbox.content import OneLine
from outbox.events import Actor, happened, note

WHICH = "From create_invoice or list_invoices."
EXAMPLE = {"invoiceId": "inv_01990000000070008000000000000000"}
DUE_DAYS = 14
FARTHEST_DAYS = 366
MOST_LINES = 100
MOST_MINOR = 99_999_999_999


class InvoiceExists(Conflict):
    """This booking has an invoice already."""

    code = "invoice_exists"
    next_step = "Use it, or void it first (void_invoice)."


class NotOpen(Conflict):
    """The invoice is not open any more."""

    code = "invoice_not_open"
    next_step = "Read it with get_invoice."


class Line(Asked):
    """One line."""

    description: OneLine = Field(min_length=1, max_length=200, description="What is billed.")
    quantity: int = Field(1, ge=1, le=10_000, description="How many.")
    unit_price: Amount = Field(description='Of one, as a decimal: "49.00".')


class CreateInvoice(AskedOnce):
    """For what, and by when."""

    booking_id: BookingId | None = Field(None, description="Bills this booking at its price; or give accountId and lines.")
    account_id: AccountId | None = Field(None, description="Who owes it, when there is no booking.")
    lines: list[Line] | None = Field(None, min_length=1, max_length=MOST_LINES, description="What is billed; a booking's own when left out.")
    currency: Currency | None = Field(None, description="ISO 4217; the booking's, else the country's when left out.")
    due_date: date | None = Field(None, description=f"By when it is to be paid; {DUE_DAYS} days from today when left out.")


@operation("payments", Effect.WRITE, example={"bookingId": "bkg_01990000000070008000000000000000"})
def create_invoice(call: Call, asked: CreateInvoice) -> InvoiceShown:
    """Write an invoice for a booking, or for a customer and lines. Nothing is sent to them."""
    row = _of_booking(call, asked) if asked.booking_id else _of_lines(call, asked)
    row |= {"id": new_id(), "workspace_id": call.workspace, "due_date": _due(call, asked.due_date)}
    call.session.add(Invoice(**row, number=_next_number(call)))
    try:
        call.session.flush()
    except IntegrityError:
        raise InvoiceExists from None
    _tell(call, "invoice.created", row["id"], account=show("acc", row["account_id"]))
    return _shown(call, row["id"])


def _next_number(call: Call) -> int | None:
    """One more than the last; whoever asks next waits for this transaction."""
    first = insert(LastNumber).values(workspace_id=call.workspace, last=1)
    further = first.on_conflict_do_update(index_elements=["workspace_id"], set_={"last": LastNumber.last + 1})
    return call.session.scalar(further.returning(LastNumber.last))


def _of_booking(call: Call, asked: CreateInvoice) -> dict[str, Any]:
    if asked.booking_id is None or asked.account_id is not None:
        raise InvalidArguments("Give either `bookingId`, or `accountId` and `lines`.")
    booking, service, _, _ = named(call, asked.booking_id)
    billed = call.session.scalar(select(Invoice.id).where(Invoice.booking_id == booking.id, Invoice.voided_at.is_(None)))
    if billed and row_of(call, billed)["status"] != "void":
        raise InvoiceExists(invoiceId=show("inv", billed))
    if billed:  # a person approved telling the customer, and with that it is void
        call.session.execute(update(Invoice).where(Invoice.id == billed).values(voided_at=call.moment))
    currency = asked.currency or booking.currency
    if currency != booking.currency:
        raise InvalidArguments(f"This booking is priced in {booking.currency}.", next_step="Leave `currency` out.")
    own = {"description": service, "quantity": 1, "unitMinor": booking.price_minor, "totalMinor": booking.price_minor}
    return {"account_id": booking.account_id, "booking_id": booking.id} | _summed(_lines(asked.lines, currency) if asked.lines else [own], currency)


def _of_lines(call: Call, asked: CreateInvoice) -> dict[str, Any]:
    if asked.account_id is None or not asked.lines:
        raise InvalidArguments("Give either `bookingId`, or `accountId` and `lines`.")
    account = account_of(call, asked.account_id)
    currency = asked.currency or currency_in(call.session.get_one(Workspace, call.workspace).country)
    return {"account_id": account.id, "booking_id": None} | _summed(_lines(asked.lines, currency), currency)


def _lines(lines: list[Line], currency: str) -> list[dict[str, Any]]:
    units = [(line, as_minor(line.unit_price, currency)) for line in lines]
    return [{"description": line.description, "quantity": line.quantity, "unitMinor": unit, "totalMinor": unit * line.quantity} for line, unit in units]


def _summed(lines: list[dict[str, Any]], currency: str) -> dict[str, Any]:
    total = sum(line["totalMinor"] for line in lines)
    if total > MOST_MINOR:
        raise InvalidArguments("An invoice cannot be that high.")
    return {"lines": lines, "total_minor": total, "currency": currency}


def _due(call: Call, wanted: date | None) -> date:
    today = call.moment.astimezone(zone_of(call.session.get_one(Workspace, call.workspace).zone)).date()
    due = wanted or today + timedelta(days=DUE_DAYS)
    if not today <= due <= today + timedelta(days=FARTHEST_DAYS):
        raise InvalidArguments("`dueDate` must lie between today and a year from now.")
    return due


class SendInvoice(AskedOnce):
    """Which invoice."""

    invoice_id: InvoiceId = Field(description=WHICH)


class InvoiceChanged(InvoiceShown):
    """An invoice after a change."""

    approval_id: ApprovalId | None = Field(None, description="The e-mail to the customer, which waits for a person.")
    cancelled_sends: int = Field(0, description="E-mails about it that will not be sent any more.")


@operation("payments", Effect.SEND, example=EXAMPLE)
def mark_invoice_sent(call: Call, asked: SendInvoice) -> Pending:
    """Ask to e-mail an invoice to its customer. It is held until a person approves, and counts as sent when the provider took it."""
    row = locked(call, asked.invoice_id)
    if row["status"] not in OPEN:
        raise NotOpen(status=row["status"])
    if row["status"] == "sending":
        raise NotOpen("The e-mail of this invoice waits for a person, or is on its way.", next_step="Ask get_send_status.", status="sending")
    return messages.ask_to_bill(call, row)


class MarkInvoicePaid(Asked):
    """Which invoice, and how it was paid."""

    invoice_id: InvoiceId = Field(description=WHICH)
    method: Literal["cash", "card", "bank_transfer", "other"] = Field("other", description="How the money came.")
    paid_at: AwareDatetime | None = Field(None, description="When; now when left out.")


@operation("payments", Effect.SET, example=EXAMPLE)
def mark_invoice_paid(call: Call, asked: MarkInvoicePaid) -> InvoiceChanged:
    """Record that what is owed on an invoice has been paid; e-mails about it that wait are not sent."""
    row = locked(call, asked.invoice_id)
    if row["status"] == "paid":
        return _changed(call, asked.invoice_id)
    if row["status"] == "void":
        raise NotOpen(status="void")
    paid_at = _moment_of(call, asked.paid_at)
    owed = row["total_minor"] - int(row["paid_minor"])
    payment = Payment(id=new_id(), workspace_id=call.workspace, provider="manual", amount_minor=owed, currency=row["currency"], paid_at=paid_at)
    payment.provider_ref, payment.invoice_id, payment.method = show("pay", payment.id), row["id"], asked.method
    call.session.add(payment)
    call.session.flush()
    _tell(call, "invoice.paid", row["id"], method=asked.method)
    return _changed(call, row["id"], cancelled_sends=messages.drop_all(call, row["id"], "The invoice was paid."))


def _moment_of(call: Call, wanted: datetime | None) -> datetime:
    if wanted and not call.moment - timedelta(days=FARTHEST_DAYS) <= wanted <= call.moment + timedelta(minutes=5):
        raise InvalidArguments("`paidAt` must lie within the last year.")
    return wanted or call.moment


class VoidInvoice(Asked):
    """Which invoice, and why."""

    invoice_id: InvoiceId = Field(description=WHICH)
    reason: OneLine | None = Field(None, max_length=200, description="For the team.")


@operation("payments", Effect.DESTROY, example=EXAMPLE)
def void_invoice(call: Call, asked: VoidInvoice) -> InvoiceChanged:
    """Void an invoice. One that was sent is void once a person approves the e-mail that tells the customer; one that was paid cannot be voided."""
    row = locked(call, asked.invoice_id)
    if row["status"] == "void":
        return _changed(call, asked.invoice_id)
    if row["paid_minor"]:
        raise NotOpen("Money has come for this invoice; that is given back, not voided.", next_step="Leave it to a person.", status=row["status"])
    if row["status"] == "sent":
        pending = messages.ask_to_void(call, row)
        return _changed(call, row["id"], approval_id=pending.approval_id)
    dropped = messages.drop_all(call, row["id"], "The invoice is void.")
    voided = {"voided_at": call.moment, "void_reason": asked.reason}
    call.session.execute(update(Invoice).where(Invoice.id == row["id"]).values(**voided))
    _tell(call, "invoice.voided", row["id"])
    return _changed(call, row["id"], cancelled_sends=dropped)


def _tell(call: Call, deed: str, invoice: UUID, **detail: Any) -> None:
    happened(call, deed, show("inv", invoice), **detail)
    note(call.session, Actor.of(call), deed, show("inv", invoice), **detail)


def _shown(call: Call, invoice: UUID) -> InvoiceShown:
    return shown(call, [row_of(call, invoice)])[0]


def _changed(call: Call, invoice: UUID, **more: Any) -> InvoiceChanged:
    return InvoiceChanged(**_shown(call, invoice).model_dump(), **more)
