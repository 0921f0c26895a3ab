"""Hours by the clock on the wall: on days when clocks change, over midnight, on days off; drawn ones never lead outside of what is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.bookings.hours import DAY, EVERY_DAY, Opening, Week, each_day, moment, open_spans
from crm.bookings.slots import Diary, Server, Shape, Taken, free_at, sitting_of, starts
from crm.bookings.spans import Span, merged

PARIS, NEW_YORK = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")
ZONES = [PARIS, NEW_YORK, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/Santiago"), ZoneInfo("Africa/Cairo")]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALWAYS = Week(tuple(Opening(weekday, 0, 1440) for weekday in range(7)))
SERVICE, ANA = UUID(int=1), Server(UUID(int=2), UUID(int=2), "Ana")


def shape(minutes: int = 60, step: int = 30, capacity: int = 1, before: int = 0, after: int = 0) -> Shape:
    plain = timedelta(0)
    return Shape(SERVICE, minutes * MINUTE, before * MINUTE, after * MINUTE, step * MINUTE, capacity, plain, 999 * DAY)


def open_hours(zone: ZoneInfo, day: date, week: Week = ALWAYS) -> float:
    return sum((span.end - span.start) / HOUR for span in open_spans(week, (day, day), zone))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (PARIS, date(2026, 3, 29), 23),
        (PARIS, date(2026, 10, 25), 25),
        (NEW_YORK, date(2026, 3, 8), 23),
        (NEW_YORK, date(2026, 11, 1), 25),
        (ZoneInfo("Australia/Lord_Howe"), date(2026, 4, 5), 24.5),
        (PARIS, date(2026, 5, 19), 24),
    ],
)
def test_a_day_has_the_hours_that_its_clocks_give_it(zone: ZoneInfo, day: date, hours: float) -> None:
    assert open_hours(zone, day) == hours


@pytest.mark.parametrize(
    ("zone", "day"), [(PARIS, date(2026, 3, 29)), (PARIS, date(2026, 10, 25)), (NEW_YORK, date(2026, 3, 8)), (NEW_YORK, date(2026, 11, 1))]
)
def test_nine_to_six_stays_nine_to_six_when_clocks_change(zone: ZoneInfo, day: date) -> None:
    (span,) = open_spans(Week(EVERY_DAY), (day, day), zone)
    assert [f"{end.astimezone(zone):%H:%M}" for end in span] == ["09:00", "18:00"]
    assert span.start.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("day", "opens", "closes", "shown"),
    [
        (date(2026, 3, 29), 150, 600, "01:30Z-08:00Z"),  # opens at 02:30, which does not exist: 03:30 summer time
        (date(2026, 3, 29), 0, 150, "23:00Z-00:30Z"),  # closes at 02:30, which does not exist: 01:30 winter time
        (date(2026, 10, 25), 150, 600, "00:30Z-09:00Z"),  # opens at 02:30, which happens twice: the first
        (date(2026, 10, 25), 0, 150, "22:00Z-01:30Z"),  # closes at 02:30, which happens twice: the second
    ],
)
def test_times_that_happen_twice_or_never_open_and_close_by_one_rule(day: date, opens: int, closes: int, shown: str) -> None:
    (span,) = open_spans(Week((Opening(6, opens, closes),)), (day, day), PARIS)
    assert f"{span.start:%H:%M}Z-{span.end:%H:%M}Z" == shown


def test_an_hour_that_happens_twice_is_offered_twice() -> None:
    opened = list(open_spans(Week((Opening(6, 120, 180),)), (date(2026, 10, 25),) * 2, PARIS))
    assert [f"{start.astimezone(PARIS):%H:%M%z}" for start in starts(shape(60, 60), opened)] == ["02:00+0200", "02:00+0100"]


def test_a_booking_may_run_over_midnight_where_the_hours_meet() -> None:
    week = Week((Opening(0, 22 * 60, 1440), Opening(1, 0, 120)))
    opened = list(open_spans(week, (date(2026, 5, 18), date(2026, 5, 19)), PARIS))
    found = [f"{start.astimezone(PARIS):%a %H:%M}" for start in starts(shape(60, 60), opened)]
    assert found == ["Mon 22:00", "Mon 23:00", "Tue 00:00", "Tue 01:00"]
    assert [f"{start.astimezone(PARIS):%a %H:%M}" for start in starts(shape(90, 60), opened)] == ["Mon 22:00", "Mon 23:00", "Tue 00:00"]


def test_a_day_off_is_closed_from_midnight_to_midnight() -> None:
    week = Week(EVERY_DAY, ((date(2026, 12, 24), date(2026, 12, 26)),))
    opened = open_spans(week, (date(2026, 12, 23), date(2026, 12, 27)), PARIS)
    assert [span.start.day for span in opened] == [23, 27]


DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
OPENINGS = st.builds(lambda weekday, a, b: Opening(weekday, min(a, b), max(a, b) + 1), st.integers(0, 6), st.integers(0, 1439), st.integers(0, 1439))
WEEKS = st.lists(OPENINGS, max_size=10).map(lambda drawn: Week(tuple(sorted(drawn))))


@settings(max_examples=150, deadline=None)
@given(zone=st.sampled_from(ZONES), day=DAYS, week=WEEKS, minutes=st.integers(1, 300), step=st.integers(5, 120))
def test_every_start_lies_wholly_in_what_is_open(zone: ZoneInfo, day: date, week: Week, minutes: int, step: int) -> None:
    """And the wall never shows an hour that the week does not have open, however the clocks change that day."""
    opened = list(open_spans(week, (day - DAY, day + DAY), zone))
    for start in starts(shape(minutes, step), opened):
        assert any(span.start <= start and start + minutes * MINUTE <= span.end for span in merged(opened))
        wall = start.astimezone(zone)
        shown = wall.hour * 60 + wall.minute
        assert any(one.weekday == wall.weekday() and one.opens <= shown < one.closes for one in week.openings)


@settings(max_examples=100, deadline=None)
@given(zone=st.sampled_from(ZONES), day=DAYS, minute=st.integers(0, 1440))
def test_a_moment_shows_its_own_time_unless_that_does_not_exist(zone: ZoneInfo, day: date, minute: int) -> None:
    read = [moment(day, minute, zone, fold=fold).astimezone(zone) for fold in (0, 1)]
    wall = datetime.combine(day, datetime.min.time()) + minute * MINUTE
    exists = wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
    assert all((one.replace(tzinfo=None) == wall) == exists for one in read)


MONDAY = datetime(2026, 5, 18, tzinfo=UTC)
SPANS = st.builds(lambda a, b: Span(MONDAY + a * MINUTE, MONDAY + (a + b) * MINUTE), st.integers(0, 2000), st.integers(0, 400))


@settings(max_examples=100, deadline=None)
@given(spans=st.lists(SPANS, max_size=12), asked=SPANS)
def test_a_diary_finds_what_a_reading_of_all_of_it_finds(spans: list[Span], asked: Span) -> None:
    taken = [Taken(span, UUID(int=number), frozenset({1})) for number, span in enumerate(spans)]
    assert sorted(Diary(taken).within(asked)) == sorted(one for one in taken if one.during.overlaps(asked))


@settings(max_examples=100, deadline=None)
@given(spans=st.lists(SPANS, max_size=12))
def test_merging_keeps_the_same_time_in_fewer_spans(spans: list[Span]) -> None:
    joined = merged(spans)
    assert all(earlier.end < later.start for earlier, later in pairwise(joined))
    for minute in range(0, 2400, 7):
        at = datetime(2026, 5, 18, tzinfo=UTC) + minute * MINUTE
        assert any(span.start <= at < span.end for span in spans) == any(span.start <= at < span.end for span in joined)


def test_time_around_an_appointment_is_kept_free_too() -> None:
    ten = datetime(2026, 5, 18, 10, tzinfo=UTC)
    careful = shape(60, before=15, after=30)
    assert careful.held(ten) == Span(ten - 15 * MINUTE, ten + 90 * MINUTE)
    diary = Diary([Taken(careful.held(ten), UUID(int=9), frozenset({1}))])
    free = [minutes for minutes in range(-150, 151, 15) if free_at(careful, ANA, ten + minutes * MINUTE, diary)]
    assert (max(m for m in free if m < 0), min(m for m in free if m > 0)) == (-105, 105)


def test_a_class_is_full_when_its_seats_are_and_joined_before() -> None:
    ten, yoga = datetime(2026, 5, 18, 10, tzinfo=UTC), shape(60, capacity=3)
    sitting = sitting_of(yoga, ANA.id, ten)
    two = free_at(yoga, ANA, ten, Diary([Taken(yoga.held(ten), sitting, frozenset({1, 3}))]))
    assert two
    assert (two.seats, two.joins) == ((2,), True)
    assert free_at(yoga, ANA, ten, Diary([Taken(yoga.held(ten), sitting, frozenset({1, 2, 3}))])) is None
    assert free_at(yoga, ANA, ten + 30 * MINUTE, Diary([Taken(yoga.held(ten), sitting, frozenset({1}))])) is None, "another class while this one runs"


def test_days_are_counted_to_the_last() -> None:
    assert list(each_day(date(2026, 2, 27), date(2026, 3, 1))) == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
