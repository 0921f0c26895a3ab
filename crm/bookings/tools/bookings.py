"""The tools that make a booking and lead it through its life."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from approvals.requests import ApprovalId, Pending
from crm.bookings import messages, takings
from crm.bookings.customers import CustomerInput, account_for, check_member
from crm.bookings.life import LIVE, NEXT, State, WrongState, check_move
from crm.bookings.messages import Occasion
from crm.bookings.moments import Moment
from crm.bookings.offers import load
from crm.bookings.shapes import BookingId, BookingShown, ServiceId, StaffId, fields_of, locked, named, offered, service_of, state_of, zone_of
from crm.bookings.tables import Booking
from crm.contacts import visits
from crm.contacts.shapes import AccountId, account_of, ever_of
from crm.membership.points import earn_by_visit
from crm.reminders import planning
from crm.templates.tools import TemplateId
from kernel.call import Call
from kernel.errors import Conflict
from kernel.keys import show
from kernel.money import as_decimal
from kernel.operation import Asked, AskedOnce, Effect, operation
from outbox.content import Channel, OneLine, Readable
from outbox.events import Actor, happened, note

WHICH = "From create_booking or list_bookings."
NOTIFY = "Also ask to tell the customer on this channel; held until a person approves."
IN_WORDS = "Tell them in this template's words, on its channel; filled with the booking."
EXAMPLE = {"bookingId": "bkg_01990000000070008000000000000000"}
START = "A free start from get_available_slots."


class CancelsLate(Conflict):
    """The deadline for cancelling is past."""

    code = "late_cancellation"
    next_step = "Tell whoever asked what it costs; if they still want it, call again with confirm: true."


class Changed(BookingShown):
    """A booking after a change."""

    approval_id: ApprovalId | None = Field(None, description="The message to the customer, which waits for a person.")
    cancelled_sends: int = Field(0, description="Messages about it that will not be sent any more.")


class CreateBooking(AskedOnce):
    """What, when and for whom."""

    service_id: ServiceId = Field(description="From list_services.")
    start: Moment = Field(description=START)
    customer: CustomerInput | None = Field(None, description="Matched by e-mail or phone, else created; or give accountId.")
    account_id: AccountId | None = Field(None, description="The customer, when known.")
    staff_id: StaffId | None = Field(None, description="Who serves; anybody who is free when left out.")
    notes: Readable | None = Field(None, max_length=2000, description="What the team should know.")


@operation(
    "bookings",
    Effect.WRITE,
    example={
        "serviceId": "svc_01990000000070008000000000000000",
        "start": "2026-05-20T10:00:00+02:00",
        "customer": {"name": "Mia Park", "email": "mia@example.com"},
    },
)
def create_booking(call: Call, asked: CreateBooking) -> BookingShown:
    """Book a free slot for a customer: pending until confirm_booking. Nothing is sent to them."""
    offer = load(call, offered(call, asked.service_id), asked.staff_id)
    account = account_for(call, asked.account_id, asked.customer)
    check_member(call, offer.service, account, asked.start)
    free = takings.choose(call, offer, asked.start, account.id)
    booking = takings.take(call, offer, free, account_id=account.id, notes=asked.notes)
    _tell(call, "booking.created", booking)
    return BookingShown(**fields_of(named(call, booking.id), offer.zone))


class ConfirmBooking(Asked):
    """Which booking."""

    booking_id: BookingId = Field(description=WHICH)
    notify: Channel | None = Field(None, description=NOTIFY)
    notify_template_id: TemplateId | None = Field(None, description=IN_WORDS)


@operation("bookings", Effect.SET, example=EXAMPLE)
def confirm_booking(call: Call, asked: ConfirmBooking) -> Changed:
    """Confirm a pending booking; one that is confirmed stays so. The reminder rules in force plan what they say of it."""
    booking = locked(call, asked.booking_id)
    if booking.state == "confirmed":
        return _changed(call, booking)
    _become(call, booking, "confirmed")
    planning.plan(call.session, call.workspace, booking.id)
    return _changed(call, booking, _say(call, "confirm_booking", booking, asked))


class CancelBooking(Asked):
    """Which booking, and why."""

    booking_id: BookingId = Field(description=WHICH)
    reason: OneLine | None = Field(None, max_length=200, description="For the team.")
    confirm: bool = Field(default=False, description="true: also after the deadline, when it costs the late fee.")
    notify: Channel | None = Field(None, description=NOTIFY)
    notify_template_id: TemplateId | None = Field(None, description=IN_WORDS)


@operation("bookings", Effect.DESTROY, example=EXAMPLE)
def cancel_booking(call: Call, asked: CancelBooking) -> Changed:
    """Cancel a booking: its time is free again, and messages about it that wait are not sent. After its cancelBy it needs confirm."""
    booking = locked(call, asked.booking_id)
    if booking.state == "cancelled":
        return _changed(call, booking)
    check_move(state_of(booking), "cancelled", booking.starts_at, call.moment)
    late = call.moment > booking.cancel_by
    if late and not asked.confirm:
        fee = as_decimal(booking.late_fee_minor, booking.currency)
        raise CancelsLate(cancelBy=booking.cancel_by.astimezone(zone_of(call)).isoformat(), lateCancelFee=fee, currency=booking.currency)
    booking.cancelled_late, booking.cancel_reason = late, asked.reason
    _become(call, booking, "cancelled", late=late)
    takings.give_back(call, booking)
    dropped = messages.drop_all(call, booking, "The booking was cancelled.")
    return _changed(call, booking, _say(call, "cancel_booking", booking, asked), dropped)


class RescheduleBooking(Asked):
    """Which booking, and to when."""

    booking_id: BookingId = Field(description=WHICH)
    start: Moment = Field(description=START)
    staff_id: StaffId | None = Field(None, description="Who serves then; anybody who is free when left out.")
    notify: Channel | None = Field(None, description=NOTIFY)
    notify_template_id: TemplateId | None = Field(None, description=IN_WORDS)


@operation("bookings", Effect.SET, example={**EXAMPLE, "start": "2026-05-21T10:00:00+02:00"})
def reschedule_booking(call: Call, asked: RescheduleBooking) -> Changed:
    """Move a booking to another free slot; it keeps its price. Messages that wait and name the old time are not sent."""
    booking = locked(call, asked.booking_id)
    if booking.state not in LIVE:
        msg = f"A booking that is {booking.state} cannot be moved."
        raise WrongState(msg, next_step=NEXT[state_of(booking)], status=booking.state)
    if booking.starts_at == asked.start and asked.staff_id in (None, booking.staff_id):
        return _changed(call, booking)
    offer = load(call, service_of(call, booking.service_id), asked.staff_id)
    check_member(call, offer.service, account_of(call, booking.account_id), asked.start)
    free = takings.choose(call, offer, asked.start, booking.account_id, booking.id)
    before = booking.starts_at
    takings.move(call, offer, booking, free)
    _tell(call, "booking.rescheduled", booking, before=before.isoformat())
    dropped = messages.drop_all(call, booking, "The booking was moved.")
    if booking.state == "confirmed":
        planning.plan(call.session, call.workspace, booking.id)
    return _changed(call, booking, _say(call, "reschedule_booking", booking, asked), dropped)


class WhichBooking(Asked):
    """Which booking."""

    booking_id: BookingId = Field(description=WHICH)


@operation("bookings", Effect.SET, example=EXAMPLE)
def complete_booking(call: Call, asked: WhichBooking) -> Changed:
    """Record that the customer came and was served; only once it has begun."""
    return _end(call, asked, "completed")


@operation("bookings", Effect.SET, example=EXAMPLE)
def mark_no_show(call: Call, asked: WhichBooking) -> Changed:
    """Record that the customer did not come; only once it has begun."""
    return _end(call, asked, "no_show")


def _end(call: Call, asked: WhichBooking, state: State) -> Changed:
    booking = locked(call, asked.booking_id)
    if booking.state != state:
        _become(call, booking, state)
        planning.plan(call.session, call.workspace, booking.id)
    return _changed(call, booking)


def _become(call: Call, booking: Booking, state: State, **detail: Any) -> None:
    check_move(state_of(booking), state, booking.starts_at, call.moment)
    booking.state = state
    call.session.flush()
    if state == "completed":
        visits.record(call, booking.id, booking.account_id, booking.service_id, booking.starts_at)
        earn_by_visit(call, ever_of(call, booking.account_id), booking.id)
    _tell(call, f"booking.{state}", booking, **detail)


def _tell(call: Call, deed: str, booking: Booking, **detail: Any) -> None:
    subject = show("bkg", booking.id)
    told = {"serviceId": show("svc", booking.service_id), "accountId": show("acc", booking.account_id), "start": booking.starts_at.isoformat()}
    happened(call, deed, subject, status=booking.state, **told, **detail)
    note(call.session, Actor.of(call), deed, subject, **detail)


def _say(call: Call, occasion: Occasion, booking: Booking, asked: ConfirmBooking | CancelBooking | RescheduleBooking) -> Pending | None:
    return messages.ask_to_tell(call, occasion, named(call, booking.id), asked.notify, asked.notify_template_id)


def _changed(call: Call, booking: Booking, asked: Pending | None = None, dropped: int = 0) -> Changed:
    shown = fields_of(named(call, booking.id), zone_of(call))
    if asked:
        shown["next_step"] = f"The message to the customer is held for a person; ask get_send_status with approvalId. {shown['next_step']}"
    return Changed(**shown, approval_id=asked and asked.approval_id, cancelled_sends=dropped)
