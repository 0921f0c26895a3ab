"""Working hours: wall-clock times by weekday, days off, and the moments they really are, on days when the clocks change too.

A wall-clock time that happens twice, or never, opens as the earlier reading says and closes as the later one says: nothing is ever offered
at an hour that the clock on the wall does not show as open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from crm.bookings.spans import Span
from kernel.operation import Asked
from outbox.content import OneLine

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
DAY_MINUTES = 24 * 60
DAY = timedelta(days=1)
Wall = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


def minutes(clock: str) -> int:
    """Minutes since midnight of `09:30`."""
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute)


class Hours(Asked):
    """Open on some weekdays from one time to another, by the clock on the wall."""

    days: list[Weekday] = Field(min_length=1, max_length=7, description="Weekdays.")
    opens: Wall = Field(description="09:00")
    closes: Wall = Field(description="18:00; at most 24:00.")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if minutes(self.opens) >= minutes(self.closes):
            msg = "must close after it opens; hours past midnight are two entries, up to 24:00 and from 00:00"
            raise ValueError(msg)
        return self


class DayOff(Asked):
    """Closed on a day, or from one day to another."""

    first: date = Field(alias="from", description="First day.")
    last: date | None = Field(None, alias="to", description="Last day; the same when left out.")
    reason: OneLine | None = Field(None, max_length=100, description="Holiday, sick leave.")

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.last is not None and self.last < self.first:
            msg = "must not end before it begins"
            raise ValueError(msg)
        return self


class Opening(NamedTuple):
    """Open on one weekday (0: Monday) between two minutes of the day."""

    weekday: int
    opens: int
    closes: int


class Week(NamedTuple):
    """When somebody, or the business, is there."""

    openings: tuple[Opening, ...]
    off: tuple[tuple[date, date], ...] = ()


EVERY_DAY = tuple(Opening(weekday, 9 * 60, 18 * 60) for weekday in range(7))
"""Until a schedule is set."""


def openings(hours: Iterable[Hours]) -> tuple[Opening, ...]:
    """The hours, one entry a weekday and opening, in order."""
    flat = (Opening(WEEKDAYS.index(day), minutes(one.opens), minutes(one.closes)) for one in hours for day in set(one.days))
    return tuple(sorted(flat))


def clash(week: Sequence[Opening]) -> Opening | None:
    """The first opening that begins before the one in front of it has ended."""
    return next((later for earlier, later in pairwise(week) if earlier.weekday == later.weekday and later.opens < earlier.closes), None)


def read_hours(kept: list[Any]) -> tuple[Opening, ...]:
    """The openings as the database keeps them."""
    return tuple(Opening(*entry) for entry in kept)


def read_off(kept: list[Any]) -> tuple[tuple[date, date], ...]:
    """The days off as the database keeps them."""
    return tuple((date.fromisoformat(entry["from"]), date.fromisoformat(entry["to"])) for entry in kept)


def open_spans(week: Week, days: tuple[date, date], zone: ZoneInfo) -> Iterator[Span]:
    """The moments of each opening from the first of these days to the last."""
    for day in each_day(*days):
        if any(first <= day <= last for first, last in week.off):
            continue
        for opening in week.openings:
            if opening.weekday == day.weekday():
                yield Span(moment(day, opening.opens, zone, fold=0), moment(day, opening.closes, zone, fold=1))


def each_day(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    return (first + DAY * step for step in range((last - first).days + 1))


def moment(day: date, minute: int, zone: ZoneInfo, *, fold: Literal[0, 1] = 0) -> datetime:
    """The moment at which the wall shows this minute of the day; `fold` chooses the reading where there are two, or none."""
    wall = datetime.combine(day + DAY * (minute // DAY_MINUTES), time(minute % DAY_MINUTES // 60, minute % 60), zone)
    return wall.replace(fold=fold).astimezone(UTC)
