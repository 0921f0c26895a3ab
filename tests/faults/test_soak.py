"""A very short soak with one fixed seed; `./dev soak-short` and `./dev soak` are the real ones."""

from __future__ import annotations

from typing import Any

from tests.faults.soak import Plan, run


def test_a_soak_is_reconciled_when_it_is_over(figures: dict[str, Any]) -> None:
    outcome = run(Plan(seed=7, intents=60, kills=4))
    figures[outcome.line().partition(":")[0]] = outcome.line().partition(": ")[2]
    outcome.found.insist(doubts=outcome.most_doubts)
    assert outcome.nemesis.deaths >= 4
    assert outcome.told.counts["approved"] >= 20
    assert outcome.found.accepted >= 20
