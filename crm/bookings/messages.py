"""What is said to a customer about a booking: asked for at the gate, held until a person approves, and dropped with what it says."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from approvals import gate
from approvals.gate import Draft, submit
from approvals.requests import Pending
from crm.bookings.shapes import Joined
from crm.bookings.tables import Booking, BookingSend
from crm.contacts.shapes import account_of
from crm.messages.tools import address_of
from crm.reminders import planning
from crm.templates.filling import about_booking
from crm.templates.tools import version_of
from kernel.arguments import fitted
from kernel.call import Call
from kernel.clock import zone_of
from kernel.errors import InvalidArguments, ScopeMissing
from kernel.tenancy import Workspace
from outbox.content import Channel, kind_saying

Occasion = Literal["confirm_booking", "cancel_booking", "reschedule_booking"]
SAYS: dict[Occasion, tuple[str, str]] = {
    "confirm_booking": ("Your booking is confirmed", "your booking is confirmed: {service} on {when}."),
    "cancel_booking": ("Your booking is cancelled", "your booking is cancelled: {service} on {when}."),
    "reschedule_booking": ("Your booking has moved", "your booking has moved: {service} is now on {when}."),
}


def ask_to_tell(call: Call, occasion: Occasion, row: Joined, channel: Channel | None, template: UUID | None) -> Pending | None:
    """Hold a message to the customer until a person approves, in a template's words or in ours; None where neither is wanted.

    Raises ScopeMissing for a key that may not ask for messages, NotFound, UnknownVariable, InvalidArguments.
    """
    if call.caller.kind == "agent" and "messaging" not in call.caller.scopes and (channel or template):
        raise ScopeMissing("This key lacks the scope 'messaging' that 'notify' needs.", scope="messaging")
    booking = row[0]
    if template:
        channel, said = _templated(call, template, channel, booking)
    elif channel:
        said = _ours(call, occasion, row, channel)
    else:
        return None
    to = address_of(account_of(call, booking.account_id), channel)
    # Once it has begun, there is nothing left to say about it.
    expires = booking.starts_at if booking.starts_at > call.moment else None
    pending = submit(call, occasion, [Draft(fitted(kind_saying(channel, said), {"to": to, **said}), expires_at=expires)])
    for intent in pending.intent_ids:
        call.session.add(BookingSend(workspace_id=call.workspace, booking_id=booking.id, intent_id=intent))
    call.session.flush()
    return pending


def _ours(call: Call, occasion: Occasion, row: Joined, channel: Channel) -> dict[str, str]:
    """What Sayso says where the business gives no words of its own."""
    booking, service, customer, _ = row
    workspace = call.session.get_one(Workspace, call.workspace)
    subject, says = SAYS[occasion]
    said = says.format(service=service, when=_when(booking.starts_at, zone_of(workspace.zone)))
    return {"body": f"Hello {customer}, {said}\n{workspace.name}", **({"subject": subject} if channel == "email" else {})}


def _templated(call: Call, template: UUID, channel: Channel | None, booking: Booking) -> tuple[Channel, dict[str, str]]:
    """The channel and the words of a template's newest version, filled with the booking as it stands now."""
    kept, version = version_of(call, template)
    if channel not in (None, kept.channel):
        raise InvalidArguments(f"This template is for {kept.channel}.", next_step="Leave `notify` out, or choose another template.")
    return cast("Channel", kept.channel), about_booking(call, version, booking.id)


def _when(start: datetime, zone: ZoneInfo) -> str:
    """A moment as people say it, in no particular language's order: `Monday 18 May 2026, 10:00`."""
    local = start.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M}"


def drop_all(call: Call, booking: Booking, why: str) -> int:
    """Cancel what waits or is planned to be said about it; answers how many messages will not be sent."""
    planned = planning.drop(call.session, call.workspace, booking.id, why)
    mine = select(BookingSend.intent_id).where(BookingSend.booking_id == booking.id, BookingSend.workspace_id == call.workspace)
    asked = call.session.scalars(mine.order_by(BookingSend.intent_id)).all()
    dropped = [intent for intent in asked if gate.drop(call, intent, why)]
    for intent in dropped:
        planning.drop_asked(call.session, call.workspace, intent, why)
    return planned + len(dropped)
