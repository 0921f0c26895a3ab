"""Countries: the truth table of places and kinds of number, and what an address tells of them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from approvals.facts import place_of
from approvals.policies.countries import Settings, judge
from tests.approvals.policies.sample import like


@pytest.mark.parametrize(
    ("country", "home", "settings", "refused"),
    [
        ("GB", "GB", {}, False),
        ("FR", "GB", {}, True),
        ("FR", "GB", {"others": "be, fr"}, False),
        ("DE", "GB", {"others": "be, fr"}, True),
        ("DE", "GB", {"anywhere": True}, False),
        ("DE", None, {}, False),
        ("DE", None, {"others": "FR"}, True),
        ("", "GB", {}, False),
    ],
)
def test_the_truth_table_of_countries(country: str, home: str | None, settings: dict[str, object], refused: bool) -> None:
    facts = like(countries=(country,), home=home, number_kinds=("mobile",) if country else ())
    verdict = judge(facts, Settings.model_validate(settings))
    assert (verdict.is_refused, bool(verdict.next_step)) == (refused, refused)


@pytest.mark.parametrize(
    ("kind", "unknown", "refused"),
    [
        ("mobile", False, False),
        ("fixed", False, False),
        ("special", False, False),
        ("premium", True, True),
        ("shared", True, True),
        ("satellite", True, True),
        ("unknown", False, True),
        ("unknown", True, False),
    ],
)
def test_the_truth_table_of_kinds(kind: str, unknown: bool, refused: bool) -> None:
    assert judge(like(number_kinds=("mobile", kind)), Settings(unknown=unknown, anywhere=True)).is_refused is refused


@pytest.mark.parametrize(
    ("address", "country", "kind"),
    [
        ("+447400123456", "GB", "mobile"),
        ("+33612345678", "FR", "mobile"),
        ("+33899123456", "FR", "premium"),
        ("+12015550123", "US", "mobile"),
        ("+881612345678", "", "satellite"),
        ("+870773111632", "", "satellite"),
        ("+4540010001", "DK", "unknown"),
        ("mia@example.com", "", ""),
    ],
)
def test_a_number_tells_its_country_and_its_kind(address: str, country: str, kind: str) -> None:
    place = place_of(address)
    assert (place.country, place.kind) == (country, kind)


def test_only_codes_of_countries_are_taken() -> None:
    assert Settings.model_validate({"others": " gb;fr "}).others == ("FR", "GB")
    with pytest.raises(ValidationError, match="two-letter codes"):
        Settings.model_validate({"others": "England"})
