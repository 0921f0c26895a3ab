"""Where a form may come from: its nonce, its origin, its cookie; whatever does not fit is refused and writes nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.datastructures import Headers

from kernel import clock, seal
from kernel.db import Database
from kernel.keys import token_hash
from surfaces.portal.forms import PURPOSE, is_ours
from tests.factories import Desk
from tests.portal.guest import Guest, everything, invited, state_of

HOME = "https://sayso.example"


@pytest.mark.parametrize("nonce", ["", "forged", "eyJhIjoxfQ.aaaa.bbbb"])
def test_a_form_without_our_nonce_is_refused(guest: Guest, desk: Desk, owner_db: Database, nonce: str) -> None:
    invitation = invited(desk, desk.ask())
    page = guest.open(invitation)
    before = everything(owner_db)
    answer = guest.press(page, "approved", code=invitation.code, nonce=nonce)
    assert (answer.status_code, "stale_form" in answer.text) == (403, True)
    assert everything(owner_db) == before


def test_a_nonce_of_another_link_is_refused(guest: Guest, desk: Desk) -> None:
    first, second = desk.ask("One."), desk.ask("Two.")
    one, two = invited(desk, first), invited(desk, second)
    page = guest.open(one)
    guest.open(two)
    answer = guest.press(page, "approved", code=two.code)
    assert (answer.status_code, "stale_form" in answer.text, "Two." in answer.text) == (403, True, True)
    assert (state_of(desk, first), state_of(desk, second)) == ("pending", "pending")


def test_a_nonce_older_than_half_an_hour_is_refused(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    page = guest.open(invitation)
    clock.skew(timedelta(minutes=31))
    try:
        answer = guest.http.post("/a", data={"nonce": seal_of(page.text), "code": invitation.code}, headers={"Cookie": f"sayso_link={invitation.token}"})
    finally:
        clock.skew(timedelta(0))
    assert ("stale_form" in answer.text, state_of(desk, pending)) == (True, "pending")


def seal_of(page: str) -> str:
    return page.partition('name="nonce" value="')[2].partition('"')[0]


def test_a_nonce_of_another_key_is_refused(guest: Guest, desk: Desk) -> None:
    invitation = invited(desk, desk.ask())
    forged = seal.sign([b"another secret"], PURPOSE, token_hash(invitation.token).hex())
    assert guest.press(guest.open(invitation), "approved", code=invitation.code, nonce=forged).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://sayso.test.evil.example"},
        {"Origin": "https://sayso.test"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
@pytest.mark.parametrize("at", ["/a", "/portal/leave", "/portal/enter/0123456789abcdef"])
def test_a_form_from_elsewhere_is_refused(guest: Guest, desk: Desk, owner_db: Database, headers: dict[str, str], at: str) -> None:
    invitation = invited(desk, desk.ask())
    page = guest.open(invitation)
    before = everything(owner_db)
    answer = guest.press(page, "approved", at=at, headers=headers, code=invitation.code)
    assert (answer.status_code, "foreign_form" in answer.text, "Your table" in answer.text) == (403, True, False)
    assert everything(owner_db) == before


@pytest.mark.parametrize("headers", [{"Origin": "http://sayso.test"}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_form_from_our_page_is_taken(guest: Guest, desk: Desk, headers: dict[str, str]) -> None:
    invitation = invited(desk, desk.ask())
    assert guest.press(guest.open(invitation), "approved", headers=headers, code=invitation.code).status_code == 303


@pytest.mark.parametrize(
    ("origin", "ours"), [(HOME, True), (f"{HOME}:443", False), ("https://SAYSO.example", False), ("http://sayso.example", False), ("", False)]
)
def test_only_our_own_origin_is_ours(origin: str, ours: bool) -> None:
    assert is_ours(Headers({"origin": origin}), HOME) is ours


@pytest.mark.parametrize("body", [b"\xff\xfe=1", b"a=1&" * 121, b"verdict=%ff"])
def test_a_form_that_cannot_be_read_is_refused_calmly(guest: Guest, desk: Desk, body: bytes) -> None:
    guest.open(invited(desk, desk.ask()))
    answer = guest.http.post("/a", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status_code, "unreadable_form" in answer.text) == (422, True)
