"""Escalation: the truth table of who is told when, and that it never asks for less or decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from approvals.policies.escalation import Decider, Settings, judge, who_to_tell
from approvals.verdicts import NOTHING
from kernel.keys import new_id
from tests.approvals.policies.sample import ONE

OLIVIA, MONA, MAX = Decider(new_id(), is_owner=True), Decider(new_id(), is_owner=False), Decider(new_id(), is_owner=False)


@pytest.mark.parametrize(
    ("after", "waited", "deciders", "told"),
    [
        (None, 0, [OLIVIA, MONA, MAX], [OLIVIA, MONA, MAX]),
        (30, 0, [OLIVIA, MONA, MAX], [MONA, MAX]),
        (30, 29, [OLIVIA, MONA, MAX], [MONA, MAX]),
        (30, 30, [OLIVIA, MONA, MAX], [OLIVIA, MONA, MAX]),
        (30, 0, [OLIVIA], [OLIVIA]),
        (30, 0, [MONA], [MONA]),
        (30, 99, [], []),
    ],
)
def test_the_truth_table_of_escalation(after: int | None, waited: int, deciders: list[Decider], told: list[Decider]) -> None:
    assert who_to_tell(deciders, timedelta(minutes=waited), Settings(after_minutes=after)) == {one.id for one in told}


def test_it_asks_for_nothing_and_lets_nothing_through() -> None:
    assert judge(ONE, Settings(after_minutes=30)) == NOTHING
