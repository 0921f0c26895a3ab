"""References of calls: what a worker signed is read by any other, however far its clock was ahead within a day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from kernel import clock
from kernel.db import Database, raw
from kernel.keys import new_id
from kernel.seal import sign, verify
from outbox.dispatch import Accepted, Dispatch, StatusEvent
from outbox.references import attempt_of, reference_to
from outbox.store import reconcile
from tests.factories import Bench, Desk

SECRETS = [b"a secret of more than thirty-two characters"]


@contextmanager
def ahead(offset: timedelta) -> Iterator[None]:
    clock.skew(offset)
    try:
        yield
    finally:
        clock.skew(timedelta(0))


def test_a_callback_counts_when_the_worker_that_called_was_a_day_ahead(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    seen: list[str] = []

    def perform(dispatch: Dispatch) -> Accepted:
        seen.append(dispatch.reference)
        return Accepted("ref")

    bench.memory.perform = perform
    with ahead(timedelta(hours=23, minutes=59)):
        bench.drain()
    with bench.database.transaction() as session:
        called = attempt_of(desk.settings.secrets, seen[0])
        assert called == (pending.intent_ids[0], 1)
        assert reconcile(raw(session), StatusEvent("k", "delivered", seen[0], "ref"), called)
    assert desk.send(pending).state == "delivered"


@pytest.mark.parametrize(
    ("offset", "is_read"), [(timedelta(hours=25), False), (timedelta(hours=23), True), (-timedelta(days=89), True), (-timedelta(days=91), False)]
)
def test_a_reference_is_read_within_its_time_by_our_own_clock(offset: timedelta, is_read: bool) -> None:
    intent = new_id()
    with ahead(offset):
        reference = reference_to(SECRETS, intent, 2)
    assert attempt_of(SECRETS, reference) == ((intent, 2) if is_read else None)


@pytest.mark.parametrize(("offset", "is_good"), [(4, True), (6, False), (-59, True), (-61, False)])
def test_a_form_is_good_for_its_time_and_for_clocks_that_differ_by_minutes(offset: int, is_good: bool) -> None:
    with ahead(timedelta(minutes=offset)):
        signed = sign(SECRETS, "form", "value")
    assert verify(SECRETS, "form", signed, 3600) == ("value" if is_good else None)
    assert verify(SECRETS, "another purpose", signed, 3600) is None
    assert verify([b"another secret of thirty-two characters"], "form", signed, 3600) is None
