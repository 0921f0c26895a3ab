"""`sayso seed` fills a salon with a believable month, the same for the same number, and never among real customers unasked."""

from __future__ import annotations

import re
from time import thread_time
from typing import Any

import pytest
from sqlalchemy import text

from crm.access.setup import found
from kernel import clock
from kernel.db import Database
from processes.seed import BOOKINGS, CUSTOMERS, Dice, HasCustomers, Salon, fill
from tests.factories import Desk

MOST_SECONDS = 15
"""Of the thread's own work, for a machine may be busy with something else; alone the whole takes less than 20."""
TOLD = """SELECT b.starts_at, b.state, a.email, s.name FROM booking b JOIN account a ON a.id = b.account_id
    JOIN service s ON s.id = b.service_id WHERE b.workspace_id = :w"""
FEW = 8
STORY = re.compile(r"\+120155501\d\d")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A month with little in it."""
    monkeypatch.setattr("processes.seed.CUSTOMERS", FEW)
    monkeypatch.setattr("processes.seed.BOOKINGS", 2 * FEW)


def salon(desk: Desk, seed: int = 1) -> Salon:
    return Salon(desk.database, desk.settings, desk.founded.workspace, clock.now().replace(hour=11, minute=30), Dice(seed))


def told(owner_db: Database, desk: Desk) -> list[Any]:
    with owner_db.transaction() as session:
        return sorted(tuple(row) for row in session.execute(text(TOLD), {"w": desk.founded.workspace}))


def test_seed_makes_a_believable_month(desk: Desk, owner_db: Database) -> None:
    began, worked = clock.monotonic(), thread_time()
    made = fill(salon(desk))
    took, worked = clock.monotonic() - began, thread_time() - worked
    print(f"{took:.1f} s, {worked:.1f} s of them work of its own: {dict(made)}")
    assert worked < MOST_SECONDS
    bookings = told(owner_db, desk)
    assert made["customers"] == CUSTOMERS
    assert len(bookings) > 0.75 * BOOKINGS
    assert {state for _, state, _, _ in bookings} == {"pending", "confirmed", "completed", "cancelled", "no_show"}
    past = [state for starts, state, _, _ in bookings if starts < clock.now().replace(hour=8)]
    assert past.count("completed") > len(past) / 2
    assert made["agreed"] > made["opted_out"] > 0


def test_seed_makes_the_same_month_for_the_same_number(desk: Desk, owner_db: Database, small: None) -> None:
    with owner_db.transaction() as session:
        twin = Desk(desk.database, desk.settings, found(session, "Twin", "twin@example.com", zone="Europe/Paris"))
        other = Desk(desk.database, desk.settings, found(session, "Other", "other@example.com", zone="Europe/Paris"))
    for business, seed in ((desk, 1), (twin, 1), (other, 2)):
        fill(salon(business, seed))
    assert told(owner_db, desk) == told(owner_db, twin)
    assert told(owner_db, desk) != told(owner_db, other)


def test_seed_lets_nobody_be_reached(desk: Desk, owner_db: Database, small: None) -> None:
    fill(salon(desk))
    with owner_db.transaction() as session:
        people = session.execute(text("SELECT email, phone FROM account")).all()
        assert all(email.endswith("@example.com") and (phone is None or STORY.fullmatch(phone)) for email, phone in people)
        assert any(phone for _, phone in people)
        assert session.scalar(text("SELECT count(*) FROM intent")) == 0


def test_seed_refuses_a_workspace_that_has_customers_unless_forced(desk: Desk, small: None) -> None:
    desk.run("create_account", name="Mia Park")
    with pytest.raises(HasCustomers):
        fill(salon(desk))
    assert fill(salon(desk), force=True)["customers"] == FEW
    assert fill(salon(desk), force=True)["customers"] == FEW
    assert fill(salon(desk, seed=2), force=True)["customers"] == FEW
