"""Moments as callers write them: with an offset, and within two centuries, so that no reckoning with them can overflow."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def within_reach(moment: datetime) -> datetime:
    """The moment; raises ValueError for one that is nobody's appointment."""
    if not EARLIEST < moment < LATEST:
        msg = "must lie between 2000 and 2200"
        raise ValueError(msg)
    return moment


def day_within_reach(day: date) -> date:
    """The same for a day."""
    if not EARLIEST.date() < day < LATEST.date():
        msg = "must lie between 2000 and 2200"
        raise ValueError(msg)
    return day


Moment = Annotated[AwareDatetime, AfterValidator(within_reach)]
Day = Annotated[date, AfterValidator(day_within_reach)]
DayOrMoment = Day | Moment


def beginning(when: date, zone: ZoneInfo) -> datetime:
    """The moment, or the day's first where the business is."""
    return when if isinstance(when, datetime) else datetime.combine(when, time(), zone)


def ending(when: date, zone: ZoneInfo) -> datetime:
    """The moment, or the day's end where the business is."""
    return when if isinstance(when, datetime) else datetime.combine(when + DAY, time(), zone)
