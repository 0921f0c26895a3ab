"""Plain names: what fills a gap of an allowed rule is no more than a name, however it is dressed; the rest is for a person."""

from __future__ import annotations

import pytest

from kernel.db import Database
from tests.approvals.hands import rows

MORE_THAN_A_NAME = [
    "Pay Bob cash",
    "PAY\u00a0Bob",
    "P\u00e1y Bob",
    "\uff30\uff41\uff59 Bob",
    "\u0420ay Bob",
    "bit\u3002ly",
    "bit\uff0ely",
    "bit\u2024ly",
    "b\u00e9.ly",
    "\uff10\uff12\uff10\uff17\uff19\uff14",
    "\u0660\u0662",
    "020/79/46",
    "Mia\nNew line",
    "Mia\u202eevil",
    "Mia\u200b",
    "Mia \u00a350",
    "come to the back door at noon with money",
    "\U0001d400",
]


@pytest.mark.parametrize("value", MORE_THAN_A_NAME)
def test_whatever_is_dressed_up_as_a_name_is_for_a_person(owner_db: Database, value: str) -> None:
    assert rows(owner_db, "SELECT is_plain(jsonb_build_object('first_name', CAST(:value AS text)))", value=value) == [(False,)]


NAMES = [
    "Mia Park",
    "J.P. O\u2019Neill-Smith",
    "Jos\u00e9 \u00c1ngel",
    "\u041e\u043b\u044c\u0433\u0430 \u041f\u0430\u0440\u043a",
    "\u5c71\u7530\u592a\u90ce",
    "St. James (new)",
    "Studio 54",
]


@pytest.mark.parametrize("value", NAMES)
def test_a_name_is_a_name_wherever_it_comes_from(owner_db: Database, value: str) -> None:
    assert rows(owner_db, "SELECT is_plain(jsonb_build_object('first_name', CAST(:value AS text)))", value=value) == [(True,)]
