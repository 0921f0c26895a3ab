"""Fifty who want the same time at the same moment: as many get it as there are seats, and the database holds where the code would not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from crm.bookings import takings
from crm.bookings.tools.bookings import Changed
from crm.bookings.tools.staff import StaffShown
from kernel import clock
from kernel.db import Database
from kernel.errors import Conflict
from kernel.keys import show
from tests.crm.test_bookings import MIA, MONDAY, book, haircut
from tests.factories import Desk

MANY = 50
TEN = "2026-05-19T10:00:00+02:00"


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    clock.skew(MONDAY - clock.now())
    yield
    clock.skew(timedelta(0))


def guest(number: int) -> dict[str, str]:
    return {"name": f"Guest {number}", "email": f"guest{number}@example.com"}


def rush(attempt: Callable[[int], Any]) -> Counter[str]:
    """How fifty calls at once end: `had`, or the code of the refusal."""

    def one(number: int) -> str:
        try:
            attempt(number)
        except Conflict as refused:
            return refused.code
        return "had"

    with ThreadPoolExecutor(MANY) as pool:
        return Counter(pool.map(one, range(MANY)))


def overlapping(owner_db: Database) -> int:
    """Pairs of sittings that share a holder and a moment."""
    pairs = """SELECT count(*) FROM occupancy a JOIN occupancy b ON a.holder_id = b.holder_id AND a.during && b.during
        AND a.sitting_id <> b.sitting_id AND a.booking_id < b.booking_id"""
    with owner_db.transaction() as session:
        return session.scalar(text(pairs)) or 0


def test_of_fifty_at_once_exactly_one_gets_the_slot(desk: Desk, owner_db: Database) -> None:
    service = haircut(desk)
    assert rush(lambda number: book(desk, service, TEN, guest(number))) == {"had": 1, "slot_unavailable": MANY - 1}
    assert overlapping(owner_db) == 0


@pytest.mark.parametrize("capacity", [7])
def test_a_class_lets_in_as_many_as_it_has_seats(desk: Desk, owner_db: Database, capacity: int) -> None:
    service = haircut(desk, name="Yoga", capacity=capacity)
    assert rush(lambda number: book(desk, service, TEN, guest(number))) == {"had": capacity, "slot_unavailable": MANY - capacity}
    with owner_db.transaction() as session:
        assert sorted(session.scalars(text("SELECT seat FROM booking"))) == list(range(1, capacity + 1))


def test_three_of_the_staff_serve_three_of_fifty(desk: Desk, owner_db: Database) -> None:
    service = haircut(desk)
    for name in ("Ana", "Ben", "Cleo"):
        desk.run("create_staff", name=name)
    assert rush(lambda number: book(desk, service, TEN, guest(number)))["had"] == 3
    assert overlapping(owner_db) == 0


def test_starts_that_overlap_halfway_never_both_win(desk: Desk, owner_db: Database) -> None:
    service = haircut(desk)
    starts = ("2026-05-19T10:00:00+02:00", "2026-05-19T10:30:00+02:00", "2026-05-19T11:00:00+02:00")
    assert rush(lambda number: book(desk, service, starts[number % 3], guest(number)))["had"] in (1, 2)
    assert overlapping(owner_db) == 0


def test_one_person_is_not_booked_twice_for_two_services(desk: Desk, owner_db: Database) -> None:
    services = [haircut(desk), haircut(desk, name="Nails", durationMinutes=45)]
    staff = show("stf", cast("StaffShown", desk.run("create_staff", name="Ana")).staff_id)
    assert rush(lambda number: book(desk, services[number % 2], TEN, guest(number), staffId=staff))["had"] == 1
    assert overlapping(owner_db) == 0


def test_one_customer_gets_one_of_many_services_at_once(desk: Desk) -> None:
    services = [haircut(desk, name=f"Service {number}") for number in range(5)]
    assert rush(lambda number: book(desk, services[number % 5], TEN, MIA))["had"] == 1


def test_a_new_customer_who_calls_fifty_times_is_made_once(desk: Desk, owner_db: Database) -> None:
    service = haircut(desk)
    starts = [f"2026-05-{day}T{hour:02}:00:00+02:00" for day in (19, 20, 21, 22, 23, 24) for hour in range(9, 18)]
    assert rush(lambda number: book(desk, service, starts[number], MIA)) == {"had": MANY}
    with owner_db.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM account")) == 1


def test_a_moved_booking_and_a_new_one_do_not_both_get_the_slot(desk: Desk, owner_db: Database) -> None:
    service = haircut(desk)
    moved = show("bkg", book(desk, service, "2026-05-20T10:00:00+02:00", guest(99)).booking_id)

    def either(number: int) -> Changed:
        if number % 10:
            return book(desk, service, TEN, guest(number))
        return cast("Changed", desk.run("reschedule_booking", bookingId=moved, start=TEN))

    rush(either)
    with owner_db.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM booking WHERE starts_at = :ten"), {"ten": TEN}) == 1
    assert overlapping(owner_db) == 0


def test_without_the_locks_the_constraint_still_lets_one_in(desk: Desk, owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: nobody waits for anybody, and each sees the slot as free."""
    monkeypatch.setattr(takings, "LOCK", "SELECT %s::uuid[]")
    service = haircut(desk)

    def attempt(number: int) -> None:
        book(desk, service, TEN, guest(number))

    with ThreadPoolExecutor(8) as pool:
        ended = [done.exception() for done in [pool.submit(attempt, number) for number in range(8)]]
    assert ended.count(None) == 1
    assert overlapping(owner_db) == 0


COPY = "INSERT INTO booking SELECT (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid()))).* FROM booking b RETURNING id"
HOLD = """
INSERT INTO occupancy SELECT workspace_id, :copy, holder_id, holder, :copy, seat, during FROM occupancy WHERE holder = :holder
"""


class GivenUp(Exception):
    """So that nothing of it stays."""


def take_twice(owner_db: Database, holder: str, without: str = "") -> None:
    """Write the one booking that there is again, as somebody who sees no slots and no locks would; then give it all up."""
    with owner_db.transaction() as session:
        if without:
            session.execute(text(f"ALTER TABLE occupancy DROP CONSTRAINT {without}"))
        made = session.scalar(text(COPY))
        session.execute(text(HOLD), {"copy": made, "holder": holder})
        raise GivenUp


@pytest.mark.parametrize(("holder", "constraint"), [("server", "no_double_booking"), ("customer", "no_customer_twice")])
def test_what_the_code_would_not_write_the_database_refuses(desk: Desk, owner_db: Database, holder: str, constraint: str) -> None:
    book(desk, haircut(desk), TEN)
    with pytest.raises(IntegrityError, match=constraint):
        take_twice(owner_db, holder)
    with pytest.raises(GivenUp):  # the negative control: without the constraint nothing stands in the way
        take_twice(owner_db, holder, without=constraint)
