"""Money: what is written is what is kept, to the smallest coin, in whatever currency."""

from __future__ import annotations

from decimal import Decimal

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidArguments
from kernel.money import CURRENCIES, CURRENCY_OF, WHOLE, as_amount, as_currency, as_decimal, as_minor, currency_in


@given(minor=st.integers(0, 99_999_999_999), currency=st.sampled_from(sorted(CURRENCIES - WHOLE)))
def test_minor_units_come_back_as_they_were_shown(minor: int, currency: str) -> None:
    assert as_minor(Decimal(as_decimal(minor, currency)), currency) == minor


@pytest.mark.parametrize(("amount", "currency"), [("0.001", "EUR"), ("0.5", "JPY"), ("49.999", "USD"), ("0.5", "ISK"), ("50.01", "UGX")])
def test_a_coin_that_does_not_exist_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(InvalidArguments):
        as_minor(as_amount(amount), currency)


@pytest.mark.parametrize(("amount", "currency", "minor"), [("500", "JPY", 500), ("5.124", "KWD", 5124), ("500", "ISK", 50_000), ("5", "UGX", 500)])
def test_coins_are_counted_as_stripe_counts_them(amount: str, currency: str, minor: int) -> None:
    assert as_minor(as_amount(amount), currency) == minor


def test_every_country_that_has_phones_has_a_currency() -> None:
    assert set(phonenumbers.SUPPORTED_REGIONS) <= set(CURRENCY_OF)
    assert all(len(country) == 2 and len(currency) == 3 for country, currency in CURRENCY_OF.items())


def test_nowhere_is_paid_in_dollars_and_case_does_not_matter() -> None:
    assert (currency_in(None), currency_in("ZZ"), currency_in("fr"), as_currency("eur")) == ("USD", "USD", "EUR", "EUR")


@pytest.mark.parametrize("written", [float("nan"), float("inf"), -0.1, "1_000", " 49", "49 ", "+49", "", None, [], "0x10", "1" * 10])
def test_what_is_no_plain_amount_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        as_amount(written)
