"""The ledger, page by page, and the history of one recipient."""

from __future__ import annotations

import re

import pytest

from approvals.listings import PAGE
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, address_of

NEXT = re.compile(r'<a href="([^"]+)" class="next">Older</a>')


def test_the_ledger_goes_back_page_by_page(guest: Guest, desk: Desk) -> None:
    for number in range(PAGE + 2):
        desk.ask(f"Number {number:03}.")
    guest.sign_in()
    first = guest.http.get("/portal/ledger").text
    (older,) = NEXT.findall(first)
    second = guest.http.get(older).text
    bodies = [f"Number {number:03}." for number in range(PAGE + 2)]
    assert [body for body in bodies if body in first] == bodies[2:]
    assert [body for body in bodies if body in second] == bodies[:2]
    assert NEXT.findall(second) == []
    assert ">Newest</a>" in second


@pytest.mark.parametrize("typed", ["+33612345678", "%2B33612345678", "%2B33 6 12-34 (56) 78", " %2B33612345678 "])
def test_one_persons_history_is_found_however_the_number_is_typed(guest: Guest, desk: Desk, typed: str) -> None:
    desk.ask("For Mia.")
    desk.ask("For Luc.", to="+33612345678")
    guest.sign_in()
    page = guest.http.get(f"/portal/ledger?to={typed.replace('+', '%2B')}").text
    assert ("For Luc." in page, "For Mia." in page) == (True, False)
    assert "Everything for" in page


def test_a_request_leads_to_the_history_of_whom_it_goes_to(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    guest.sign_in()
    assert 'href="/portal/ledger?to=%2B447400123456"' in guest.http.get(address_of(pending)).text


@pytest.mark.parametrize("query", ["to=%00", "to=nobody@example.com", "before=apr_1", "before=int_1", "to=%27%3B--"])
def test_what_is_not_found_is_said_calmly(guest: Guest, desk: Desk, query: str) -> None:
    guest.sign_in()
    assert guest.http.get(f"/portal/ledger?{query}").status_code == 200


def test_the_ledger_leads_with_what_became_of_it(guest: Guest, desk: Desk, bench: Bench) -> None:
    desk.approved("Sent words.")
    bench.drain()
    guest.sign_in()
    page = guest.http.get("/portal/ledger").text
    assert '<span class="tone good">Sent: the provider accepted it.</span>' in page
    assert "approved by Olivia, in the portal" in page
