"""Webhooks in the portal: owners and managers set them up, a secret is seen once, every deed asks first, and staff see none of it."""

from __future__ import annotations

import re

import pytest

from approvals.people import Rank
from kernel.db import Database
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.portal.guest import Guest, Reader, changed, everything, guest_at, joined

PATH = "/portal/settings/webhooks"
URL = "https://hear.example/in?a=1&b=2"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


def made(guest: Guest, url: str = URL) -> str:
    """A new webhook's secret."""
    answer = guest.http.post(PATH, data={**Reader(guest.http.get(PATH).text).fields, "url": url})
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return SECRET.findall(answer.text)[0]


def address(guest: Guest, deed: str) -> str:
    """Where a deed is asked about."""
    return next(at for at in Reader(guest.http.get(PATH).text).addresses if at.endswith(f"/{deed}"))


@pytest.mark.parametrize("rank", [None, Rank.MANAGER])
def test_an_address_is_added_and_its_secret_shown_once(guest: Guest, desk: Desk, owner_db: Database, rank: Rank | None) -> None:
    guest.sign_in(joined(desk, owner_db, "Robin", rank) if rank else None)
    secret = made(guest)
    page = guest.http.get(PATH).text
    assert ("https://hear.example/in?a=1&amp;b=2" in page, SECRET.findall(page)) == (True, [])
    assert secret not in str(everything(owner_db))
    assert rows(owner_db, "SELECT action FROM audit WHERE action LIKE 'hook.%'") == [("hook.added",)]


def test_a_form_sent_twice_adds_one(guest: Guest, owner_db: Database) -> None:
    guest.sign_in()
    fields = {**Reader(guest.http.get(PATH).text).fields, "url": URL}
    assert [guest.http.post(PATH, data=fields).status_code for _ in range(2)] == [200, 409]
    assert rows(owner_db, "SELECT count(*) FROM hook") == [(1,)]


@pytest.mark.parametrize("url", ["", "http://hear.example", "javascript:alert(1)", "https://" + "x" * 2000])
def test_an_address_that_will_not_do_stays_in_the_form(guest: Guest, owner_db: Database, url: str) -> None:
    guest.sign_in()
    answer = guest.http.post(PATH, data={**Reader(guest.http.get(PATH).text).fields, "url": url})
    assert (answer.status_code, f'value="{url}"' in answer.text) == (422, True)
    assert rows(owner_db, "SELECT count(*) FROM hook") == [(0,)]


def test_a_new_secret_is_made_after_a_question(guest: Guest) -> None:
    guest.sign_in()
    old, at = made(guest), address(guest, "rotate")
    answer = guest.http.post(at, data=Reader(guest.http.get(at).text).fields)
    (new,) = SECRET.findall(answer.text)
    assert (new != old, "The old one still signs too" in answer.text) == (True, True)


def test_one_is_ended_after_a_question(guest: Guest, owner_db: Database) -> None:
    guest.sign_in()
    made(guest)
    at = address(guest, "end")
    before = everything(owner_db)
    page = guest.http.get(at)
    assert everything(owner_db) == before
    fields = Reader(page.text).fields
    assert guest.http.post(at, data=fields).headers["location"] == PATH
    assert "Ended" in guest.http.get(PATH).text
    assert guest.http.post(at, data=fields).status_code == 404


def test_what_was_given_up_is_posted_again(guest: Guest, owner_db: Database) -> None:
    guest.sign_in()
    made(guest)
    assert "/replay" not in guest.http.get(PATH).text
    changed(owner_db, "UPDATE hook_post SET state = 'dead', tries = 8, status = 503")
    assert "Given up: 1" in guest.http.get(PATH).text
    at = address(guest, "replay")
    guest.http.post(at, data=Reader(guest.http.get(at).text).fields)
    assert rows(owner_db, "SELECT state FROM hook_post ORDER BY event_id LIMIT 1") == [("due",)]


def test_staff_and_strangers_see_and_change_nothing(guest: Guest, desk: Desk, owner_db: Database) -> None:
    guest.sign_in()
    made(guest)
    at = address(guest, "end")
    fields = Reader(guest.http.get(at).text).fields
    staff, stranger = guest_at(desk), guest_at(desk)
    staff.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    for path in (PATH, at):
        assert staff.http.get(path).status_code == 403
        assert staff.http.post(path, data=fields).status_code == 403
        assert stranger.http.get(path).headers["location"] == "/portal/sign-in"
    assert rows(owner_db, "SELECT count(*) FROM hook WHERE ended_at IS NULL") == [(1,)]


@pytest.mark.parametrize("altered", [{"nonce": "x"}, {"nonce": ""}, {"hook": "hok_1"}, {"hook": "hok_" + "0" * 32}])
def test_an_altered_form_adds_nothing(guest: Guest, owner_db: Database, altered: dict[str, str]) -> None:
    guest.sign_in()
    fields = {**Reader(guest.http.get(PATH).text).fields, "url": URL, **altered}
    assert guest.http.post(PATH, data=fields).status_code >= 400
    assert rows(owner_db, "SELECT count(*) FROM hook") == [(0,)]


@pytest.mark.parametrize("path", ["hok_1/end", "hok_" + "0" * 32 + "/end", "hok_" + "0" * 32 + "/explode"])
def test_what_is_not_there_is_not_found(guest: Guest, path: str) -> None:
    guest.sign_in()
    assert guest.http.get(f"{PATH}/{path}").status_code == 404
    assert guest.http.post(f"{PATH}/{path}", data={}).status_code in (403, 404)
