"""The tools that read bookings: lists, one in detail, and figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import Field
from sqlalchemy import ColumnElement, Row, func, select, tuple_

from crm.bookings.life import State
from crm.bookings.moments import DayOrMoment, beginning, ending
from crm.bookings.shapes import BookingId, BookingShown, ServiceId, StaffId, fields_of, named, shown, with_names, zone_of
from crm.bookings.tables import Booking, BookingSend
from crm.contacts.shapes import AccountId, ever_of
from kernel.call import Call
from kernel.db import raw
from kernel.keys import show
from kernel.money import as_decimal
from kernel.operation import Answer, Asked, Effect, operation
from outbox.sends import Send, find

FROM = "Starting at or after this day (YYYY-MM-DD, where the business is) or moment."
TO = "Starting before this moment, or before the end of this day."
HISTORY = "SELECT at, action, actor FROM audit WHERE workspace_id = %s AND subject = %s ORDER BY id"
USUAL = timedelta(days=30)


class ListBookings(Asked):
    """Which bookings, and which page of them."""

    status: State | None = Field(None, description="In this state only.")
    since: DayOrMoment | None = Field(None, alias="from", description=FROM)
    until: DayOrMoment | None = Field(None, alias="to", description=TO)
    service_id: ServiceId | None = Field(None, description="Of this service.")
    staff_id: StaffId | None = Field(None, description="With this person.")
    account_id: AccountId | None = Field(None, description="Of this customer.")
    limit: int = Field(20, ge=1, le=100, description="How many, earliest first.")
    cursor: BookingId | None = Field(None, description="nextCursor of the page before.")


class Bookings(Answer):
    """A page of bookings."""

    items: list[BookingShown]
    next_cursor: BookingId | None = None
    total: int


@operation("bookings", Effect.READ, example={"status": "confirmed", "from": "2026-05-18", "to": "2026-05-18"})
def list_bookings(call: Call, asked: ListBookings) -> Bookings:
    """List bookings by state, time, service, person or customer, earliest first."""
    zone = zone_of(call)
    chosen = {"state": asked.status, "service_id": asked.service_id, "staff_id": asked.staff_id, "account_id": asked.account_id}
    mine: list[ColumnElement[bool]] = [Booking.workspace_id == call.workspace]
    mine += [getattr(Booking, name) == value for name, value in chosen.items() if value is not None]
    mine += [Booking.starts_at >= beginning(asked.since, zone)] if asked.since else []
    mine += [Booking.starts_at < ending(asked.until, zone)] if asked.until else []
    total = call.session.scalar(select(func.count()).select_from(Booking).where(*mine)) or 0
    further = [_after(call, asked.cursor)] if asked.cursor else []
    page = with_names(call).where(*mine, *further).order_by(Booking.starts_at, Booking.id).limit(asked.limit + 1)
    found = list(call.session.execute(page))
    listed = found[: asked.limit]
    return Bookings(items=shown(listed, zone), next_cursor=listed[-1][0].id if len(found) > len(listed) else None, total=total)


def _after(call: Call, cursor: object) -> ColumnElement[bool]:
    last = select(Booking.starts_at, Booking.id).where(Booking.id == cursor, Booking.workspace_id == call.workspace)
    return tuple_(Booking.starts_at, Booking.id) > last.scalar_subquery()


class GetBookingDetail(Asked):
    """Which booking."""

    booking_id: BookingId = Field(description="From create_booking or list_bookings.")


class Deed(Answer):
    """Something that was done to it."""

    at: datetime = Field(description="When.")
    what: str = Field(description="booking.created, booking.confirmed, …")
    by: str = Field(description="Who.")


class BookingDetail(BookingShown):
    """A booking with everything about it."""

    customer_email: str | None = Field(description="Where they are reached.")
    customer_phone: str | None = Field(description="Where they are reached.")
    cancel_reason: str | None = Field(description="Why it was cancelled.")
    created_at: datetime
    history: list[Deed] = Field(description="Oldest first.")
    sends: list[Send] = Field(description="Messages about it, and where each stands.")


@operation("bookings", Effect.READ, example={"bookingId": "bkg_01990000000070008000000000000000"})
def get_booking_detail(call: Call, asked: GetBookingDetail) -> BookingDetail:
    """Show one booking: who, what, when, its terms, its history and the messages about it."""
    row, zone = named(call, asked.booking_id), zone_of(call)
    booking = row[0]
    customer = ever_of(call, booking.account_id)
    history = raw(call.session).execute(HISTORY, (call.workspace, show("bkg", booking.id))).fetchall()
    told = select(BookingSend.intent_id).where(BookingSend.booking_id == booking.id, BookingSend.workspace_id == call.workspace)
    intents = list(call.session.scalars(told.order_by(BookingSend.intent_id)))
    return BookingDetail(
        **fields_of(row, zone),
        customer_email=customer.email,
        customer_phone=customer.phone,
        cancel_reason=booking.cancel_reason,
        created_at=booking.created_at,
        history=[Deed(at=at, what=what, by=by) for at, what, by in history],
        sends=find(call.session, call.workspace, intents) if intents else [],
    )


class GetBookingStats(Asked):
    """Over which time."""

    since: DayOrMoment | None = Field(None, alias="from", description=f"{FROM} Default: 30 days ago.")
    until: DayOrMoment | None = Field(None, alias="to", description=f"{TO} Default: in 30 days.")


class Worth(Answer):
    """What bookings of one currency are worth."""

    currency: str
    completed: str = Field(description="Decimal: the prices of what was served.")
    expected: str = Field(description="Decimal: the prices of what is pending or confirmed.")


class BookingStats(Answer):
    """Figures of the bookings that start in that time."""

    since: datetime = Field(alias="from", description="From when.")
    until: datetime = Field(alias="to", description="Until when.")
    total: int
    pending: int = Field(description="How many.")
    confirmed: int = Field(description="How many.")
    completed: int = Field(description="How many.")
    cancelled: int = Field(description="How many.")
    cancelled_late: int = Field(description="How many of the cancelled ones after their deadline.")
    no_show: int = Field(description="How many.")
    worth: list[Worth] = Field(description="By currency.")


@operation("bookings", Effect.READ, example={"from": "2026-05-18", "to": "2026-05-24"})
def get_booking_stats(call: Call, asked: GetBookingStats) -> BookingStats:
    """Count the bookings of a time by their state, and what they are worth."""
    zone = zone_of(call)
    since = beginning(asked.since, zone) if asked.since else call.moment - USUAL
    until = ending(asked.until, zone) if asked.until else call.moment + USUAL
    mine = (Booking.workspace_id == call.workspace, Booking.starts_at >= since, Booking.starts_at < until)
    late = func.count().filter(Booking.cancelled_late.is_(True))
    grouped = select(Booking.state, Booking.currency, func.count(), func.sum(Booking.price_minor), late).where(*mine)
    rows = list(call.session.execute(grouped.group_by(Booking.state, Booking.currency)))
    states: tuple[State, ...] = ("pending", "confirmed", "completed", "cancelled", "no_show")
    counts = {state: sum(row[2] for row in rows if row[0] == state) for state in states}
    return BookingStats(
        since=since.astimezone(zone),
        until=until.astimezone(zone),
        total=sum(counts.values()),
        cancelled_late=sum(row[4] for row in rows),
        worth=[_worth(currency, rows) for currency in sorted({row[1] for row in rows})],
        **counts,
    )


def _worth(currency: str, rows: Sequence[Row[str, str, int, int, int]]) -> Worth:
    def priced(*states: str) -> str:
        return as_decimal(int(sum(row[3] for row in rows if row[1] == currency and row[0] in states)), currency)

    return Worth(currency=currency, completed=priced("completed"), expected=priced("pending", "confirmed"))
