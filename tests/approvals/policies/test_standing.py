"""Standing approvals: the truth table of whether one may answer at all."""

from __future__ import annotations

import pytest

from approvals.policies.standing import Settings, judge
from tests.approvals.policies.sample import like


@pytest.mark.parametrize(("allowed", "recipients", "in_person"), [(True, 1, False), (True, 2, True), (False, 1, True), (False, 2, True)])
def test_the_truth_table_of_standing(allowed: bool, recipients: int, in_person: bool) -> None:
    verdict = judge(like(recipients=recipients), Settings(allowed=allowed))
    assert (verdict.in_person, verdict.people, verdict.is_refused) == (in_person, 1, False)
