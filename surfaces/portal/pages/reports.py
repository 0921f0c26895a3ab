"""Reports in the portal: what became of messages, who came, and what was paid, as tables with bars drawn by the server."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm.payments.comparing import NEXT
from crm.payments.reckoning import newest
from crm.reports import figures
from crm.reports.figures import Span
from kernel.clock import now
from kernel.money import as_decimal
from surfaces.door import Door
from surfaces.portal.charts import charts
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint

PATH = "/portal/reports"
MONTH, QUARTER = timedelta(days=30), timedelta(weeks=12)
WIDEST = 240
"""Units of the drawing."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a chart: its name, its figure in words, and how long its bar is."""

    name: str
    figure: str
    length: int


def routes(door: Door) -> list[BaseRoute]:
    """One page."""
    return [Route(PATH, endpoint(door, look))]


def look(visit: Visit) -> Response:
    """The last month's messages and visits, and twelve weeks of money."""
    with inside(visit) as it:
        moment, workspace = now(), it.person.workspace_id
        month, quarter = (Span(workspace, moment - back, moment) for back in (MONTH, QUARTER))
        return page(
            "reports.html",
            sends=figures.sends(it.session, month),
            charts=charts(figures.days(it.session, month), _calendar(month, it.zone)),
            visits=_visits(figures.shows(it.session, month, "reminder")),
            money=_money(figures.weeks(it.session, quarter)),
            books=newest(it.session, workspace),
            ways_on=NEXT,
            zone=it.zone,
            **it.frame,
        )


def _calendar(span: Span, zone: ZoneInfo) -> list[date]:
    """Its days on the business's calendar, also those on which nothing happened."""
    first, last = (moment.astimezone(zone).date() for moment in (span.since, span.until))
    return [first + timedelta(days=nth) for nth in range((last - first).days + 1)]


def _visits(found: Sequence[figures.Shows]) -> list[Bar]:
    """The part of customers who did not come, of those reminded and of those not."""
    over = {one.name.capitalize(): (one.no_show, one.no_show + one.completed) for one in found}
    return [Bar(name, f"{away} of {many} did not come", _long(away, many)) for name, (away, many) in over.items()]


def _money(weeks: Sequence[figures.Week]) -> dict[str, list[Bar]]:
    """Payments by week, each currency for itself."""
    found: dict[str, list[Bar]] = {}
    for currency in sorted({week.currency for week in weeks}):
        mine = [week for week in weeks if week.currency == currency]
        most = _most(week.paid_minor for week in mine)
        found[currency] = [Bar(f"{week.starts:%d.%m.}", as_decimal(week.paid_minor, currency), _long(week.paid_minor, most)) for week in mine]
    return found


def _most(figures: Iterable[int]) -> int:
    return max(figures, default=0)


def _long(part: int, whole: int) -> int:
    return round(WIDEST * part / whole) if whole else 0
