"""Slots: which starts of a service are free, given when somebody is there and what is taken; pure functions of both."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from crm.bookings.spans import Span, merged
from kernel.keys import digest_of

NOBODY = UUID(int=0)
"""The booking of a start that is only looked at."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a service decides where it fits."""

    service: UUID
    duration: timedelta
    before: timedelta
    after: timedelta
    step: timedelta
    capacity: int
    notice: timedelta
    ahead: timedelta

    def held(self, start: datetime) -> Span:
        """What a booking keeps busy: the appointment and the time around it."""
        return Span(start - self.before, start + self.duration + self.after)


class Server(NamedTuple):
    """Whoever serves: somebody of the staff, or the service itself while there is no staff; `staff` and `name` are None then."""

    id: UUID
    staff: UUID | None = None
    name: str | None = None


class Taken(NamedTuple):
    """That a holder is busy with a sitting, and which seats of it are taken."""

    during: Span
    sitting: UUID
    seats: frozenset[int]


class Free(NamedTuple):
    """A start that can be had from one server."""

    start: datetime
    server: Server
    seats: tuple[int, ...]
    """What is left."""
    joins: bool
    """Whether others sit there already."""


class Diary:
    """What is taken, in order, so that a look at one hour need not read the whole month."""

    def __init__(self, taken: Iterable[Taken]) -> None:
        """Of one server, with whatever else it needs."""
        self._taken = sorted(taken)
        self._starts = [one.during.start for one in self._taken]
        self._longest = max((one.during.end - one.during.start for one in self._taken), default=timedelta())

    def within(self, span: Span) -> list[Taken]:
        """What overlaps the span."""
        near = slice(bisect_left(self._starts, span.start - self._longest), bisect_left(self._starts, span.end))
        return [one for one in self._taken[near] if one.during.overlaps(span)]


def sitting_of(shape: Shape, server: UUID, start: datetime, booking: UUID = NOBODY) -> UUID:
    """What shares its holders: one class at one time with one server, or a single booking alone."""
    if shape.capacity == 1:
        return booking
    return UUID(bytes=digest_of(f"{shape.service}|{server}|{start.timestamp():.0f}".encode())[:16])


def starts(shape: Shape, openings: Sequence[Span]) -> Iterator[datetime]:
    """Every start a step apart from an opening's beginning that ends while it is open; openings that touch are one to it."""
    wholes = merged(openings)
    ends = [whole.end for whole in wholes]
    for opening in in_order(openings):
        start = opening.start
        while start < opening.end:
            if start + shape.duration <= ends[bisect_left(ends, opening.end)]:
                yield start
            start += shape.step


def in_order(openings: Sequence[Span]) -> list[Span]:
    """The openings in order, without the empty ones that a change of clocks may leave."""
    return sorted(opening for opening in openings if opening.start < opening.end)


def is_on_time(shape: Shape, start: datetime, now: datetime) -> bool:
    """Whether it is neither too late nor too early to book this start."""
    return now + shape.notice <= start <= now + shape.ahead


def free_at(shape: Shape, server: Server, start: datetime, diary: Diary) -> Free | None:
    """The start, unless another sitting is in the way or this one is full."""
    sitting = sitting_of(shape, server.id, start)
    clashing = diary.within(shape.held(start))
    if any(one.sitting != sitting for one in clashing):
        return None
    used = frozenset[int]().union(*(one.seats for one in clashing))
    left = tuple(seat for seat in range(1, shape.capacity + 1) if seat not in used)
    return Free(start, server, left, bool(used)) if left else None


def best(choices: Sequence[Free]) -> Free:
    """Where to put somebody who does not mind: with others who come anyway, else with the first server."""
    return next((choice for choice in choices if choice.joins), choices[0])
