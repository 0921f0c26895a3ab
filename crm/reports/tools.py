"""The tools that report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import Field
from sqlalchemy import func, or_, select

from crm.bookings.moments import DayOrMoment, beginning, ending
from crm.bookings.shapes import zone_of
from crm.contacts import filters
from crm.contacts.shapes import AccountId
from crm.contacts.tables import Account, AccountTag, Visit
from crm.reports import figures
from crm.reports.figures import Sends, Shows, Span, Week
from kernel.call import Call
from kernel.errors import InvalidArguments
from kernel.money import as_decimal
from kernel.operation import Answer, Asked, Effect, operation

USUAL = timedelta(days=30)
LONGEST = timedelta(days=731)
VIP = "vip"


class Period(Asked):
    """Over which time."""

    since: DayOrMoment | None = Field(None, alias="from", description="A day, or a moment; 30 days ago when left out.")
    until: DayOrMoment | None = Field(None, alias="to", description="A day (included), or a moment; now when left out.")


def _span(call: Call, asked: Period) -> Span:
    zone = zone_of(call)
    until = ending(asked.until, zone) if asked.until else call.moment
    since = beginning(asked.since, zone) if asked.since else until - USUAL
    if not since < until <= since + LONGEST:
        raise InvalidArguments("`from` must lie before `to`, and within two years of it.")
    return Span(call.workspace, since, until)


class GetWeeklyRevenue(Asked):
    """How many weeks."""

    weeks: int = Field(8, ge=1, le=104, description="How many, this one included.")


class WeekShown(Answer):
    """One week in one currency."""

    week_starts: date = Field(description="Its Monday, on the business's calendar.")
    currency: str
    paid: str = Field(description="Decimal: payments that arrived, less what was given back or lost (list_payments).")
    payments: int = Field(description="How many payments.")
    served: str = Field(description="Decimal: the prices of completed bookings (list_bookings).")
    visits: int = Field(description="How many of those.")


class WeeklyRevenue(Answer):
    """Money by week."""

    items: list[WeekShown] = Field(description="Oldest first; a week without money or visits is left out.")


@operation("payments", Effect.READ, example={"weeks": 4})
def get_weekly_revenue(call: Call, asked: GetWeeklyRevenue) -> WeeklyRevenue:
    """Report what was paid and what was served, week by week."""
    zone = zone_of(call)
    today = call.moment.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday() + 7 * (asked.weeks - 1))
    span = Span(call.workspace, beginning(monday, zone), ending(today, zone))
    return WeeklyRevenue(items=[_week(week) for week in figures.weeks(call.session, span)])


def _week(week: Week) -> WeekShown:
    paid, served = as_decimal(week.paid_minor, week.currency), as_decimal(week.served_minor, week.currency)
    return WeekShown(week_starts=week.starts, currency=week.currency, paid=paid, payments=week.payments, served=served, visits=week.visits)


class GetNoShowReport(Period):
    """Over which time, and by what."""

    by: Literal["service", "staff", "reminder"] = Field("reminder", description="reminder: whether a reminder was sent.")


class ShowsShown(Answer):
    """Who came and who did not, in one group."""

    name: str = Field(description="The service, who served (empty: nobody named), reminded or not reminded.")
    completed: int = Field(description="How many came (list_bookings with status completed).")
    no_show: int = Field(description="How many did not (status no_show).")
    no_show_rate: float | None = Field(description="no_show over both; null when nothing is over.")


class NoShowReport(Answer):
    """Who came and who did not."""

    items: list[ShowsShown]
    no_show_rate: float | None = Field(description="Over all of them.")


@operation("bookings", Effect.READ, example={"from": "2026-05-01", "to": "2026-05-31", "by": "service"})
def get_no_show_report(call: Call, asked: GetNoShowReport) -> NoShowReport:
    """Report how many customers did not come, by service, by who serves, or by whether they were reminded."""
    found = figures.shows(call.session, _span(call, asked), asked.by)
    return NoShowReport(items=[_group(one) for one in found], no_show_rate=_rate(sum(one.no_show for one in found), sum(one.completed for one in found)))


def _group(one: Shows) -> ShowsShown:
    return ShowsShown(name=one.name, completed=one.completed, no_show=one.no_show, no_show_rate=_rate(one.no_show, one.completed))


def _rate(part: int, rest: int) -> float | None:
    return round(part / (part + rest), 4) if part + rest else None


class SendsShown(Answer):
    """What became of the messages on one channel."""

    channel: str
    asked: int = Field(description="How many were asked for; the states below add up to it.")
    held: int = Field(description="Waiting for a person.")
    rejected: int = Field(description="A person said no.")
    expired: int = Field(description="Nobody decided, or it was too late.")
    cancelled: int = Field(description="Taken back.")
    opted_out: int = Field(description="Not sent: the recipient has opted out.")
    waiting: int = Field(description="Approved, not handed over yet.")
    in_doubt: int = Field(description="Nobody knows yet whether the provider took it.")
    sent: int = Field(description="The provider took it and has said no more.")
    delivered: int = Field(description="Delivered.")
    undelivered: int = Field(description="Taken, and not delivered.")
    failed: int = Field(description="The provider refused it.")
    delivery_rate: float | None = Field(description="delivered over delivered, undelivered and failed.")
    median_seconds_to_decide: float | None = Field(description="From asking to a person's yes.")
    median_seconds_to_send: float | None = Field(description="From that yes to the provider's.")


class SendReport(Answer):
    """Messages to customers by channel."""

    items: list[SendsShown]


@operation("messaging", Effect.READ, example={"from": "2026-05-01", "to": "2026-05-31"})
def get_send_report(call: Call, asked: Period) -> SendReport:
    """Report what became of the messages to customers: decided, sent, delivered, failed, and how long it took."""
    return SendReport(items=[_sends(one) for one in figures.sends(call.session, _span(call, asked))])


def _sends(one: Sends) -> SendsShown:
    counted = {name: getattr(one, name) for name in ("channel", "asked", *figures.STATES)}
    return SendsShown(
        **counted,
        delivery_rate=_rate(one.delivered, one.undelivered + one.failed),
        median_seconds_to_decide=one.to_decide_seconds,
        median_seconds_to_send=one.to_send_seconds,
    )


class ListInactiveCustomers(Asked):
    """Since when, and who."""

    days: int = Field(ge=1, le=3650, description="Without a visit for so many days.")
    vip_only: bool = Field(default=False, description="Only members of a tier, and who has the tag vip.")
    limit: int = Field(20, ge=1, le=100, description="How many.")
    cursor: AccountId | None = Field(None, description="nextCursor of the page before.")


class Inactive(Answer):
    """A customer who has not come for a while."""

    account_id: AccountId
    name: str
    last_visit_at: str | None = Field(None, description="ISO 8601; null: never.")


class InactiveCustomers(Answer):
    """A page of them."""

    items: list[Inactive]
    next_cursor: AccountId | None = None
    total: int = Field(description="How many in all.")


@operation("contacts", Effect.READ, example={"days": 90, "vipOnly": True})
def list_inactive_customers(call: Call, asked: ListInactiveCustomers) -> InactiveCustomers:
    """List the customers who have not come for so many days; of those with a tier or the tag vip, if you say so."""
    vip = or_(Account.tier_id.is_not(None), select(AccountTag.tag).where(AccountTag.account_id == Account.id, AccountTag.tag == VIP).exists())
    wanted = [*filters.mine(call), *filters.inactive(call, asked.days), *([vip] if asked.vip_only else [])]
    last = select(func.max(Visit.at)).where(Visit.account_id == Account.id).scalar_subquery()
    page = select(Account.id, Account.name, last.label("last")).where(*wanted, *([Account.id > asked.cursor] if asked.cursor else []))
    found = call.session.execute(page.order_by(Account.id).limit(asked.limit + 1)).all()
    zone, shown = zone_of(call), found[: asked.limit]
    items = [Inactive(account_id=row.id, name=row.name, last_visit_at=row.last and row.last.astimezone(zone).isoformat()) for row in shown]
    total = call.session.scalar(select(func.count()).select_from(Account).where(*wanted)) or 0
    return InactiveCustomers(items=items, next_cursor=shown[-1].id if len(found) > len(shown) else None, total=total)
