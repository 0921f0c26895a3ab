"""Quiet hours: the truth table over clocks, and that whatever waits leaves awake."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from approvals.policies.quiet_hours import Settings, _is_quiet, awake, judge
from tests.approvals.policies.sample import like

NIGHT = Settings(begins=time(21), ends=time(8))
LUNCH = Settings(begins=time(12), ends=time(13, 30))


def at(moment: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("settings", "moment", "zones", "until"),
    [
        (Settings(), "2026-06-01T23:00", ("UTC",), "2026-06-01T23:00"),
        (NIGHT, "2026-06-01T20:59", ("UTC",), "2026-06-01T20:59"),
        (NIGHT, "2026-06-01T21:00", ("UTC",), "2026-06-02T08:00"),
        (NIGHT, "2026-06-02T07:59", ("UTC",), "2026-06-02T08:00"),
        (NIGHT, "2026-06-02T08:00", ("UTC",), "2026-06-02T08:00"),
        (NIGHT, "2026-06-01T19:30", ("Europe/Paris",), "2026-06-02T06:00"),
        (NIGHT, "2026-06-01T19:30", ("Europe/London",), "2026-06-01T19:30"),
        (NIGHT, "2026-06-01T19:30", ("Europe/London", "Europe/Paris"), "2026-06-02T07:00"),
        (LUNCH, "2026-06-01T12:00", ("UTC",), "2026-06-01T13:30"),
        (LUNCH, "2026-06-01T13:30", ("UTC",), "2026-06-01T13:30"),
        (NIGHT, "2026-10-25T00:30", ("Europe/Paris",), "2026-10-25T07:00"),
        (NIGHT, "2026-03-29T00:30", ("Europe/Paris",), "2026-03-29T06:00"),
    ],
)
def test_the_truth_table_of_quiet_hours(settings: Settings, moment: str, zones: tuple[str, ...], until: str) -> None:
    assert awake(at(moment), zones, settings) == at(until)
    verdict = judge(like(leaves_at=at(moment), zones=zones), settings)
    assert verdict.not_before == (None if moment == until else at(until))
    assert (verdict.is_refused, verdict.people, verdict.in_person) == (False, 1, False)


def test_where_somebody_always_sleeps_it_waits_for_the_last_who_sleeps_now() -> None:
    long = Settings(begins=time(13), ends=time(12))
    zones = ("UTC", "Pacific/Auckland")
    assert awake(at("2026-06-01T14:00"), zones, long) > at("2026-06-01T14:00")


clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants them naive


@given(clocks, clocks, moments, st.sampled_from(["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]))
def test_whatever_waits_leaves_later_awake_and_within_a_day(begins: time, ends: time, moment: datetime, zone: str) -> None:
    if begins == ends:
        return
    settings = Settings(begins=begins, ends=ends)
    until = awake(moment, [zone], settings)
    assert moment <= until <= moment + timedelta(hours=26)
    assert not _is_quiet(until.astimezone(ZoneInfo(zone)).time(), begins, ends)


@pytest.mark.parametrize("half", [{"begins": "21:00"}, {"ends": "08:00"}, {"begins": "08:00", "ends": "08:00"}, {"begins": "21:00:05", "ends": "08:00"}])
def test_half_of_quiet_hours_is_refused(half: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="quiet hours"):
        Settings.model_validate(half)
