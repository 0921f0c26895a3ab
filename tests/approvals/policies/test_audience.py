"""Audience: the truth table of its limits."""

from __future__ import annotations

import pytest

from approvals.policies.audience import Settings, judge, say
from tests.approvals.policies.sample import like


@pytest.mark.parametrize(
    ("recipients", "per_request", "per_day", "refused", "drawn"),
    [
        (1_000_000, None, None, False, None),
        (50, 50, None, False, None),
        (51, 50, None, True, None),
        (50, None, 50, False, 50),
        (51, None, 50, True, None),
        (20, 20, 50, False, 20),
        (21, 20, 50, True, None),
        (51, 100, 50, True, None),
    ],
)
def test_the_truth_table_of_audience(recipients: int, per_request: int | None, per_day: int | None, refused: bool, drawn: int | None) -> None:
    verdict = judge(like(recipients=recipients), Settings(per_request=per_request, per_day=per_day))
    assert (verdict.is_refused, verdict.draw and verdict.draw.amount) == (refused, drawn)
    assert (verdict.people, verdict.in_person, verdict.not_before) == (1, False, None)
    assert bool(verdict.next_step) is refused


def test_the_sentence_names_each_limit() -> None:
    assert say(Settings()) == "Any number of recipients may be asked for."
    assert say(Settings(per_request=20)) == "Recipients: at most 20 in one request."
    assert say(Settings(per_request=20, per_day=50)) == "Recipients: at most 20 in one request and at most 50 in one day."
