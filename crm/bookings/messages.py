"""What is said to a customer about a booking: asked for at the gate, held until a person approves, and dropped with what it says."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
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
from kernel.arguments import fitted
from kernel.call import Call
from kernel.errors import ScopeMissing
from kernel.tenancy import Workspace
from outbox.content import KINDS, Channel

Occasion = Literal["confirm_booking", "cancel_booking", "reschedule_booking"]
SAYS: dict[Occasion, tuple[str, str]] = {
    "confirm_booking": ("Your booking is confirmed", "your booking is confirmed: {service} on {when}."),
    "cancel_booking": ("Your booking is cancelled", "your booking is cancelled: {service} on {when}."),
    "reschedule_booking": ("Your booking has moved", "your booking has moved: {service} is now on {when}."),
}


def ask_to_tell(call: Call, occasion: Occasion, row: Joined, channel: Channel) -> Pending:
    """Hold a message to the customer until a person approves. Raises ScopeMissing for a key that may not ask for messages."""
    if call.caller.kind == "agent" and "messaging" not in call.caller.scopes:
        raise ScopeMissing("This key lacks the scope 'messaging' that 'notify' needs.", scope="messaging")
    booking = row[0]
    to = address_of(account_of(call, booking.account_id), channel)
    subject, body = words(occasion, row, call.session.get_one(Workspace, call.workspace))
    given = {"to": to, "body": body, **({"subject": subject} if channel == "email" else {})}
    # Once it has begun, there is nothing left to say about it.
    expires = booking.starts_at if booking.starts_at > call.moment else None
    pending = submit(call, occasion, [Draft(fitted(KINDS[channel], given), expires_at=expires)])
    for intent in pending.intent_ids:
        call.session.add(BookingSend(workspace_id=call.workspace, booking_id=booking.id, intent_id=intent))
    call.session.flush()
    return pending


def words(occasion: Occasion, row: Joined, workspace: Workspace) -> tuple[str, str]:
    """The subject and the text."""
    booking, service, customer, _ = row
    subject, says = SAYS[occasion]
    said = says.format(service=service, when=_when(booking.starts_at, ZoneInfo(workspace.zone)))
    return subject, f"Hello {customer}, {said}\n{workspace.name}"


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
