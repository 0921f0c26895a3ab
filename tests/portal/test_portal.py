"""The portal: coming in and going out, what waits, deciding with a session, the ledger, and the wall between workspaces."""

from __future__ import annotations

from dataclasses import replace

import pytest

from approvals.people import Rank
from crm.access.setup import found
from kernel.db import Database
from providers.memory import Memory
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, address_of, changed, everything, guest_at, joined, login_token, state_of

INSIDE = ["/portal", "/portal/ledger", "/portal/approvals/apr_00000000000000000000000000000000"]


@pytest.mark.parametrize("path", INSIDE)
def test_a_stranger_is_shown_the_way_in(guest: Guest, path: str) -> None:
    answer = guest.http.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/sign-in")
    assert " login-link you@example.com" in guest.http.get("/portal/sign-in").text


def test_a_sign_in_link_is_not_used_up_when_scanners_open_it(guest: Guest, desk: Desk, owner_db: Database) -> None:
    token = login_token(desk)
    before = everything(owner_db)
    for method in ("GET", "HEAD", "GET"):
        assert guest.http.request(method, f"/portal/enter/{token}").status_code == 200
    assert everything(owner_db) == before
    page = guest.http.get(f"/portal/enter/{token}")
    assert guest.http.post(f"/portal/enter/{token}", data=Reader(page.text).fields).status_code == 303
    again = guest_at(desk).http.post(f"/portal/enter/{token}", data=Reader(page.text).fields)
    assert (again.status_code, "login_link_ended" in again.text) == (403, True)


def test_a_sign_in_needs_the_forms_nonce(guest: Guest, desk: Desk) -> None:
    token = login_token(desk)
    other = Reader(guest.http.get("/portal/enter/another-token-of-sorts").text).fields
    for fields in ({}, {"nonce": "forged"}, other):
        assert guest.http.post(f"/portal/enter/{token}", data=fields).status_code == 403
    assert guest.http.get("/portal").status_code == 303


def test_signing_out_ends_the_session_for_good(guest: Guest, desk: Desk) -> None:
    guest.sign_in()
    session = guest.http.cookies["sayso_session"]
    page = guest.http.get("/portal")
    assert guest.http.post("/portal/leave", data={"nonce": "forged"}).status_code == 403
    assert guest.http.post("/portal/leave", data=Reader(page.text).fields).headers["location"] == "/portal/sign-in"
    assert "sayso_session" not in guest.http.cookies
    assert guest.http.get("/portal", headers={"Cookie": f"sayso_session={session}"}).status_code == 303


def test_what_waits_is_listed_oldest_first_with_its_count(guest: Guest, desk: Desk) -> None:
    for body in ("First words.", "Second words.", "Third words."):
        desk.ask(body)
    desk.approved("Decided words.")
    guest.sign_in()
    page = guest.http.get("/portal").text
    assert "3 waiting for your say-so" in page
    assert page.index("First words.") < page.index("Second words.") < page.index("Third words.")
    assert "Decided words." not in page


def test_nothing_waiting_is_said_calmly(guest: Guest) -> None:
    guest.sign_in()
    assert "All quiet." in guest.http.get("/portal").text


def test_a_customer_is_named_from_the_contacts(guest: Guest, desk: Desk) -> None:
    desk.run("create_account", name="Mia <b>Park</b>", phone="+447400123456")
    pending = desk.ask()
    guest.sign_in()
    assert "in your contacts as “Mia &lt;b&gt;Park&lt;/b&gt;”" in guest.http.get(address_of(pending)).text


@pytest.mark.parametrize(("verdict", "state"), [("approved", "ready"), ("rejected", "rejected")])
def test_an_owner_decides_without_a_code(guest: Guest, desk: Desk, verdict: str, state: str) -> None:
    pending = desk.ask()
    guest.sign_in()
    page = guest.http.get(address_of(pending))
    assert 'name="code"' not in page.text
    answer = guest.press(page, verdict, at=address_of(pending), reason="Not today.")
    assert (answer.status_code, answer.headers["location"]) == (303, address_of(pending))
    assert desk.send(pending).state == state
    shown = guest.http.get(address_of(pending)).text
    assert "in the portal" in shown
    assert ("Not today." in shown) == (verdict == "rejected")


def test_the_nonce_of_one_request_does_not_decide_another(guest: Guest, desk: Desk) -> None:
    one, two = desk.ask("One."), desk.ask("Two.")
    guest.sign_in()
    page = guest.http.get(address_of(one))
    answer = guest.press(page, "approved", at=address_of(two), digest=two.digest)
    assert (answer.status_code, "stale_form" in answer.text, state_of(desk, two)) == (403, True, "pending")


