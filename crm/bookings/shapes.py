"""What the tools answer: services, staff and bookings as the wire shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import Row, Select, select

from crm.bookings.life import NEXT, State
from crm.bookings.tables import Booking, Service, Staff
from crm.contacts.shapes import AccountId
from crm.contacts.tables import Account
from kernel import clock
from kernel.call import Call
from kernel.errors import NotFound
from kernel.keys import Wire
from kernel.money import as_decimal
from kernel.operation import Answer
from kernel.tenancy import Workspace

ServiceId = Annotated[UUID, Wire("svc")]
StaffId = Annotated[UUID, Wire("stf")]
BookingId = Annotated[UUID, Wire("bkg")]
Joined = Row[Booking, str, str, str]
"""A booking, and the names of its service, its customer and, or None, whoever serves."""


class BookingShown(Answer):
    """A booking."""

    booking_id: BookingId
    status: State = Field(description="pending, confirmed, completed, cancelled or no_show.")
    service_id: ServiceId
    service_name: str = Field(description="What is booked.")
    account_id: AccountId
    customer_name: str = Field(description="Who booked.")
    staff_id: StaffId | None = None
    staff_name: str | None = Field(None, description="Who serves.")
    start: datetime = Field(description="In the business's time zone.")
    end: datetime = Field(description="In the business's time zone.")
    price: str = Field(description="Decimal, in the currency's major unit.")
    currency: str
    cancel_by: datetime = Field(description="Until then cancelling is free.")
    late_cancel_fee: str = Field(description="What cancelling later costs by the service's policy; nothing charges it by itself.")
    cancelled_late: bool | None = Field(None, description="Whether it was cancelled after that.")
    notes: str | None = None
    next_step: str


def zone_of(call: Call) -> ZoneInfo:
    """Where the business's clock hangs."""
    return clock.zone_of(call.session.get_one(Workspace, call.workspace).zone)


def with_names(call: Call) -> Select[Booking, str, str, str]:
    """The workspace's bookings with the names of what and who."""
    joined = select(Booking, Service.name, Account.name, Staff.name).join(Service, Service.id == Booking.service_id)
    joined = joined.join(Account, Account.id == Booking.account_id).outerjoin(Staff, Staff.id == Booking.staff_id)
    return joined.where(Booking.workspace_id == call.workspace)


def shown(rows: Sequence[Joined], zone: ZoneInfo) -> list[BookingShown]:
    """The bookings as the wire has them."""
    return [BookingShown(**fields_of(row, zone)) for row in rows]


def fields_of(row: Joined, zone: ZoneInfo) -> dict[str, object]:
    """What every answer says of a booking."""
    booking, service, customer, staff = row
    kept = ("service_id", "account_id", "staff_id", "currency", "cancelled_late", "notes")
    return {name: getattr(booking, name) for name in kept} | {
        "booking_id": booking.id,
        "status": booking.state,
        "service_name": service,
        "customer_name": customer,
        "staff_name": staff,
        "start": booking.starts_at.astimezone(zone),
        "end": booking.ends_at.astimezone(zone),
        "price": as_decimal(booking.price_minor, booking.currency),
        "cancel_by": booking.cancel_by.astimezone(zone),
        "late_cancel_fee": as_decimal(booking.late_fee_minor, booking.currency),
        "next_step": NEXT[state_of(booking)],
    }


def state_of(booking: Booking) -> State:
    """Where it stands, as one of the words that there are."""
    return next(state for state in NEXT if state == booking.state)


def named(call: Call, booking: UUID) -> Joined:
    """One booking with its names. Raises NotFound."""
    row = call.session.execute(with_names(call).where(Booking.id == booking)).first()
    if row is None:
        raise _no_booking()
    return row


def locked(call: Call, booking: UUID) -> Booking:
    """One booking, nobody else's until the transaction ends. Raises NotFound."""
    row = call.session.scalar(select(Booking).where(Booking.id == booking, Booking.workspace_id == call.workspace).with_for_update())
    if row is None:
        raise _no_booking()
    return row


def _no_booking() -> NotFound:
    return NotFound("There is no such booking in this workspace.", next_step="Find the booking with list_bookings.")


def service_of(call: Call, service: UUID) -> Service:
    """The service. Raises NotFound."""
    row = call.session.scalar(select(Service).where(Service.id == service, Service.workspace_id == call.workspace))
    if row is None:
        raise NotFound("There is no such service in this workspace.", next_step="Find the service with list_services.")
    return row


def offered(call: Call, service: UUID) -> Service:
    """The service, if it can be booked. Raises NotFound."""
    row = service_of(call, service)
    if not row.is_offered:
        raise NotFound("This service is not offered any more.", next_step="Choose another with list_services, or offer it again with update_service.")
    return row
