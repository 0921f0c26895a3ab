"""Stripe's payments: once each, and what is no payment is ignored with a reason instead of tried for ever."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from kernel.db import Database
from kernel.keys import show
from kernel.money import as_decimal
from outbox.dispatch import ObjectEvent
from outbox.inbox import store
from tests.factories import Desk
from workers.receive import Receiver


def event(desk: Desk, number: int = 1, **changed: Any) -> ObjectEvent:
    metadata = {"sayso_workspace": show("org", desk.founded.workspace)}
    paid = {"id": "pi_1", "amount_received": 4500, "currency": "eur", "metadata": metadata, **changed}
    return ObjectEvent(f"evt_{number}", "payment_intent.succeeded", {"id": f"evt_{number}", "created": 1_780_000_000, "data": {"object": paid}})


def receive(desk: Desk, worker_db: Database, *events: ObjectEvent) -> list[tuple[str, str]]:
    with desk.database.transaction() as session:
        for one in events:
            store(session, "stripe", one)
    Receiver(desk.settings, worker_db).receive()
    with worker_db.transaction() as session:
        return [(row.state, row.reason) for row in session.execute(text("SELECT state, reason FROM inbox ORDER BY key"))]


def payments(worker_db: Database) -> int:
    with worker_db.transaction() as session:
        return session.scalar(text("SELECT count(*) FROM payment")) or 0


def test_one_payment_is_recorded_once_whatever_its_events(desk: Desk, worker_db: Database) -> None:
    assert receive(desk, worker_db, event(desk), event(desk), event(desk, 2)) == [("done", ""), ("done", "")]
    assert payments(worker_db) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"amount_received": 1.5},
        {"amount_received": -1},
        {"amount_received": 10**30},
        {"currency": "euro"},
        {"id": 7},
        {"id": ""},
        {"metadata": {}},
        {"metadata": {"sayso_workspace": "org_" + "0" * 32}},
    ],
)
def test_what_is_no_payment_of_ours_is_ignored_with_a_reason(desk: Desk, worker_db: Database, changed: dict[str, Any]) -> None:
    ((state, reason),) = receive(desk, worker_db, event(desk, **changed))
    assert (state, bool(reason)) == ("ignored", True)
    assert payments(worker_db) == 0


@pytest.mark.parametrize(
    ("minor", "currency", "shown"), [(4500, "EUR", "45.00"), (5, "USD", "0.05"), (500, "JPY", "500"), (1234, "KWD", "1.234"), (0, "EUR", "0.00")]
)
def test_minor_units_are_shown_by_their_currency(minor: int, currency: str, shown: str) -> None:
    assert as_decimal(minor, currency) == shown
