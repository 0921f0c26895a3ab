"""Floods: one key has no more requests waiting than it may, however many ask at once, and learns what to do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from approvals import floods
from approvals.floods import TooManyPending
from kernel.db import Database
from tests.approvals.hands import rows
from tests.factories import Desk


@pytest.fixture
def small(desk: Desk) -> Desk:
    """A desk whose keys may have three requests waiting."""
    return replace(desk, settings=desk.settings.model_copy(update={"pending_per_key": 3}))


def crowd(desk: Desk) -> list[str]:
    def ask(n: int) -> str:
        try:
            desk.ask(f"Number {n}.")
        except TooManyPending as refused:
            return refused.code
        return "asked"

    with ThreadPoolExecutor(12) as agents:
        return sorted(agents.map(ask, range(24)))


def test_a_key_has_no_more_waiting_than_it_may_when_many_ask_at_once(small: Desk, owner_db: Database) -> None:
    assert crowd(small) == ["asked"] * 3 + ["too_many_pending"] * 21
    assert rows(owner_db, "SELECT count(*) FROM approval") == [(3,)]
    assert rows(owner_db, "SELECT count(*) FROM intent WHERE kind = 'sms'") == [(3,)]


def test_more_would_slip_through_were_it_not_for_the_queue(small: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: who does not wait for the others counts too few."""
    monkeypatch.setattr(floods, "stand_in_line", lambda *_: None)
    assert crowd(small).count("asked") > 3


def test_a_decision_makes_room_and_the_refusal_says_what_to_do(small: Desk) -> None:
    first, *_ = [small.ask(f"Number {n}.") for n in range(3)]
    with pytest.raises(TooManyPending) as refused:
        small.ask("One more.")
    assert (refused.value.status, "withdraw_send_request" in refused.value.advice) == (429, True)
    small.decide(first)
    small.ask("One more.")
