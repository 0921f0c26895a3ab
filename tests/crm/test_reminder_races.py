"""A booking that is cancelled in the instant in which its reminder is claimed: said once or not at all, and never both told as cancelled and said."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from crm.bookings.tools.bookings import Changed
from kernel.db import Database
from kernel.keys import show
from tests.approvals.hands import rows
from tests.crm.test_reminders import booked, in_days, moment, rule, service
from tests.factories import Bench, Desk

__all__ = ["moment", "rule"]

HOURS = range(9, 17)
ENDS = "SELECT d.state, d.attempt, b.state FROM delivery d JOIN booking_send s ON s.intent_id = d.intent_id JOIN booking b ON b.id = s.booking_id"


def test_a_booking_cancelled_in_the_instant_of_the_claim(desk: Desk, bench: Bench, rule: UUID, moment: Any, owner_db: Database) -> None:
    of = service(desk)
    made = [booked(desk, in_days(9, hour), {"name": f"Guest {'abcdefgh'[hour - 9]}", "phone": f"+4474001000{hour:02d}"}, of=of) for hour in HOURS]
    moment()

    def cancel(one: Changed) -> None:
        desk.run("cancel_booking", bookingId=show("bkg", one.booking_id))

    with ThreadPoolExecutor(5) as hands:
        drained = hands.submit(bench.drain)
        for done in [hands.submit(cancel, one) for one in made]:
            done.result(60)
        drained.result(60)
    bench.drain()
    ends = rows(owner_db, ENDS)
    assert {booking for _, _, booking in ends} == {"cancelled"}
    assert {(state, attempt) for state, attempt, _ in ends} <= {("sent", 1), ("cancelled", 0)}
    assert sorted(dispatch.intent for dispatch in bench.memory.ledger) == sorted({dispatch.intent for dispatch in bench.memory.ledger})
    assert len(bench.memory.ledger) == sum(state == "sent" for state, _, _ in ends)
