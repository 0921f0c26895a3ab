"""Spend: the truth table of prices, known and unknown."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from approvals.policies.spend import Settings, judge, worth
from tests.approvals.policies.sample import like

PRICED = {"per_day": 100, "sms_home": 4000, "sms_abroad": 9000}
"""A euro a day; 4 cents a part at home, 9 abroad."""


@pytest.mark.parametrize(
    ("settings", "parts", "home", "said"),
    [
        ({}, {"sms GB": 999}, "GB", (False, False, None)),
        (PRICED, {"sms GB": 1}, "GB", (False, False, 4_000)),
        (PRICED, {"sms GB": 25}, "GB", (False, False, 100_000)),
        (PRICED, {"sms GB": 26}, "GB", (True, False, None)),
        (PRICED, {"sms GB": 2, "sms FR": 1}, "GB", (False, False, 17_000)),
        (PRICED, {"sms GB": 1}, None, (False, False, 9_000)),
        (PRICED, {"sms ": 1}, "GB", (False, False, 9_000)),
        (PRICED, {"email ": 5}, "GB", (False, False, 0)),
        (PRICED, {"whatsapp GB": 1}, "GB", (False, True, 0)),
        (PRICED, {"whatsapp GB": 1, "sms GB": 1}, "GB", (False, True, 4_000)),
        (PRICED, {"whatsapp GB": 1, "sms GB": 26}, "GB", (True, False, None)),
        ({"per_day": 100, "sms_home": 4000}, {"sms FR": 1}, "GB", (False, True, 0)),
        ({"per_day": 100, "sms_home": 4000}, {"sms GB": 1}, None, (False, True, 0)),
        ({"per_day": 100, "whatsapp": 500}, {"whatsapp FR": 2}, "GB", (False, False, 1_000)),
    ],
)
def test_the_truth_table_of_spend(settings: dict[str, int], parts: dict[str, int], home: str | None, said: tuple[bool, bool, int | None]) -> None:
    verdict = judge(like(parts=parts, home=home), Settings.model_validate(settings))
    assert (verdict.is_refused, verdict.in_person, verdict.draw and verdict.draw.amount) == said
    assert verdict.draw is None or verdict.draw.cap == 100_000


def test_what_lacks_one_price_has_no_worth() -> None:
    prices = Settings(sms_home=4000)
    assert worth(like(parts={"sms GB": 3, "email ": 9}, home="GB"), prices) == 12_000
    assert worth(like(parts={"sms GB": 3, "sms FR": 1}, home="GB"), prices) is None


def test_a_limit_without_any_price_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one price"):
        Settings(per_day=100)
