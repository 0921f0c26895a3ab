"""Escalation: managers are told first and owners when nobody decides; it tells, and decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from approvals.people import Rank
from kernel.db import Database
from tests.approvals.hands import set_policy
from tests.approvals.mail import LATER, do
from tests.factories import Desk
from tests.portal.guest import joined, state_of

HALF_AN_HOUR = "UPDATE approval SET created_at = created_at - interval '31 min'"


def test_owners_are_told_when_nobody_has_decided_after_a_while(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    joined(strict, owner_db, "Mona", Rank.MANAGER)
    set_policy(strict, "escalation", after_minutes=30)
    pending = strict.ask()
    assert [letter.to for letter in mail()] == ["mona@example.com"]
    do(owner_db, LATER)
    assert mail() == []
    do(owner_db, HALF_AN_HOUR)
    assert [letter.to for letter in mail()] == ["olivia@example.com"]
    do(owner_db, LATER)
    assert (mail(), state_of(strict, pending)) == ([], "pending")


def test_everybody_is_told_at_once_when_nothing_else_is_set(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    """The negative control."""
    joined(strict, owner_db, "Mona", Rank.MANAGER)
    strict.ask()
    assert sorted(letter.to for letter in mail()) == ["mona@example.com", "olivia@example.com"]


def test_a_sole_owner_is_told_at_once_whatever_is_set(strict: Desk, mail: Callable[[], list[Any]]) -> None:
    set_policy(strict, "escalation", after_minutes=30)
    strict.ask()
    assert [letter.to for letter in mail()] == ["olivia@example.com"]