def test_the_nonce_of_another_session_does_not_decide(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    guest.sign_in()
    page = guest.http.get(address_of(pending))
    other = guest_at(desk)
    other.sign_in()
    assert other.press(page, "approved", at=address_of(pending)).status_code == 403
    assert state_of(desk, pending) == "pending"


def test_the_portal_refuses_another_digest_and_a_second_decision(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    guest.sign_in()
    page = guest.http.get(address_of(pending))
    assert guest.press(page, "approved", at=address_of(pending), digest="11" * 32).status_code == 409
    assert state_of(desk, pending) == "pending"
    desk.decide(pending, "rejected")
    answer = guest.press(page, "approved", at=address_of(pending))
    assert (answer.status_code, "Olivia rejected this on" in answer.text, state_of(desk, pending)) == (409, True, "rejected")


def test_staff_look_but_do_not_decide(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    owners = guest_at(desk)
    owners.sign_in()
    guest.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    page = guest.http.get(address_of(pending))
    assert (page.status_code, Reader(page.text).buttons, "Only an owner or a manager decides." in page.text) == (200, [], True)
    assert guest.press(owners.http.get(address_of(pending)), "approved", at=address_of(pending)).status_code == 403
    changed(owner_db, "UPDATE person SET role = 'staff' WHERE name = 'Olivia'")
    assert Reader(owners.http.get(address_of(pending)).text).buttons == []
    assert state_of(desk, pending) == "pending"


def test_a_role_that_is_lost_counts_at_once_when_the_page_is_already_open(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    guest.sign_in()
    page = guest.http.get(address_of(pending))
    changed(owner_db, "UPDATE person SET role = 'staff' WHERE name = 'Olivia'")
    answer = guest.press(page, "approved", at=address_of(pending))
    assert (answer.status_code, "may_not_decide" in answer.text, state_of(desk, pending)) == (403, True, "pending")


def test_another_workspace_sees_nothing_and_decides_nothing(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask("Our secret.")
    mine = guest_at(desk)
    mine.sign_in()
    page = mine.http.get(address_of(pending))
    with owner_db.transaction() as session:
        theirs = replace(desk, founded=found(session, "Other", "eve@example.com"))
    eve = guest_at(theirs)
    eve.sign_in()
    for answer in (eve.http.get(address_of(pending)), eve.press(page, "approved", at=address_of(pending))):
        assert answer.status_code in (403, 404)
        assert "Our secret." not in answer.text
    assert eve.http.get(address_of(pending)).status_code == 404
    for path in ("/portal", "/portal/ledger"):
        assert "Our secret." not in eve.http.get(path).text
        assert "447400123456" not in eve.http.get(path).text
    assert state_of(desk, pending) == "pending"


@pytest.mark.parametrize("wire", ["apr_00000000000000000000000000000000", "apr_1", "int_00000000000000000000000000000000", "'", "%00"])
def test_an_unknown_id_is_a_calm_404(guest: Guest, wire: str) -> None:
    guest.sign_in()
    answer = guest.http.get(f"/portal/approvals/{wire}")
    assert (answer.status_code, "not_found" in answer.text) == (404, True)


def test_the_ledger_tells_who_asked_who_decided_and_what_left(guest: Guest, desk: Desk, bench: Bench) -> None:
    pending = desk.approved("Sent words.")
    bench.drain()
    guest.sign_in()
    page = guest.http.get("/portal/ledger").text
    for words in (
        "the agent “first agent”",
        "Olivia, in the portal",
        pending.digest,
        "the same bytes",
        "1 attempt",
        "memory-",
        "sandbox: nothing left this machine",
    ):
        assert words in page
    assert "differs" not in page


def test_the_ledger_flags_other_bytes_than_were_approved(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    bench.drain()
    changed(owner_db, "UPDATE attempt SET digest = sha256('other')")
    guest.sign_in()
    assert "differs from what was approved" in guest.http.get("/portal/ledger").text
    assert "Other bytes were sent than were approved" in guest.http.get(address_of(pending)).text


@pytest.mark.parametrize("state", ["in_doubt", "failed", "undelivered", "delivered", "blocked", "suppressed"])
def test_every_fate_has_its_sentence(guest: Guest, desk: Desk, owner_db: Database, state: str) -> None:
    pending = desk.approved()
    changed(owner_db, "UPDATE delivery SET state = :state, lease_until = NULL, owner = NULL WHERE intent_id = :it", state=state, it=pending.intent_ids[0])
    guest.sign_in()
    for path in (address_of(pending), "/portal/ledger"):
        assert guest.http.get(path).status_code == 200


def test_the_memory_provider_is_never_dialled_by_a_page(guest: Guest, desk: Desk, bench: Bench) -> None:
    pending = desk.ask()
    guest.sign_in()
    guest.press(guest.http.get(address_of(pending)), "approved", at=address_of(pending))
    assert isinstance(bench.memory, Memory)
    assert bench.memory.ledger == []


def test_the_portal_goes_on_when_a_content_is_gone(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending, decided = desk.ask(), desk.approved()
    changed(owner_db, "UPDATE content SET snapshot = ''")
    guest.sign_in()
    for path in ("/portal", "/portal/ledger", address_of(pending), address_of(decided)):
        answer = guest.http.get(path)
        assert (answer.status_code, "rased message" in answer.text) == (200, True)
        assert Reader(answer.text).buttons == []
