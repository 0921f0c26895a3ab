"""First time: the truth table of the first message to somebody."""

from __future__ import annotations

import pytest

from approvals.policies.first_time import Settings, judge
from tests.approvals.policies.sample import like


@pytest.mark.parametrize(
    ("first", "in_person", "two", "people", "asks"),
    [
        (0, True, True, 1, False),
        (1, False, False, 1, False),
        (1, True, False, 1, True),
        (1, False, True, 2, True),
        (3, True, True, 2, True),
    ],
)
def test_the_truth_table_of_first_time(first: int, in_person: bool, two: bool, people: int, asks: bool) -> None:
    verdict = judge(like(first_time=first, recipients=max(1, first)), Settings(in_person=in_person, two_people=two))
    assert (verdict.people, verdict.in_person, verdict.is_refused) == (people, asks, False)
