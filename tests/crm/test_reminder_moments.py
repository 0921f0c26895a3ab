"""When a reminder is due where a clock is set back, and for a booking that comes back to where it was."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from kernel.db import Database
from kernel.keys import show
from tests.approvals.hands import rows
from tests.crm.test_reminders import about, booked, in_days, moment, rule
from tests.factories import Bench, Desk

__all__ = ["moment", "rule"]

TWICE = [("Europe/Paris", "2026-10-25T00:30Z"), ("America/New_York", "2026-11-01T05:30Z")]


@pytest.mark.parametrize("later", [timedelta(), timedelta(hours=1)])
@pytest.mark.parametrize(("zone", "first"), TWICE)
def test_less_than_a_day_is_time_that_passes_also_in_an_hour_that_happens_twice(owner_db: Database, zone: str, first: str, later: timedelta) -> None:
    at = datetime.fromisoformat(first) + later
    for event, side in (("booking_start", -1), ("booking_confirmed", 1), ("booking_completed", 1)):
        for minutes in (0, 30, 60, 1439):
            ((due,),) = rows(owner_db, "SELECT reminder_due(:event, :minutes, :at, :zone)", event=event, minutes=minutes, at=at, zone=zone)
            assert due == at + side * timedelta(minutes=minutes), (event, minutes)


def test_a_booking_that_comes_back_to_where_it_was_is_spoken_of_if_it_was_not_yet(desk: Desk, bench: Bench, rule: UUID, moment: Any) -> None:
    booking = booked(desk, in_days(9))
    name = show("bkg", booking.booking_id)
    moment()
    assert about(desk, booking) == [("asked", None)]
    for start in (in_days(11), in_days(9)):
        desk.run("reschedule_booking", bookingId=name, start=start)
    bench.drain()
    assert [state for state, _ in about(desk, booking)] == ["planned", "cancelled"]
    moment()
    bench.drain()
    (sent,) = bench.memory.ledger
    assert "at 10:00" in sent.content.frozen()["body"]


def test_a_booking_that_comes_back_is_not_spoken_of_twice(desk: Desk, bench: Bench, rule: UUID, moment: Any) -> None:
    booking = booked(desk, in_days(9))
    moment()
    bench.drain()
    for start in (in_days(11), in_days(9)):
        desk.run("reschedule_booking", bookingId=show("bkg", booking.booking_id), start=start)
    moment(ticks=2)
    bench.drain()
    assert len(bench.memory.ledger) == 1
