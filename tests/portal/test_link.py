"""Approval by link: what the page says, what it takes to decide, and what it refuses, each with nothing written."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from approvals.people import Rank
from kernel import clock
from kernel.db import Database
from kernel.keys import token_hash
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, changed, everything, guest_at, invited, joined, state_of


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_opening_writes_nothing_when_get_and_head_come_again_and_again(guest: Guest, desk: Desk, owner_db: Database) -> None:
    invitation = invited(desk, desk.ask())
    before = everything(owner_db)
    for method in ("GET", "HEAD", "GET"):
        assert guest.http.request(method, f"/a/{invitation.token}").status_code == 303
        assert guest.http.request(method, "/a").status_code == 200
    assert everything(owner_db) == before


def test_the_page_shows_the_bytes_before_the_agents_words_when_open(guest: Guest, desk: Desk) -> None:
    pending = desk.run(
        "request_send_approval", actionType="send_sms", payload={"to": "+447400123456", "body": "Come at 3, see https://ola.example/x"}, summary="A reminder."
    )
    page = guest.open(invited(desk, pending)).text.partition("<main")[2]  # type: ignore[arg-type]  # this operation answers Pending
    order = [
        "Send this SMS to",
        "Come at 3",
        "+447400123456</strong>",
        "never messaged before",
        "as soon as you approve",
        "ola.example</code>",
        "own words",
        "A reminder.",
        ">Approve<",
        ">Reject<",
    ]
    assert [page.index(words) for words in order] == sorted(page.index(words) for words in order)
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert Reader(page).buttons == ["approved", "rejected"]


def test_a_planned_send_is_shown_on_the_business_clock(guest: Guest, desk: Desk) -> None:
    moment = (clock.now() + timedelta(days=60)).replace(hour=8, minute=5, second=0, microsecond=0)
    local = moment.astimezone(ZoneInfo("Europe/Paris"))
    pending = desk.ask(sendAt=moment.isoformat())
    assert f"{local.day} {local:%b %Y, %H:%M} ({local.tzname()})".replace(f" {clock.now():%Y},", ",") in guest.open(invited(desk, pending)).text


@pytest.mark.parametrize(("verdict", "state"), [("approved", "ready"), ("rejected", "rejected")])
def test_it_is_decided_when_the_code_is_right_even_with_spaces(guest: Guest, desk: Desk, verdict: str, state: str) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    spaced = f" {invitation.code[:3]} {invitation.code[3:]}\u00a0"
    answer = guest.press(guest.open(invitation), verdict, code=spaced)
    assert (answer.status_code, answer.headers["location"]) == (303, "/a")
    assert (state_of(desk, pending), desk.send(pending).state) == (verdict, state)


def test_the_decided_page_says_who_and_what_became_of_it_as_it_happens(guest: Guest, desk: Desk, bench: Bench) -> None:
    invitation = invited(desk, desk.ask())
    guest.press(guest.open(invitation), "approved", code=invitation.code)
    page = guest.http.get("/a")
    assert "by Olivia" in page.text
    assert "Approved, not sent yet." in page.text
    assert "sandbox: nothing will leave this machine" in page.text
    assert Reader(page.text).refresh
    bench.drain()
    page = guest.http.get("/a")
    assert "Sent: the provider accepted it." in page.text
    assert "1 attempt" in page.text
    assert "sandbox: nothing left this machine" in page.text


def test_the_decided_page_stops_looking_again_when_a_quarter_hour_has_passed(guest: Guest, desk: Desk) -> None:
    invitation = invited(desk, desk.ask())
    guest.press(guest.open(invitation), "approved", code=invitation.code)
    try:
        clock.skew(timedelta(minutes=16))
        assert Reader(guest.http.get("/a").text).refresh is None
    finally:
        clock.skew(timedelta(0))


def test_a_rejection_keeps_its_reason_with_hidden_characters_spelled_out(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    guest.press(guest.open(invitation), "rejected", code=invitation.code, reason=" Too pushy\u202e\x00 " + "x" * 900)
    page = guest.http.get("/a").text
    assert "Too pushy" in page
    assert "⟦U+202E⟧" in page
    assert desk.send(pending).state == "rejected"


def test_a_wrong_code_is_counted_and_the_page_says_how_many_are_left(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    page = guest.open(invitation)
    for left in ("4 tries left", "3 tries left", "2 tries left", "1 try left", "this link is closed"):
        answer = guest.press(page, "approved", code=wrong(invitation.code))
        assert (answer.status_code, left in answer.text) == (403, True)
    answer = guest.press(page, "approved", code=invitation.code)
    assert (answer.status_code, "code_locked" in answer.text) == (403, True)
    assert (state_of(desk, pending), desk.send(pending).state) == ("pending", "held")
    locked = guest.http.get("/a")
    assert (locked.status_code, Reader(locked.text).buttons, "Your table is ready." in locked.text) == (403, [], False)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "٣٣٣٣٣٣"])
def test_no_try_is_used_when_the_code_is_not_six_digits(guest: Guest, desk: Desk, owner_db: Database, code: str) -> None:
    page = guest.open(invited(desk, desk.ask()))
    before = everything(owner_db)
    answer = guest.press(page, "approved", code=code)
    assert (answer.status_code, "no_code" in answer.text) == (422, True)
    assert everything(owner_db) == before


def test_another_digest_is_refused_with_a_fresh_page(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    page = guest.open(invitation)
    before = everything(owner_db)
    answer = guest.press(page, "approved", code=invitation.code, digest="00" * 32)
    assert (answer.status_code, "digest_changed" in answer.text) == (409, True)
    assert Reader(answer.text).fields["digest"] == pending.digest
    assert everything(owner_db) == before


@pytest.mark.parametrize("digest", ["", "zz", "00"])
def test_a_digest_that_is_none_is_refused(guest: Guest, desk: Desk, digest: str) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    answer = guest.press(guest.open(invitation), "approved", code=invitation.code, digest=digest)
    assert answer.status_code in (403, 409)
    assert state_of(desk, pending) == "pending"


def test_nothing_is_decided_when_neither_button_was_pressed(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    answer = guest.press(guest.open(invitation), "", code=invitation.code)
    assert (answer.status_code, "no_verdict" in answer.text, state_of(desk, pending)) == (422, True, "pending")


def test_the_link_cannot_decide_twice_and_tells_who_did(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    page = guest.open(invitation)
    guest.press(page, "approved", code=invitation.code)
    before = everything(owner_db)
    answer = guest.press(page, "rejected", code=invitation.code)
    assert (answer.status_code, "already_decided" in answer.text, "Olivia approved this on" in answer.text) == (409, True, True)
    assert everything(owner_db) == before
    assert state_of(desk, pending) == "approved"


def test_an_expired_request_is_never_decided_and_its_text_is_no_longer_shown(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask("A private matter.")
    invitation = invited(desk, pending)
    page = guest.open(invitation)
    changed(owner_db, "UPDATE approval SET expires_at = now() - interval '1 minute'")
    changed(owner_db, "UPDATE link SET expires_at = now() - interval '1 minute'")
    answer = guest.press(page, "approved", code=invitation.code)
    assert (answer.status_code, "approval_expired" in answer.text) == (409, True)
    shown = guest.http.get("/a")
    assert (shown.status_code, "Expired" in shown.text, "A private matter." in shown.text, Reader(shown.text).buttons) == (200, True, False, [])
    assert state_of(desk, pending) == "pending"


def test_a_revoked_link_is_refused_while_the_request_waits(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    page = guest.open(invitation)
    changed(owner_db, "UPDATE link SET ended_at = now() WHERE token_hash = :hash", hash=token_hash(invitation.token))
    answer = guest.press(page, "approved", code=invitation.code)
    assert (answer.status_code, "link_ended" in answer.text, state_of(desk, pending)) == (403, True, "pending")
    assert Reader(guest.http.get("/a").text).buttons == []


def test_a_withdrawn_request_is_shown_as_such(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    page = guest.open(invitation)
    desk.run("cancel_scheduled_send", intentId=f"int_{pending.intent_ids[0].hex}")
    assert "Withdrawn" in guest.http.get("/a").text
    assert guest.press(page, "approved", code=invitation.code).status_code == 409


@pytest.mark.parametrize("token", ["AAAAAAAAAAAAAAAAAAAAAA", "x", "a" * 65, "%2e%2e", "<script>"])
def test_a_forged_link_is_not_found(guest: Guest, token: str) -> None:
    answer = guest.http.get(f"/a/{token}", follow_redirects=True)
    assert (answer.status_code, "link_unknown" in answer.text) == (404, True)


def test_the_page_asks_for_the_link_when_there_is_no_cookie(guest: Guest) -> None:
    for answer in (guest.http.get("/a"), guest.http.post("/a", data={"verdict": "approved"})):
        assert (answer.status_code, "link_absent" in answer.text) == (404, True)


def test_staff_may_read_by_link_but_not_decide(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    page = guest.open(invitation)
    changed(owner_db, "UPDATE person SET role = 'staff'")
    assert Reader(guest.http.get("/a").text).buttons == []
    answer = guest.press(page, "approved", code=invitation.code)
    assert (answer.status_code, "may_not_decide" in answer.text, state_of(desk, pending)) == (403, True, "pending")


def test_two_links_of_two_people_show_their_own_names(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    max_id = joined(desk, owner_db, "Max", Rank.MANAGER)
    for person, name in ((desk.founded.owner, "Olivia"), (max_id, "Max")):
        assert f"This link is for {name} alone" in guest_at(desk).open(invited(desk, pending, person)).text
