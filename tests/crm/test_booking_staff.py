"""Staff, schedules and resources: whose slots they are, when they are there, and what only one booking may use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import text

from approvals.people import Rank
from crm.bookings.takings import SlotUnavailable
from crm.bookings.tools.slots import Slots
from crm.bookings.tools.staff import ScheduleShown, StaffList, StaffShown
from kernel import clock
from kernel.db import Database
from kernel.errors import Conflict, InvalidArguments, NotFound
from kernel.keys import show
from tests.crm.test_bookings import MONDAY, book, haircut, slots
from tests.factories import Desk
from tests.portal.guest import joined

TEN = "2026-05-19T10:00:00+02:00"
BEN = {"name": "Ben", "email": "ben@example.com"}
WEEKDAYS = {"days": ["mon", "tue", "wed", "thu", "fri"], "opens": "10:00", "closes": "12:00"}


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    clock.skew(MONDAY - clock.now())
    yield
    clock.skew(timedelta(0))


def hire(desk: Desk, name: str = "Ana", **more: Any) -> str:
    return show("stf", cast("StaffShown", desk.run("create_staff", name=name, **more)).staff_id)


def test_from_the_first_of_the_staff_on_slots_are_theirs(desk: Desk) -> None:
    service = haircut(desk)
    ana, ben = hire(desk), hire(desk, "Ben")
    first = cast("Slots", desk.run("get_available_slots", serviceId=service, date="2026-05-19")).items[0]
    assert ([one.name for one in first.staff], first.seats_left) == (["Ana", "Ben"], 2)
    assert book(desk, service, TEN, staffId=ana).staff_name == "Ana"
    assert TEN in slots(desk, service)
    assert TEN not in slots(desk, service, staffId=ana)
    assert book(desk, service, TEN, BEN).staff_name == "Ben", "whoever is free"
    assert TEN not in slots(desk, service, staffId=ben)


def test_what_was_booked_before_there_was_staff_is_in_the_way_of_them(desk: Desk) -> None:
    service = haircut(desk)
    book(desk, service, TEN)
    hire(desk)
    assert TEN not in slots(desk, service)


def test_who_does_only_some_services_is_not_offered_for_others(desk: Desk) -> None:
    hair, nails = haircut(desk), haircut(desk, name="Nails")
    ana = hire(desk, serviceIds=[nails])
    with pytest.raises(NotFound):
        slots(desk, hair, staffId=ana)
    assert slots(desk, nails, staffId=ana)
    assert slots(desk, hair), "nobody does it, so it is still the business's own"
    desk.run("update_staff", staffId=ana, serviceIds=[])
    assert slots(desk, hair, staffId=ana)


def test_who_has_left_takes_no_more_bookings(desk: Desk) -> None:
    service, ana = haircut(desk), hire(desk)
    desk.run("update_staff", staffId=ana, isActive=False)
    with pytest.raises(NotFound):
        slots(desk, service, staffId=ana)


def test_hours_of_the_business_hold_for_whoever_has_none_of_their_own(desk: Desk) -> None:
    service = haircut(desk)
    ana = hire(desk)
    desk.run("set_schedule", hours=[WEEKDAYS])
    assert [start[11:16] for start in slots(desk, service)] == ["10:00", "10:30", "11:00"]
    assert slots(desk, service, "2026-05-23") == [], "closed on Saturday"
    shown = cast("ScheduleShown", desk.run("set_schedule", staffId=ana, hours=[{"days": ["sat"], "opens": "14:00", "closes": "24:00"}]))
    assert [(one.day, one.opens, one.closes) for one in shown.hours or []] == [("sat", "14:00", "24:00")]
    assert slots(desk, service) == []
    assert slots(desk, service, "2026-05-23")[-1][11:16] == "23:00"


def test_days_off_close_the_business_or_one_person(desk: Desk) -> None:
    service, ana = haircut(desk), hire(desk)
    hire(desk, "Ben")
    desk.run("set_schedule", staffId=ana, daysOff=[{"from": "2026-05-19", "to": "2026-05-20", "reason": "course"}])
    assert slots(desk, service, staffId=ana) == []
    assert len(slots(desk, service)) == 17
    desk.run("set_schedule", daysOff=[{"from": "2026-05-19", "reason": "holiday"}])
    assert slots(desk, service) == []
    assert slots(desk, service, "2026-05-20"), "Ben is there"
    listed = cast("StaffList", desk.run("list_staff"))
    assert listed.business_days_off == [{"from": "2026-05-19", "to": "2026-05-19", "reason": "holiday"}]
    assert [len(one.days_off) for one in listed.items] == [1, 0]
    assert listed.business_hours[0].opens == "09:00", "days off leave the hours as they were"


def test_closed_days_say_when_the_next_free_start_is(desk: Desk) -> None:
    service = haircut(desk)
    desk.run("set_schedule", hours=[WEEKDAYS])
    answer = cast("Slots", desk.run("get_available_slots", serviceId=service, date="2026-05-23"))
    assert (answer.items, "2026-05-25T10:00:00+02:00" in answer.next_step) == ([], True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": [WEEKDAYS, {"days": ["tue"], "opens": "11:30", "closes": "13:00"}]},
        {"hours": [{"days": ["mon"], "opens": "18:00", "closes": "09:00"}]},
        {"hours": [{"days": ["mon"], "opens": "09:00", "closes": "09:00"}]},
        {"hours": [{"days": ["mon"], "opens": "9", "closes": "18:00"}]},
        {"hours": [{"days": ["mon"], "opens": "09:00", "closes": "24:30"}]},
        {"hours": [{"days": ["mon"], "opens": "\u0660\u0669:\u0660\u0660", "closes": "18:00"}]},
        {"hours": [{"days": ["funday"], "opens": "09:00", "closes": "18:00"}]},
        {"daysOff": [{"from": "2026-05-20", "to": "2026-05-19"}]},
        {"daysOff": [{"from": "2026-13-01"}]},
    ],
)
def test_hours_that_cannot_be_are_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArguments):
        desk.run("set_schedule", **wrong)


def test_two_services_that_need_one_room_wait_for_each_other(desk: Desk) -> None:
    massage, sauna = haircut(desk, name="Massage", resources=["Room 1"]), haircut(desk, name="Sauna", resources=["Room 1", "Towels"])
    other = haircut(desk, name="Nails", resources=["Desk"])
    book(desk, massage, TEN)
    with pytest.raises(SlotUnavailable):
        book(desk, sauna, TEN, BEN)
    assert TEN in slots(desk, other)
    desk.run("update_service", serviceId=sauna, resources=["Towels"])
    assert TEN in slots(desk, sauna), "the negative control: without the room it is free"


def test_notice_and_horizon_bound_what_is_offered(desk: Desk) -> None:
    service = haircut(desk, noticeMinutes=24 * 60, daysAhead=2)
    assert slots(desk, service, "2026-05-19")[0] == "2026-05-19T10:30:00+02:00"
    assert slots(desk, service, "2026-05-20")[-1] == "2026-05-20T10:00:00+02:00"
    with pytest.raises(SlotUnavailable):
        book(desk, service, "2026-05-19T09:00:00+02:00")


def test_starts_lie_as_far_apart_as_the_service_says(desk: Desk) -> None:
    assert [start[11:16] for start in slots(desk, haircut(desk, stepMinutes=240))] == ["09:00", "13:00", "17:00"]
    assert len(slots(desk, haircut(desk, durationMinutes=15))) == 36


def test_buffers_keep_time_around_a_booking_free(desk: Desk) -> None:
    service = haircut(desk, durationMinutes=30, bufferBeforeMinutes=10, bufferAfterMinutes=20)
    book(desk, service, TEN)
    left = [start[11:16] for start in slots(desk, service)]
    assert left[:3] == ["09:00", "11:00", "11:30"]


def test_a_month_with_ten_thousand_bookings_is_looked_through_quickly(desk: Desk, owner_db: Database) -> None:
    service, ana = haircut(desk), hire(desk)
    book(desk, service, TEN, staffId=ana)
    many = """
        WITH made AS (INSERT INTO booking SELECT (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), 'account_id', b.account_id,
            'starts_at', b.starts_at + n * interval '1 hour', 'ends_at', b.ends_at + n * interval '1 hour', 'notes', n::text))).*
            FROM booking b, generate_series(1, 10000) n RETURNING id, workspace_id, staff_id, starts_at, ends_at)
        INSERT INTO occupancy SELECT workspace_id, id, staff_id, 'server', id, 1, tstzrange(starts_at, ends_at) FROM made"""
    with owner_db.transaction() as session:
        session.execute(text(many))
    month = {"serviceId": service, "date": "2026-06-01", "days": 30, "staffId": ana}
    took = []
    for _ in range(5):
        began = clock.monotonic()
        assert cast("Slots", desk.run("get_available_slots", **month)).items == [], "every hour is taken"
        took.append(clock.monotonic() - began)
    print(f"a month among 10,000 bookings: {sorted(took)[2] * 1000:.0f} ms")


def test_somebody_of_the_staff_is_one_of_the_team_and_one_alone(desk: Desk, owner_db: Database) -> None:
    sam = show("per", joined(desk, owner_db, "Sam", Rank.STAFF))
    hire(desk, "Ana", userId=sam)
    ben = hire(desk, "Ben")
    with pytest.raises(Conflict):
        desk.run("update_staff", staffId=ben, userId=sam)
    with pytest.raises(NotFound):
        desk.run("update_staff", staffId=ben, userId="per_" + "0" * 32)
    desk.run("update_staff", staffId=ben, userId=show("per", desk.founded.owner))
    listed = cast("StaffList", desk.run("list_staff"))
    assert [show("per", one.user_id) if one.user_id else None for one in listed.items] == [sam, show("per", desk.founded.owner)]
