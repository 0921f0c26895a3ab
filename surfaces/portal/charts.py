"""Charts drawn by the server: a column for each day, the sentence that says the same, and the table of its figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm.reports.figures import Day
from surfaces.portal.words import seconds

TALLEST = 100
"""Units of the drawing."""
STEP = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One column: how high, and how much of another kind stands under it."""

    height: int
    beyond: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing with its words and figures."""

    title: str
    said: str
    columns: Sequence[str]
    bars: Sequence[Bar]
    rows: Sequence[tuple[str, ...]]
    """Only days with a figure: the day, and a cell for each column."""
    calendar: Sequence[date]

    @property
    def begins(self) -> str:
        """The first day that is drawn."""
        return _name(self.calendar[0])

    @property
    def ends(self) -> str:
        """The last."""
        return _name(self.calendar[-1])

    @property
    def width(self) -> int:
        """Units of the drawing."""
        return STEP * len(self.bars)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.rows


def charts(found: Sequence[Day], calendar: Sequence[date]) -> list[Chart]:
    """What left and what failed, how long people took to decide, and how long what they allowed took to leave."""
    of = {day.day: day for day in found}
    return [
        _counts(of, calendar),
        _times("Until a yes, half of the time", of, calendar, lambda day: day.to_decide_seconds),
        _times("From yes to sent, 95 of 100 within", of, calendar, lambda day: day.to_send_seconds),
    ]


def _counts(of: Mapping[date, Day], calendar: Sequence[date]) -> Chart:
    found = [of.get(day) for day in calendar]
    most = max((day.sent + day.failed for day in found if day), default=0)
    bars = [Bar(_high(day.sent, most), _high(day.failed, most)) if day else Bar(0) for day in found]
    sent, failed = (sum(figure) for figure in ((day.sent for day in of.values()), (day.failed for day in of.values())))
    rows = [(_name(day.day), str(day.sent), str(day.failed)) for day in of.values() if day.sent or day.failed]
    return Chart("Sent and failed, by day", f"{sent} sent, {failed} failed; at most {most} a day", ("Sent", "Failed"), bars, rows, calendar)


def _times(title: str, of: Mapping[date, Day], calendar: Sequence[date], figure: Callable[[Day], float | None]) -> Chart:
    known = {day: value for day, value in ((one, figure(found)) for one, found in of.items()) if value is not None}
    most = max(known.values(), default=0.0)
    bars = [Bar(_high(known.get(day, 0.0), most)) for day in calendar]
    said = f"the longest day took {seconds(most)}, the shortest {seconds(min(known.values(), default=0.0))}"
    return Chart(title, said, ("Time",), bars, [(_name(day), _exactly(value)) for day, value in known.items()], calendar)


def _exactly(value: float) -> str:
    """A figure of the table, which rounds less than a sentence."""
    return f"{value:.1f} s" if value < TALLEST else seconds(value)


def _name(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _high(part: float, most: float) -> int:
    """A column's height: the least that is there at all can be seen."""
    return max(1, round(TALLEST * part / most)) if part and most else 0
