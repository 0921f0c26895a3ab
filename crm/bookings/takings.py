"""Taking a time and giving it back: a booking's row, and what it keeps busy; the database refuses what cannot be at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError

from crm.bookings.hours import DAY
from crm.bookings.life import cancel_by, late_fee
from crm.bookings.offers import Offer, free_slots
from crm.bookings.slots import NOBODY, Free, best, sitting_of
from crm.bookings.tables import Booking, Occupancy
from kernel.call import Call
from kernel.db import raw
from kernel.errors import Conflict
from kernel.keys import new_id, show

LOOK_AHEAD = 14 * DAY
MOST_OTHERS = 5
# One lock for each holder, in the order of their ids, so that two who want the same wait for each other instead of both failing.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(holder::text, 0)) FROM unnest(%s::uuid[]) WITH ORDINALITY AS h (holder, place) ORDER BY place"


class SlotUnavailable(Conflict):
    """This time is not free."""

    code = "slot_unavailable"
    next_step = "Offer one of details.nextFree, or look with get_available_slots."


class CustomerBusy(Conflict):
    """This customer has another booking at that time."""

    code = "customer_busy"
    next_step = "Choose another time, or reschedule or cancel the other booking first."


def choose(call: Call, offer: Offer, start: datetime, account: UUID, moved: UUID = NOBODY) -> Free:
    """A server with a seat at this start, held until the transaction ends. Raises SlotUnavailable with the next free starts, CustomerBusy."""
    raw(call.session).execute(LOCK, (sorted({*offer.holders, account}),))
    day = start.astimezone(offer.zone).date()
    choices = free_slots(call, offer, (day, day), moved).get(start, [])
    if not choices:
        raise SlotUnavailable(nextFree=[free.astimezone(offer.zone).isoformat() for free in next_free(call, offer, start, moved)])
    if not offer.service.may_overlap:
        _check_customer(call, offer, start, account, moved)
    return best(choices)


def next_free(call: Call, offer: Offer, start: datetime, moved: UUID = NOBODY) -> list[datetime]:
    """The free starts nearest after a moment, or after now."""
    first = max(start, call.moment).astimezone(offer.zone).date()
    return list(free_slots(call, offer, (first, first + LOOK_AHEAD), moved))[:MOST_OTHERS]


def _check_customer(call: Call, offer: Offer, start: datetime, account: UUID, moved: UUID) -> None:
    during = Range(start, start + offer.shape.duration)
    mine = (Occupancy.workspace_id == call.workspace, Occupancy.holder_id == account, Occupancy.holder == "customer", Occupancy.booking_id != moved)
    other = call.session.scalar(select(Occupancy.booking_id).where(*mine, Occupancy.during.overlaps(during)))
    if other is not None:
        raise CustomerBusy(bookingId=show("bkg", other))


def take(call: Call, offer: Offer, free: Free, **more: Any) -> Booking:
    """Write a new booking of the chosen start; `more` is who books, and their notes."""
    service = offer.service
    fee = late_fee(service.price_minor, service.late_fee_percent)
    terms = {"price_minor": service.price_minor, "currency": service.currency, "late_fee_minor": fee}
    booking = Booking(id=new_id(), workspace_id=call.workspace, service_id=service.id, state="pending", **terms, **more)
    call.session.add(booking)
    _sit(call, offer, booking, free)
    return booking


def move(call: Call, offer: Offer, booking: Booking, free: Free) -> None:
    """Give the old time back and take the chosen one."""
    give_back(call, booking)
    _sit(call, offer, booking, free)


def give_back(call: Call, booking: Booking) -> None:
    """Free what the booking kept busy."""
    call.session.execute(delete(Occupancy).where(Occupancy.booking_id == booking.id, Occupancy.workspace_id == call.workspace))


def _sit(call: Call, offer: Offer, booking: Booking, free: Free) -> None:
    booking.staff_id, booking.seat, booking.capacity = free.server.staff, free.seats[0], offer.shape.capacity
    booking.starts_at, booking.ends_at = free.start, free.start + offer.shape.duration
    booking.cancel_by = cancel_by(free.start, offer.service.cancel_hours)
    try:
        call.session.flush()
        call.session.execute(insert(Occupancy), _held(offer, booking, free))
    except IntegrityError as clash:
        raise _said(clash) from clash


def _held(offer: Offer, booking: Booking, free: Free) -> list[dict[str, Any]]:
    held = offer.shape.held(free.start)
    around, itself = Range(held.start, held.end), Range(booking.starts_at, booking.ends_at)
    sitting = sitting_of(offer.shape, free.server.id, free.start, booking.id)
    row = {"workspace_id": booking.workspace_id, "booking_id": booking.id, "sitting_id": sitting, "seat": booking.seat, "during": around}
    rows = [row | {"holder": "server", "holder_id": free.server.id}]
    rows += [row | {"holder": "resource", "holder_id": resource} for resource in offer.resources]
    customer = row | {"holder": "customer", "holder_id": booking.account_id, "sitting_id": booking.id, "during": itself}
    return rows + ([] if offer.service.may_overlap else [customer])


def _said(clash: IntegrityError) -> Conflict:
    constraint = getattr(getattr(clash.orig, "diag", None), "constraint_name", None)
    return CustomerBusy() if constraint == "no_customer_twice" else SlotUnavailable(next_step="Look again with get_available_slots.")
