"""Quiet hours: what is approved then waits until they are over where it goes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import model_validator

from approvals.facts import Facts
from approvals.verdicts import NOTHING, PolicySettings, Verdict, asked
from kernel.clock import zone_of

VERSION = 1
TITLE = "Quiet hours"
A_DAY = timedelta(days=1)


class Settings(PolicySettings):
    """None until somebody sets them."""

    begins: time | None = asked(None, "From (empty: leaves at any hour)", "clock")
    ends: time | None = asked(None, "Until", "clock")

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.begins is None) != (self.ends is None) or (self.begins is not None and self.begins == self.ends):
            msg = "quiet hours need a beginning and another end, or neither"
            raise ValueError(msg)
        if any(edge and (edge.tzinfo or edge.second or edge.microsecond) for edge in (self.begins, self.ends)):
            msg = "quiet hours begin and end on a minute of the clock where it goes"
            raise ValueError(msg)
        return self


def say(settings: Settings) -> str:
    """The policy in plain words."""
    if settings.begins is None or settings.ends is None:
        return "What is approved leaves at any hour."
    return f"Nothing leaves from {settings.begins:%H:%M} to {settings.ends:%H:%M} on the recipient's clock, or on yours where theirs is not known; it waits."


def judge(facts: Facts, settings: Settings) -> Verdict:
    """Hold it until nobody it goes to has quiet hours."""
    until = awake(facts.leaves_at, facts.zones, settings)
    if until == facts.leaves_at:
        return NOTHING
    return Verdict(why="It would leave in quiet hours, so it waits until they are over.", not_before=until)


def awake(moment: datetime, zones: Iterable[str], settings: Settings) -> datetime:
    """The earliest moment from this one on at which none of the places is quiet, looking two days ahead; pure."""
    until, places = moment, [zone_of(zone) for zone in zones]
    while until < moment + 2 * A_DAY:
        ends = [end for place in places if (end := _end(until, place, settings))]
        if not ends:
            return until
        until = max(ends)
    return max([moment, *(end for place in places if (end := _end(moment, place, settings)))])


def _end(moment: datetime, place: ZoneInfo, settings: Settings) -> datetime | None:
    """When the quiet hours end in which this moment lies there; None when it lies in none."""
    local = moment.astimezone(place)
    if settings.begins is None or settings.ends is None or not _is_quiet(local.time(), settings.begins, settings.ends):
        return None
    day = local.date() + (A_DAY if local.time() >= settings.ends else timedelta(0))
    # The hour that happens twice in autumn: its second occurrence counts when the first is over.
    ends = [datetime.combine(day, settings.ends.replace(fold=fold), place).astimezone(UTC) for fold in (0, 1)]
    return next((end for end in sorted(ends) if end > moment), None)


def _is_quiet(clock: time, begins: time, ends: time) -> bool:
    return begins <= clock < ends if begins < ends else clock >= begins or clock < ends
