"""Booking: usable at once, each slot had once, and a customer known by e-mail or phone is not made twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import text

from crm.bookings.takings import CustomerBusy, SlotUnavailable
from crm.bookings.tools.bookings import Changed
from crm.bookings.tools.reading import Bookings
from crm.bookings.tools.services import ServiceShown
from crm.bookings.tools.slots import Slots
from kernel import clock
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import show
from tests.factories import Desk

MONDAY = datetime(2026, 5, 18, 8, 0, tzinfo=UTC)
"""10:00 in Paris, where the desk is."""
MIA = {"name": "Mia Park", "email": "mia@example.com", "phone": "+447400123456"}


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    clock.skew(MONDAY - clock.now())
    yield
    clock.skew(timedelta(0))


def haircut(desk: Desk, **more: Any) -> str:
    made = cast("ServiceShown", desk.run("create_service", **{"name": "Haircut", "durationMinutes": 60, "price": "49.00", **more}))
    return show("svc", made.service_id)


def slots(desk: Desk, service: str, day: str = "2026-05-19", **more: Any) -> list[str]:
    return [slot.start.isoformat() for slot in cast("Slots", desk.run("get_available_slots", serviceId=service, date=day, **more)).items]


def book(desk: Desk, service: str, start: str, customer: dict[str, str] | None = None, **more: Any) -> Changed:
    return cast("Changed", desk.run("create_booking", serviceId=service, start=start, customer=customer or MIA, **more))


def test_a_new_service_is_offered_nine_to_six_daily(desk: Desk) -> None:
    service = haircut(desk)
    offered = slots(desk, service)
    assert offered[0] == "2026-05-19T09:00:00+02:00"
    assert offered[-1] == "2026-05-19T17:00:00+02:00"
    assert len(offered) == 17
    assert len(slots(desk, service, "2026-05-24")) == 17, "on a Sunday too"


def test_what_is_over_today_is_not_offered(desk: Desk) -> None:
    assert slots(desk, haircut(desk), "2026-05-18")[0] == "2026-05-18T10:30:00+02:00"


@pytest.mark.parametrize(("day", "said"), [("2026-05-17", "past"), ("2028-05-17", "too far ahead")])
def test_a_date_out_of_reach_is_an_empty_list_with_a_next_step(desk: Desk, day: str, said: str) -> None:
    answer = cast("Slots", desk.run("get_available_slots", serviceId=haircut(desk), date=day))
    assert (answer.items, said in answer.next_step) == ([], True)


def test_a_booked_slot_is_gone_and_what_overlaps_it(desk: Desk) -> None:
    service = haircut(desk)
    booked = book(desk, service, "2026-05-19T10:00:00+02:00")
    assert (booked.status, booked.price, booked.customer_name) == ("pending", "49.00", "Mia Park")
    left = slots(desk, service)
    assert len(left) == 14
    assert not [start for start in left if "09:30" < start[11:16] < "11:00"]


def test_a_taken_slot_is_refused_with_the_next_free_ones(desk: Desk) -> None:
    service = haircut(desk)
    book(desk, service, "2026-05-19T10:00:00+02:00")
    with pytest.raises(SlotUnavailable) as refused:
        book(desk, service, "2026-05-19T10:30:00+02:00", {"name": "Ben", "email": "ben@example.com"})
    assert refused.value.data["nextFree"][:2] == ["2026-05-19T09:00:00+02:00", "2026-05-19T11:00:00+02:00"]


@pytest.mark.parametrize(
    "start",
    ["2026-05-19T08:00:00+02:00", "2026-05-19T10:07:00+02:00", "2026-05-19T17:30:00+02:00", "2026-05-18T09:00:00+02:00", "2031-05-19T10:00:00+02:00"],
)
def test_a_start_that_was_never_offered_is_refused(desk: Desk, start: str) -> None:
    with pytest.raises(SlotUnavailable):
        book(desk, haircut(desk), start)


def test_an_offset_of_another_zone_is_the_same_moment(desk: Desk) -> None:
    assert book(desk, haircut(desk), "2026-05-19T04:00:00-04:00").start.isoformat() == "2026-05-19T10:00:00+02:00"


def test_a_customer_is_matched_by_email_or_phone_and_made_once(desk: Desk, owner_db: Database) -> None:
    service = haircut(desk)
    first = book(desk, service, "2026-05-19T09:00:00+02:00")
    again = book(desk, service, "2026-05-19T11:00:00+02:00", {"name": "M. Park", "email": "MIA@example.com"})
    by_phone = book(desk, service, "2026-05-19T13:00:00+02:00", {"name": "Mia", "phone": "+44 7400 123456"})
    assert first.account_id == again.account_id == by_phone.account_id
    assert again.customer_name == "Mia Park", "what the business knows already stands"
    with owner_db.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM account")) == 1


def test_a_customer_needs_an_address(desk: Desk) -> None:
    with pytest.raises(InvalidArguments):
        book(desk, haircut(desk), "2026-05-19T09:00:00+02:00", {"name": "Mia"})


def test_the_same_customer_may_not_be_at_two_places_at_once(desk: Desk) -> None:
    hair, nails = haircut(desk), haircut(desk, name="Nails", durationMinutes=30)
    first = book(desk, hair, "2026-05-19T10:00:00+02:00")
    with pytest.raises(CustomerBusy) as refused:
        book(desk, nails, "2026-05-19T10:30:00+02:00")
    assert refused.value.data == {"bookingId": show("bkg", first.booking_id)}
    assert book(desk, nails, "2026-05-19T11:00:00+02:00").status == "pending"


def test_the_same_customer_may_where_the_service_says_so(desk: Desk) -> None:
    book(desk, haircut(desk), "2026-05-19T10:00:00+02:00")
    assert book(desk, haircut(desk, name="Tea", mayOverlap=True), "2026-05-19T10:30:00+02:00").status == "pending"


def test_lists_are_chosen_and_paged(desk: Desk) -> None:
    service = haircut(desk)
    for hour in (9, 11, 13):
        book(desk, service, f"2026-05-19T{hour:02}:00:00+02:00")
    page = cast("Bookings", desk.run("list_bookings", limit=2, **{"from": "2026-05-19", "to": "2026-05-19"}))
    rest = cast("Bookings", desk.run("list_bookings", limit=2, cursor=show("bkg", page.next_cursor) if page.next_cursor else ""))
    assert [one.start.hour for one in (*page.items, *rest.items)] == [9, 11, 13]
    assert (page.total, rest.next_cursor) == (3, None)
    assert cast("Bookings", desk.run("list_bookings", status="confirmed")).items == []


def test_a_service_that_is_not_offered_any_more_cannot_be_booked(desk: Desk) -> None:
    service = haircut(desk)
    desk.run("update_service", serviceId=service, isOffered=False)
    with pytest.raises(NotFound):
        slots(desk, service)
    assert cast("Any", desk.run("list_services")).items == []


@pytest.mark.parametrize(
    ("country", "price", "shown"), [("FR", "49", "49.00 EUR"), ("JP", 4900, "4900 JPY"), ("KW", "4.5", "4.500 KWD"), (None, 49.5, "49.50 USD")]
)
def test_the_currency_is_the_countrys(desk: Desk, owner_db: Database, country: str | None, price: Any, shown: str) -> None:
    with owner_db.transaction() as session:
        session.execute(text("UPDATE workspace SET country = :country"), {"country": country})
    made = cast("ServiceShown", desk.run("create_service", name="Cut", durationMinutes=30, price=price))
    assert f"{made.price} {made.currency}" == shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": "-1"},
        {"price": "4,9"},
        {"price": "1e3"},
        {"price": "49.001", "currency": "EUR"},
        {"price": "٤٩"},
        {"price": True},
        {"price": 10**12},
        {"currency": "XXX"},
        {"capacity": 0},
        {"durationMinutes": 0},
        {"durationMinutes": 1441},
        {"name": "Cut\r\nBcc: x"},
        {"name": ""},
        {"bufferAfterMinutes": -5},
        {"lateFeePercent": 101},
        {"resources": [""]},
        {"resources": ["x" * 5000]},
    ],
)
def test_terms_that_cannot_be_are_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArguments):
        haircut(desk, **wrong)
