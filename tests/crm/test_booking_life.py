"""The life of a booking: which move follows which, what a late cancel costs, and that messages about it die with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any, cast, get_args

import pytest
from sqlalchemy import text

from crm.bookings.life import MOVES, NotStarted, State, WrongState, cancel_by, check_move, late_fee
from crm.bookings.takings import SlotUnavailable
from crm.bookings.tools.bookings import CancelsLate, Changed
from crm.bookings.tools.reading import BookingDetail, BookingStats
from kernel import clock
from kernel.arguments import validated
from kernel.call import Call, Caller
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound, ScopeMissing
from kernel.keys import show
from kernel.operation import find
from outbox.dispatch import Dispatch, Later, Outcome
from outbox.retirement import forget
from tests.approvals.crowds import due
from tests.crm.test_bookings import MIA, MONDAY, book, haircut, slots
from tests.factories import Bench, Desk
from tests.outbox.test_forgetting import age

TEN = "2026-05-19T10:00:00+02:00"
STATES: tuple[State, ...] = get_args(State)
HOUR = timedelta(hours=1)


def travel(to_hours: float) -> None:
    """So many hours after Monday 10:00 in Paris; the booking at TEN begins 24 hours after."""
    clock.skew(timedelta(0))
    clock.skew(MONDAY + to_hours * HOUR - clock.now())


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    travel(0)
    yield
    clock.skew(timedelta(0))


def booked(desk: Desk, **terms: Any) -> str:
    return show("bkg", book(desk, haircut(desk, **{"cancelHours": 2, **terms}), TEN).booking_id)


def do(desk: Desk, tool: str, booking: str, **more: Any) -> Changed:
    return cast("Changed", desk.run(tool, bookingId=booking, **more))


def detail(desk: Desk, booking: str) -> BookingDetail:
    return cast("BookingDetail", desk.run("get_booking_detail", bookingId=booking))


@pytest.mark.parametrize(("old", "new"), list(product(STATES, STATES)))
def test_a_booking_moves_only_as_the_table_says(old: State, new: State) -> None:
    allowed = {("pending", "confirmed"), ("pending", "cancelled"), ("confirmed", "completed"), ("confirmed", "cancelled"), ("confirmed", "no_show")}
    assert {(one, other) for one in STATES for other in MOVES[one]} == allowed
    if (old, new) in allowed:
        check_move(old, new, MONDAY, MONDAY)
    else:
        with pytest.raises(WrongState):
            check_move(old, new, MONDAY, MONDAY)


@pytest.mark.parametrize("new", ["completed", "no_show"])
def test_nobody_was_served_or_missing_before_it_began(new: State) -> None:
    with pytest.raises(NotStarted):
        check_move("confirmed", new, MONDAY, MONDAY - timedelta(seconds=1))


def test_deadline_and_fee_follow_the_services_terms() -> None:
    assert cancel_by(MONDAY, 24) == MONDAY - 24 * HOUR
    assert (late_fee(4900, 50), late_fee(4999, 50), late_fee(4900, 0), late_fee(1, 99)) == (2450, 2499, 0, 0)


def test_a_booking_is_confirmed_and_completed_with_an_event_each(desk: Desk, owner_db: Database) -> None:
    booking = booked(desk)
    assert do(desk, "confirm_booking", booking).status == "confirmed"
    assert do(desk, "confirm_booking", booking).status == "confirmed"
    travel(25)
    assert do(desk, "complete_booking", booking).status == "completed"
    with owner_db.transaction() as session:
        told = session.scalars(text("SELECT type FROM event WHERE subject = :it ORDER BY at, id"), {"it": booking}).all()
    assert told == ["booking.created", "booking.confirmed", "booking.completed"], "the second confirmation said nothing"
    assert [deed.what for deed in detail(desk, booking).history] == told


def test_a_no_show_is_marked_and_counted(desk: Desk) -> None:
    booking = booked(desk)
    do(desk, "confirm_booking", booking)
    with pytest.raises(NotStarted):
        do(desk, "mark_no_show", booking)
    travel(25)
    assert do(desk, "mark_no_show", booking).status == "no_show"
    stats = cast("BookingStats", desk.run("get_booking_stats"))
    assert (stats.no_show, stats.total, stats.worth[0].expected) == (1, 1, "0.00")


def test_an_early_cancel_is_free_and_frees_the_time(desk: Desk) -> None:
    service = haircut(desk, cancelHours=12, lateFeePercent=50)
    booking = show("bkg", book(desk, service, TEN).booking_id)
    assert TEN not in slots(desk, service)
    cancelled = do(desk, "cancel_booking", booking, reason="ill")
    assert (cancelled.status, cancelled.cancelled_late) == ("cancelled", False)
    assert TEN in slots(desk, service)
    assert detail(desk, booking).cancel_reason == "ill"
    assert do(desk, "cancel_booking", booking).status == "cancelled", "again is the same"


def test_a_late_cancel_needs_a_word_and_is_remembered(desk: Desk) -> None:
    booking = booked(desk, cancelHours=12, lateFeePercent=50)
    travel(12.5)
    with pytest.raises(CancelsLate) as refused:
        do(desk, "cancel_booking", booking)
    assert refused.value.data == {"cancelBy": "2026-05-18T22:00:00+02:00", "lateCancelFee": "24.50", "currency": "USD"}
    assert detail(desk, booking).status == "pending"
    cancelled = do(desk, "cancel_booking", booking, confirm=True)
    assert (cancelled.cancelled_late, cancelled.late_cancel_fee) == (True, "24.50")
    assert cast("BookingStats", desk.run("get_booking_stats")).cancelled_late == 1


def test_terms_that_change_later_leave_the_booking_its_own(desk: Desk) -> None:
    service = haircut(desk, lateFeePercent=50)
    booking = show("bkg", book(desk, service, TEN).booking_id)
    desk.run("update_service", serviceId=service, price="99.00", cancelHours=48, lateFeePercent=100)
    kept = detail(desk, booking)
    assert (kept.price, kept.late_cancel_fee, kept.cancel_by.isoformat()) == ("49.00", "24.50", "2026-05-18T10:00:00+02:00")


def test_a_booking_moves_to_a_free_slot_even_one_that_overlaps_its_own(desk: Desk) -> None:
    service = haircut(desk)
    booking = show("bkg", book(desk, service, TEN).booking_id)
    moved = do(desk, "reschedule_booking", booking, start="2026-05-19T10:30:00+02:00")
    assert moved.start.isoformat() == "2026-05-19T10:30:00+02:00"
    assert moved.cancel_by.isoformat() == "2026-05-18T10:30:00+02:00"
    book(desk, service, "2026-05-19T09:30:00+02:00", {"name": "Ben", "email": "ben@example.com"})
    with pytest.raises(SlotUnavailable):
        do(desk, "reschedule_booking", booking, start="2026-05-19T09:00:00+02:00")
    assert detail(desk, booking).start == moved.start, "a refused move leaves it where it was"


def test_what_is_over_is_not_moved(desk: Desk) -> None:
    booking = booked(desk)
    do(desk, "cancel_booking", booking)
    with pytest.raises(WrongState):
        do(desk, "reschedule_booking", booking, start="2026-05-20T10:00:00+02:00")


def test_a_message_about_it_waits_for_a_person_and_dies_with_it(desk: Desk) -> None:
    booking = booked(desk)
    confirmed = do(desk, "confirm_booking", booking, notify="sms")
    assert confirmed.approval_id
    assert [send.state for send in detail(desk, booking).sends] == ["held"]
    cancelled = do(desk, "cancel_booking", booking, confirm=True)
    assert cancelled.cancelled_sends == 1
    assert [send.state for send in detail(desk, booking).sends] == ["cancelled"]
    assert cast("Any", desk.run("list_pending_approvals")).items == [], "nobody is asked about it any more"


def test_an_approved_message_that_has_not_left_is_dropped_by_a_move(desk: Desk) -> None:
    clock.skew(timedelta(0))  # a decision goes by the database's clock, which nothing here bends
    service = haircut(desk)
    first, second = (slots(desk, service, f"{clock.now() + days * 24 * HOUR:%Y-%m-%d}")[0] for days in (2, 3))
    booking = show("bkg", book(desk, service, first).booking_id)
    confirmed = do(desk, "confirm_booking", booking, notify="email")
    pending = cast("Any", desk.run("get_approval", approvalId=show("apr", confirmed.approval_id))) if confirmed.approval_id else None
    assert pending
    desk.decide(pending)
    assert [send.state for send in detail(desk, booking).sends] == ["ready"]
    moved = do(desk, "reschedule_booking", booking, start=second, notify="email")
    assert moved.cancelled_sends == 1
    assert sorted(send.state for send in detail(desk, booking).sends) == ["cancelled", "held"]


def test_a_message_that_was_on_its_way_when_the_booking_was_cancelled_is_not_tried_again(desk: Desk, bench: Bench, owner_db: Database) -> None:
    clock.skew(timedelta(0))
    service = haircut(desk)
    start = slots(desk, service, f"{clock.now() + 48 * HOUR:%Y-%m-%d}")[0]
    booking = show("bkg", book(desk, service, start).booking_id)
    confirmed = do(desk, "confirm_booking", booking, notify="sms")
    assert confirmed.approval_id
    desk.decide(cast("Any", desk.run("get_approval", approvalId=show("apr", confirmed.approval_id))))

    def cancelling(_dispatch: Dispatch) -> Outcome:
        assert do(desk, "cancel_booking", booking).cancelled_sends == 0
        return Later("It is busy.")

    bench.memory.tell(cancelling)
    bench.drain()
    due(owner_db)
    bench.drain()
    (send,) = detail(desk, booking).sends
    assert (send.state, len(bench.memory.ledger)) == ("cancelled", 1)


def test_what_was_said_is_forgotten_with_the_send_and_the_booking_stays(desk: Desk, bench: Bench, owner_db: Database) -> None:
    booking = booked(desk)
    do(desk, "confirm_booking", booking, notify="sms")
    do(desk, "cancel_booking", booking)
    age(owner_db, bench, [send.intent_id for send in detail(desk, booking).sends])
    with owner_db.line() as line:
        assert forget(line, 400) == 1
    assert detail(desk, booking).sends == []


def test_without_a_cancel_the_message_stays(desk: Desk) -> None:
    """The negative control: what is not cancelled or moved keeps its message."""
    booking = booked(desk)
    do(desk, "confirm_booking", booking, notify="sms")
    travel(25)
    do(desk, "complete_booking", booking)
    assert [send.state for send in detail(desk, booking).sends] == ["held"]


def test_the_message_says_what_when_and_who_in_local_time(desk: Desk, owner_db: Database) -> None:
    do(desk, "confirm_booking", booked(desk), notify="sms")
    with owner_db.transaction() as session:
        frozen = session.scalar(text("SELECT snapshot FROM content WHERE NOT sealed"))
    body = json.loads(frozen)["content"]["body"]
    assert body == "Hello Mia Park, your booking is confirmed: Haircut on Tuesday 19 May 2026, 10:00.\nStudio Ola"


def test_words_in_braces_stay_words(desk: Desk, owner_db: Database) -> None:
    booking = show("bkg", book(desk, haircut(desk, name="{customer} %s"), TEN, {"name": "{{7*7}}", "phone": "+447400123456"}).booking_id)
    do(desk, "confirm_booking", booking, notify="sms")
    with owner_db.transaction() as session:
        frozen = session.scalar(text("SELECT snapshot FROM content WHERE NOT sealed"))
    assert json.loads(frozen)["content"]["body"].startswith("Hello {{7*7}}, your booking is confirmed: {customer} %s on Tuesday")


def test_a_customer_who_cannot_be_reached_there_changes_nothing(desk: Desk) -> None:
    booking = show("bkg", book(desk, haircut(desk), TEN, {"name": "Ben", "email": "ben@example.com"}).booking_id)
    with pytest.raises(InvalidArguments):
        do(desk, "confirm_booking", booking, notify="sms")
    assert detail(desk, booking).status == "pending"


def test_a_key_that_may_not_ask_for_messages_cannot_by_a_booking(desk: Desk) -> None:
    booking = booked(desk)
    with pytest.raises(ScopeMissing):
        run_with(desk, ("bookings",), "confirm_booking", bookingId=booking, notify="sms")
    assert detail(desk, booking).status == "pending"


def run_with(desk: Desk, scopes: tuple[str, ...], name: str, **arguments: Any) -> None:
    """Run an operation with a key of these scopes."""
    operation = find(name)
    assert operation
    agent = Caller("agent", desk.founded.key.id, "narrow", frozenset(scopes))
    with desk.database.transaction(desk.founded.workspace) as session:
        operation.run(Call(session, agent, desk.founded.workspace, clock.now(), desk.settings), validated(operation, arguments))


@pytest.mark.parametrize("tool", ["confirm_booking", "cancel_booking", "complete_booking", "mark_no_show", "get_booking_detail"])
def test_what_is_not_here_is_not_found(desk: Desk, tool: str) -> None:
    with pytest.raises(NotFound):
        desk.run(tool, bookingId="bkg_" + "0" * 32)


def test_mia_may_book_again_once_her_booking_is_cancelled(desk: Desk) -> None:
    service = haircut(desk, cancelHours=2)
    do(desk, "cancel_booking", show("bkg", book(desk, service, TEN).booking_id))
    assert book(desk, service, TEN, MIA).status == "pending"
