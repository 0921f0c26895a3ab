"""The figures, each by one query over the rows themselves; times are aware, money in minor units, days and weeks on the business's calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from sqlalchemy.orm import Session

from kernel.db import raw


@dataclass(frozen=True, slots=True)
class Span:
    """Whose figures, from when, until when (not included)."""

    workspace: UUID
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Week:
    """One week's money in one currency: what was paid, and what was served."""

    starts: date
    currency: str
    paid_minor: int
    payments: int
    served_minor: int
    visits: int


# A week without a payment or a visit has no row: nothing is made up.
WEEKS = """
SELECT starts::date AS starts, currency, sum(paid)::bigint AS paid_minor, sum(payments)::bigint AS payments,
    sum(served)::bigint AS served_minor, sum(visits)::bigint AS visits
FROM (
    SELECT date_trunc('week', p.paid_at, w.zone) AT TIME ZONE w.zone AS starts, p.currency,
        p.amount_minor - p.refunded_minor - p.lost_minor AS paid, 1 AS payments, 0 AS served, 0 AS visits
    FROM payment_now p JOIN workspace w ON w.id = p.workspace_id
    WHERE p.workspace_id = %(workspace)s AND p.paid_at >= %(since)s AND p.paid_at < %(until)s
    UNION ALL
    SELECT date_trunc('week', b.starts_at, w.zone) AT TIME ZONE w.zone, b.currency, 0, 0, b.price_minor, 1
    FROM booking b JOIN workspace w ON w.id = b.workspace_id
    WHERE b.workspace_id = %(workspace)s AND b.state = 'completed' AND b.starts_at >= %(since)s AND b.starts_at < %(until)s
) it GROUP BY starts, currency ORDER BY starts, currency
"""


def weeks(session: Session, span: Span) -> Sequence[Week]:
    """Money by week and currency."""
    return _rows(session, Week, WEEKS, span)


@dataclass(frozen=True, slots=True)
class Shows:
    """Who came and who did not, of one group of bookings that are over."""

    name: str
    completed: int
    no_show: int


SHOWS = """
SELECT {name} AS name, count(*) FILTER (WHERE b.state = 'completed') AS completed, count(*) FILTER (WHERE b.state = 'no_show') AS no_show
FROM booking b JOIN service s ON s.id = b.service_id LEFT JOIN staff f ON f.id = b.staff_id
WHERE b.workspace_id = %(workspace)s AND b.state IN ('completed', 'no_show') AND b.starts_at >= %(since)s AND b.starts_at < %(until)s
GROUP BY 1 ORDER BY 1
"""
REMINDED = """CASE WHEN EXISTS (SELECT FROM reminder r JOIN reminder_rule u ON u.id = r.rule_id AND u.event = 'booking_start'
    LEFT JOIN every_delivery d ON d.intent_id = r.intent_id
    WHERE r.booking_id = b.id AND r.about = b.starts_at
      AND (r.said_at IS NOT NULL OR d.state IN ('sent', 'delivered'))) THEN 'reminded' ELSE 'not reminded' END"""
BY = {"service": "s.name", "staff": "coalesce(f.name, '')", "reminder": REMINDED}


def shows(session: Session, span: Span, by: str) -> Sequence[Shows]:
    """Who came and who did not: by service, staff or reminder."""
    return _rows(session, Shows, SHOWS.format(name=BY[by]), span)


@dataclass(frozen=True, slots=True)
class Sends:
    """What became of the messages to customers that were asked for in a time, on one channel."""

    channel: str
    asked: int
    held: int
    rejected: int
    expired: int
    cancelled: int
    opted_out: int
    waiting: int
    in_doubt: int
    sent: int
    delivered: int
    undelivered: int
    failed: int
    to_decide_seconds: float | None
    """The median time from asking to a person's yes."""
    to_send_seconds: float | None
    """The median time from that yes to the provider's."""


SENDS = """
SELECT split_part(i.lane, ':', 1) AS channel, count(*) AS asked,
    {counts},
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM g.created_at - i.created_at)) FILTER (WHERE g.source = 'approval') AS to_decide_seconds,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM s.at - g.created_at))
        FILTER (WHERE s.at IS NOT NULL AND i.not_before IS NULL) AS to_send_seconds
{of_customers} {within} GROUP BY 1 ORDER BY 1
"""
OF_CUSTOMERS = """
FROM intent i JOIN every_delivery d ON d.intent_id = i.id AND is_to_customer(i.kind, i.lane)
LEFT JOIN grants g ON g.intent_id = i.id
LEFT JOIN LATERAL (SELECT min(a.at) AS at FROM attempt a WHERE a.intent_id = i.id AND a.outcome IN ('accepted', 'sent', 'delivered')) s ON true
"""
WITHIN = "WHERE i.workspace_id = %(workspace)s AND i.created_at >= %(since)s AND i.created_at < %(until)s"
STATES = {
    "held": ("held",),
    "rejected": ("rejected",),
    "expired": ("expired",),
    "cancelled": ("cancelled",),
    "opted_out": ("suppressed",),
    "waiting": ("ready", "blocked", "calling"),
    "in_doubt": ("in_doubt",),
    "sent": ("sent",),
    "delivered": ("delivered",),
    "undelivered": ("undelivered",),
    "failed": ("failed",),
}
_COUNT = "count(*) FILTER (WHERE d.state IN ({states})) AS {name}"
COUNTS = ", ".join(_COUNT.format(name=name, states=", ".join(f"'{state}'" for state in states)) for name, states in STATES.items())


def sends(session: Session, span: Span) -> Sequence[Sends]:
    """Messages to customers by channel; system mail to the business's own people is none, and neither is a page to pay on or money given back."""
    return _rows(session, Sends, SENDS.format(counts=COUNTS, of_customers=OF_CUSTOMERS, within=WITHIN), span)


def _rows(session: Session, shape: type[Any], query: str, span: Span) -> Sequence[Any]:
    wanted = {"workspace": span.workspace, "since": span.since, "until": span.until}
    return raw(session).cursor(row_factory=class_row(shape)).execute(query.encode(), wanted).fetchall()


@dataclass(frozen=True, slots=True)
class Day:
    """What became of the messages to customers that were asked for on one day of the business's calendar."""

    day: date
    asked: int
    sent: int
    """Taken by the provider, and not known to be undelivered."""
    failed: int
    """Refused, or not delivered."""
    to_decide_seconds: float | None
    """The median time from asking to a person's yes."""
    to_send_seconds: float | None
    """The time within which 95 of 100 left after that yes."""


DAYS = """
SELECT (i.created_at AT TIME ZONE w.zone)::date AS day, count(*) AS asked,
    count(*) FILTER (WHERE d.state IN ('sent', 'delivered')) AS sent, count(*) FILTER (WHERE d.state IN ('failed', 'undelivered')) AS failed,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM g.created_at - i.created_at)) FILTER (WHERE g.source = 'approval') AS to_decide_seconds,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM s.at - g.created_at))
        FILTER (WHERE s.at IS NOT NULL AND i.not_before IS NULL) AS to_send_seconds
{of_customers} JOIN workspace w ON w.id = i.workspace_id
{within} GROUP BY 1 ORDER BY 1
"""


def days(session: Session, span: Span) -> Sequence[Day]:
    """Messages to customers by the day on which they were asked for; a day without any has no row."""
    return _rows(session, Day, DAYS.format(of_customers=OF_CUSTOMERS, within=WITHIN), span)
