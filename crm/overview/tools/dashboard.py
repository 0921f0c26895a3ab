"""The tool that says how the day stands."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import TextClause, text

from crm.bookings.shapes import zone_of
from kernel.call import Call
from kernel.operation import Answer, Effect, NoArguments, operation

DAY = timedelta(days=1)
BOOKINGS = text(
    """SELECT state, count(*) FROM booking WHERE workspace_id = :workspace AND starts_at >= :since AND starts_at < :until GROUP BY state""",
)
SENDS = text(
    """SELECT d.state, count(*) FROM every_delivery d JOIN intent i ON i.id = d.intent_id
    WHERE i.workspace_id = :workspace AND is_to_customer(i.kind, i.lane)
        AND (d.state = 'in_doubt' OR (d.state IN ('sent', 'delivered', 'undelivered', 'failed') AND d.changed_at >= :since)) GROUP BY d.state""",
)
COUNTS = text(
    """SELECT (SELECT count(*) FROM approval WHERE workspace_id = :workspace AND state = 'pending' AND expires_at > :now),
    (SELECT count(*) FROM delivery d JOIN intent i ON i.id = d.intent_id
        WHERE i.workspace_id = :workspace AND is_to_customer(i.kind, i.lane) AND d.state IN ('ready', 'blocked')),
    (SELECT count(*) FROM account WHERE workspace_id = :workspace AND erased_at IS NULL),
    (SELECT count(*) FROM account WHERE workspace_id = :workspace AND erased_at IS NULL AND created_at >= :since),
    (SELECT min(starts_at) FROM booking WHERE workspace_id = :workspace AND state IN ('pending', 'confirmed') AND starts_at >= :now)""",
)


class DayBookings(Answer):
    """The bookings that begin today."""

    total: int
    pending: int = Field(description="To be confirmed.")
    confirmed: int = Field(description="How many.")
    completed: int = Field(description="How many.")
    cancelled: int = Field(description="How many.")
    no_show: int = Field(description="How many.")


class DaySends(Answer):
    """Messages to customers."""

    sent: int = Field(description="Today, those delivered too.")
    delivered: int = Field(description="Today, as far as providers say.")
    failed: int = Field(description="Today, those that a provider could not deliver too.")
    in_doubt: int = Field(description="Since ever: nobody knows whether they left. A person settles them.")
    waiting: int = Field(description="Approved, and not handed over yet.")


class DashboardStats(Answer):
    """How the day stands."""

    day: str = Field(description="Today, where the business is.")
    timezone: str
    bookings: DayBookings = Field(description="That begin today.")
    next_booking_at: datetime | None = None
    waiting_approvals: int = Field(description="Requests that a person has not decided.")
    sends: DaySends = Field(description="Messages to customers.")
    customers: int = Field(description="How many.")
    new_customers: int = Field(description="Since this morning.")
    next_step: str


@operation("workspace", Effect.READ)
def get_dashboard_stats(call: Call, asked: NoArguments) -> DashboardStats:  # noqa: ARG001 - every operation takes both
    """Show how today stands: bookings, requests that wait for a person, messages sent, failed and in doubt."""
    zone = zone_of(call)
    today = call.moment.astimezone(zone).date()
    since, until = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (today, today + DAY))
    given = {"workspace": call.workspace, "since": since, "until": until, "now": call.moment}
    bookings = _by_state(call, BOOKINGS, given)
    sends = _by_state(call, SENDS, given)
    waiting, ready, customers, new, coming = call.session.execute(COUNTS, given).one()
    by_state = {state: bookings.get(state, 0) for state in ("pending", "confirmed", "completed", "cancelled", "no_show")}
    day = DaySends(
        sent=sends.get("sent", 0) + sends.get("delivered", 0),
        delivered=sends.get("delivered", 0),
        failed=sends.get("failed", 0) + sends.get("undelivered", 0),
        in_doubt=sends.get("in_doubt", 0),
        waiting=ready,
    )
    return DashboardStats(
        day=today.isoformat(),
        timezone=zone.key,
        bookings=DayBookings(total=sum(by_state.values()), **by_state),
        next_booking_at=coming.astimezone(zone) if coming else None,
        waiting_approvals=waiting,
        sends=day,
        customers=customers,
        new_customers=new,
        next_step=_advice(waiting, by_state["pending"], day),
    )


def _by_state(call: Call, query: TextClause, given: dict[str, Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in call.session.execute(query, given)}


def _advice(waiting: int, pending: int, day: DaySends) -> str:
    if day.in_doubt:
        return "Messages are in doubt: ask an owner or a manager to settle them in the portal."
    if waiting:
        return "Tell the user that requests wait for a decision; list_pending_approvals shows them."
    return "Bookings of today wait for confirm_booking." if pending else "Nothing waits."
