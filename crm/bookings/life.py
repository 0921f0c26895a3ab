"""The life of a booking: its states and moves, the deadline for cancelling, and what a late cancel costs; pure functions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from kernel.errors import Conflict

State = Literal["pending", "confirmed", "completed", "cancelled", "no_show"]
LIVE: frozenset[str] = frozenset({"pending", "confirmed"})
"""What still holds its time ahead."""
MOVES: dict[State, frozenset[State]] = {
    "pending": frozenset({"confirmed", "cancelled"}),
    "confirmed": frozenset({"completed", "cancelled", "no_show"}),
    "completed": frozenset(),
    "cancelled": frozenset(),
    "no_show": frozenset(),
}
AFTER_START: frozenset[State] = frozenset({"completed", "no_show"})
NEXT: dict[State, str] = {
    "pending": "Call confirm_booking once the customer has agreed.",
    "confirmed": "After the visit: complete_booking, or mark_no_show. Before it: reschedule_booking or cancel_booking.",
    "completed": "It is over; nothing more can be done with it.",
    "cancelled": "It is over; its time is free again. Book anew with create_booking.",
    "no_show": "It is over; nothing more can be done with it.",
}


class WrongState(Conflict):
    """The booking is not in a state that allows this."""

    code = "wrong_state"


class NotStarted(Conflict):
    """The booking has not begun yet."""

    code = "not_started"
    next_step = "Wait until it has begun; before that, reschedule_booking or cancel_booking."


def check_move(old: State, new: State, starts_at: datetime, now: datetime) -> None:
    """Raises WrongState or NotStarted unless a booking may go from one state to the other now."""
    if new not in MOVES[old]:
        msg = f"A booking that is {old} cannot become {new}."
        raise WrongState(msg, next_step=NEXT[old], status=old)
    if new in AFTER_START and now < starts_at:
        raise NotStarted(startsAt=starts_at.isoformat())


def cancel_by(starts_at: datetime, hours: int) -> datetime:
    """Until when cancelling is free."""
    return starts_at - timedelta(hours=hours)


def late_fee(price_minor: int, percent: int) -> int:
    """What a late cancel costs, in minor units; a fraction of one is the customer's."""
    return price_minor * percent // 100
