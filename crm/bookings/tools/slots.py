"""The tool that looks for free slots."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from crm.bookings.hours import DAY
from crm.bookings.offers import Offer, free_slots, load
from crm.bookings.shapes import ServiceId, StaffId, offered
from crm.bookings.slots import Free
from crm.bookings.takings import next_free
from kernel.call import Call
from kernel.operation import Answer, Asked, Effect, operation

BOOK = "Book one with create_booking, giving its start."


class GetAvailableSlots(Asked):
    """What, and when."""

    service_id: ServiceId = Field(description="From list_services.")
    day: date = Field(alias="date", ge=date(2000, 1, 1), le=date(2199, 12, 31), description="YYYY-MM-DD, where the business is.")
    days: int = Field(1, ge=1, le=31, description="How many days from that date.")
    staff_id: StaffId | None = Field(None, description="One person's slots only; from list_staff.")


class FreeStaff(Answer):
    """Somebody who is free."""

    staff_id: StaffId
    name: str


class Slot(Answer):
    """A time that can be booked."""

    start: datetime = Field(description="Give this to create_booking.")
    end: datetime = Field(description="When it is over.")
    seats_left: int = Field(description="How many more customers fit, with all who are free together.")
    staff: list[FreeStaff] = Field(description="Who is free; empty while the business has set up no staff.")


class Slots(Answer):
    """Free slots, in order."""

    items: list[Slot]
    next_cursor: str | None = None
    timezone: str
    next_step: str


@operation("bookings", Effect.READ, example={"serviceId": "svc_01990000000070008000000000000000", "date": "2026-05-20"})
def get_available_slots(call: Call, asked: GetAvailableSlots) -> Slots:
    """List the free starts of a service on a date, or on several days from it, with who is free."""
    offer = load(call, offered(call, asked.service_id), asked.staff_id)
    found = free_slots(call, offer, (asked.day, asked.day + (asked.days - 1) * DAY))
    items = [_slot(offer, start, free) for start, free in found.items()]
    return Slots(items=items, timezone=offer.zone.key, next_step=BOOK if items else _advice(call, offer, asked))


def _slot(offer: Offer, start: datetime, free: list[Free]) -> Slot:
    staff = [FreeStaff(staff_id=one.server.staff, name=one.server.name or "") for one in free if one.server.staff]
    begins = start.astimezone(offer.zone)
    ends = (start + offer.shape.duration).astimezone(offer.zone)
    return Slot(start=begins, end=ends, seats_left=sum(len(one.seats) for one in free), staff=staff)


def _advice(call: Call, offer: Offer, asked: GetAvailableSlots) -> str:
    today = call.moment.astimezone(offer.zone).date()
    last = (call.moment + offer.shape.ahead).astimezone(offer.zone).date()
    if asked.day + (asked.days - 1) * DAY < today:
        return f"That is past: ask for {today} or later."
    if asked.day > last:
        return f"That is too far ahead: ask for {last} or earlier."
    there = next_free(call, offer, call.moment if asked.day < today else _midnight(asked.day, offer))
    if there:
        return f"Nothing is free then. The next free start is {there[0].astimezone(offer.zone).isoformat()}."
    return "Nothing is free then, nor in the two weeks after. Ask for a later date, or see the hours with list_staff."


def _midnight(day: date, offer: Offer) -> datetime:
    return datetime.combine(day, datetime.min.time(), offer.zone)
