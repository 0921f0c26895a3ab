"""Standing approvals in the portal: made of what was approved, with limits, by deciders alone, listed for everybody, revoked after a question."""

from __future__ import annotations

from datetime import timedelta

import pytest

from approvals.people import Rank
from approvals.requests import Pending
from kernel.clock import now
from kernel.db import Database
from kernel.keys import show
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, address_of, joined

PATH = "/portal/standing"
WORDS = "Your booking is confirmed."


def day(ahead: int) -> str:
    return f"{now() + timedelta(days=ahead):%Y-%m-%d}"


def allowed(guest: Guest, pending: Pending, **typed: str) -> tuple[int, str]:
    """Fill in the form of what was approved."""
    at = f"{address_of(pending)}/allow"
    answer = guest.http.post(at, data={**Reader(guest.http.get(at).text).fields, "per_day": "3", "until": day(7), "whom": "same"} | typed)
    return answer.status_code, answer.headers.get("location") or answer.text


def test_what_was_approved_is_allowed_answers_and_is_revoked(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved(WORDS)
    bench.drain()
    guest.sign_in()
    assert "/allow" in guest.http.get(address_of(pending)).text
    assert allowed(guest, pending) == (303, PATH)
    ((standing,),) = rows(owner_db, "SELECT id FROM standing")
    name = show("sta", standing)  # type: ignore[arg-type]  # a row of one id
    again = desk.ask(WORDS)
    assert again.status == "approved"
    page = guest.http.get(address_of(again)).text
    assert ("by a standing approval" in page, "/allow" in page) == (True, False)
    why = guest.http.get(f"{address_of(again)}/why").text
    assert ("A standing approval answered" in why, "Olivia made it" in why) == (True, True)
    assert "by a standing approval" in guest.http.get("/portal/ledger").text
    listed = guest.http.get(PATH).text
    assert [words in listed for words in (WORDS, "3 a day", "once", "Live", f"{PATH}/{name}/revoke")] == [True] * 5
    at = f"{PATH}/{name}/revoke"
    assert guest.press(guest.http.get(at), "", at=at).headers["location"] == PATH
    assert "Revoked" in guest.http.get(PATH).text
    assert "revoke" not in Reader(guest.http.get(PATH).text).addresses
    assert desk.ask(WORDS).status == "pending"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"per_day": ""}, "terms_incomplete"),
        ({"per_day": "٣"}, "terms_incomplete"),
        ({"per_day": "9999999"}, "terms_incomplete"),
        ({"per_day": "0"}, "invalid_arguments"),
        ({"per_day": "51"}, "invalid_arguments"),
        ({"until": ""}, "terms_incomplete"),
        ({"until": "9999-12-31"}, "terms_incomplete"),
        ({"until": "2020-01-01"}, "invalid_arguments"),
        ({"until": day(95)}, "invalid_arguments"),
    ],
)
def test_limits_beyond_the_policy_are_refused_on_the_form(guest: Guest, desk: Desk, owner_db: Database, typed: dict[str, str], code: str) -> None:
    pending = desk.approved(WORDS)
    guest.sign_in()
    status, page = allowed(guest, pending, **typed)
    assert (status, code in page, WORDS in page) == (422, True, True)
    assert rows(owner_db, "SELECT count(*) FROM standing") == [(0,)]


def test_staff_see_them_and_make_and_revoke_none(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.approved(WORDS)
    robin = joined(desk, owner_db, "Robin", Rank.STAFF)
    guest.sign_in()
    allowed(guest, pending)
    guest.http.cookies.clear()
    guest.sign_in(robin)
    assert (WORDS in guest.http.get(PATH).text, "revoke" in guest.http.get(PATH).text) == (True, False)
    assert "/allow" not in guest.http.get(address_of(pending)).text
    assert guest.http.get(f"{address_of(pending)}/allow").status_code == 403
    assert guest.http.post(f"{address_of(pending)}/allow", data={}).status_code == 403


def test_what_waits_or_is_unknown_has_no_such_form(guest: Guest, desk: Desk) -> None:
    guest.sign_in()
    assert guest.http.get(f"{address_of(desk.ask())}/allow").status_code == 409
    assert guest.http.get(f"/portal/approvals/{show('apr', desk.founded.owner)}/allow").status_code == 404
    assert guest.http.get("/portal/approvals/x/allow").status_code == 404
    assert guest.http.get(f"{PATH}/x/revoke").status_code == 404
