"""The list behind a gathered letter, and the button for a new link: opening changes nothing, and whoever asks learns nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from approvals.links import Invitation
from kernel.db import Database
from tests.approvals.hands import rows
from tests.approvals.mail import LATER, do, secrets_in
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, changed, everything, invited, state_of
from workers.clock import post_digests

LETTERS = "SELECT count(*) FROM intent WHERE kind = 'notice'"


@pytest.fixture
def gathered(desk: Desk, bench: Bench, owner_db: Database) -> Callable[..., Any]:
    """Three requests, two of them in one letter: those two, its token and its code."""

    def ask() -> Any:
        strict = replace(desk, settings=desk.settings.model_copy(update={"notice_pause_seconds": 600.0}))
        _, one, two = [strict.ask(f"Number {n}.") for n in range(3)]
        bench.drain("email:sandbox")
        do(owner_db, LATER)
        post_digests(bench.database, strict.settings)
        bench.drain("email:sandbox")
        return one, two, *secrets_in(bench.memory.ledger[-1].content)

    return ask


def opened(guest: Guest, token: str) -> httpx2.Response:
    arrived = guest.http.get(f"/a/list/{token}")
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/a/list")
    return guest.http.get("/a/list")


def test_each_of_the_list_is_decided_on_its_own_page_with_the_one_code(desk: Desk, guest: Guest, gathered: Callable[..., Any], owner_db: Database) -> None:
    one, two, token, code = gathered()
    before = everything(owner_db)
    listed = opened(guest, token)
    links = [address for address in Reader(listed.text).addresses if address.startswith("/a/") and len(address) > 20]
    for address in links:
        guest.http.get(address)
        guest.http.get("/a")
    assert (len(links), everything(owner_db) == before, code in listed.text) == (2, True, False)
    for address, verdict in zip(links, ("approved", "rejected"), strict=True):
        guest.http.get(address)
        page = guest.http.get("/a")
        assert "/a/list" in Reader(page.text).addresses
        assert guest.press(page, verdict, code=code).status_code == 303
    assert {state_of(desk, one), state_of(desk, two)} == {"approved", "rejected"}
    assert "None of these" in guest.http.get("/a/list").text


@pytest.mark.parametrize("token", ["A" * 22, "short", "%00"])
def test_a_list_that_is_not_ours_is_not_found(guest: Guest, token: str) -> None:
    answer = guest.http.get(f"/a/list/{token}")
    if answer.status_code == 303:
        answer = guest.http.get("/a/list")
    assert (answer.status_code, "list_ended" in answer.text) == (404, True)


def test_whoever_left_reads_no_list_any_more(guest: Guest, gathered: Callable[..., Any], owner_db: Database) -> None:
    _, _, token, _ = gathered()
    assert "Number 1." in opened(guest, token).text
    changed(owner_db, "UPDATE person SET ended_at = now()")
    assert (guest.http.get("/a/list").status_code, "Number 1." in guest.http.get("/a/list").text) == (404, False)


def test_a_list_without_a_cookie_is_not_found(guest: Guest) -> None:
    assert guest.http.get("/a/list").status_code == 404


def again(guest: Guest, invitation: Invitation) -> tuple[int, str]:
    page = guest.open(invitation)
    forms = page.text.partition('action="/a/again"')[2]
    answer = guest.http.post("/a/again", data=Reader(forms).fields)
    return answer.status_code, answer.text


def test_an_ended_link_brings_a_new_one_that_decides(desk: Desk, bench: Bench, guest: Guest, owner_db: Database) -> None:
    pending = desk.ask()
    bench.drain("email:sandbox")
    invitation = invited(desk, pending)
    bench.drain("email:sandbox")
    do(owner_db, "UPDATE link SET expires_at = now()")
    status, said = again(guest, invitation)
    bench.drain("email:sandbox")
    token, code = secrets_in(bench.memory.ledger[-1].content)
    assert (status, token in said, code in said) == (200, False, False)
    assert guest.press(guest.open(Invitation(token, code)), "approved", code=code).status_code == 303
    assert state_of(desk, pending) == "approved"


def test_a_new_link_is_offered_only_while_the_request_waits_and_the_link_does_not(desk: Desk, guest: Guest, owner_db: Database) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    assert "/a/again" not in guest.open(invitation).text
    desk.decide(pending)
    assert "/a/again" not in guest.open(invitation).text
    assert rows(owner_db, LETTERS) == [(1,)]


def test_asking_for_a_new_link_answers_alike_whatever_became_of_it(desk: Desk, guest: Guest, owner_db: Database) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    do(owner_db, "UPDATE link SET expires_at = now()")
    page = guest.open(invitation).text
    fields = Reader(page.partition('action="/a/again"')[2]).fields
    told = [guest.http.post("/a/again", data=fields).text for _ in range(4)]
    desk.decide(pending)
    told.append(guest.http.post("/a/again", data=fields).text)
    do(owner_db, "DELETE FROM vote", "DELETE FROM link")
    told.append(guest.http.post("/a/again", data=fields).text)
    assert len(set(told)) == 1
    assert rows(owner_db, LETTERS) == [(1 + 3,)]


def test_a_new_link_takes_the_form_of_this_very_page(desk: Desk, guest: Guest, owner_db: Database) -> None:
    invitation = invited(desk, desk.ask())
    do(owner_db, "UPDATE link SET expires_at = now()")
    fields = Reader(guest.open(invitation).text.partition('action="/a/again"')[2]).fields
    assert guest.http.post("/a/again", data={}).status_code == 403
    assert guest.http.post("/a/again", data=fields, headers={"Origin": "https://evil.example"}).status_code == 403
    assert rows(owner_db, LETTERS) == [(1,)]


def test_whoever_is_signed_in_finds_the_way_to_the_portal_from_any_link(desk: Desk, guest: Guest) -> None:
    pending = desk.ask()
    assert f"/portal/approvals/apr_{pending.approval_id.hex}" in Reader(guest.open(invited(desk, pending)).text).addresses
