"""The portal's pages for whoever operates: doubts, dead letters, lanes, and letting a terminal in."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from approvals.people import Rank
from crm.access import logins
from crm.access.setup import found
from kernel.db import Database
from kernel.keys import show
from tests.approvals.hands import LANE, dead, doubt, rows
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, changed, everything, guest_at, joined

PAGES = ["/portal/doubts", "/portal/dead", "/portal/lanes"]
FORM = re.compile(r'<form method="post" action="([^"]+)" class="(?:hand|buttons)".*?</form>', re.DOTALL)


def forms(page: str) -> dict[str, dict[str, str]]:
    """The hidden fields of each form that acts, by its address and what it speaks of."""
    return {f"{found.group(1)} {fields.get('what', '')}".strip(): fields for found in FORM.finditer(page) if (fields := Reader(found.group()).fields)}


def press(guest: Guest, at: str, fields: dict[str, str], verdict: str, reason: str = "Mia told me.") -> tuple[int, str]:
    answer = guest.http.post(at, data={**fields, "verdict": verdict, "reason": reason})
    return answer.status_code, answer.headers.get("location") or answer.text


@pytest.mark.parametrize("path", [*PAGES, "/portal/confirm"])
def test_a_stranger_is_shown_the_way_in(guest: Guest, path: str) -> None:
    assert guest.http.get(path).headers["location"] == "/portal/sign-in"
    assert guest.http.post(f"{path}/int_0" if path in PAGES[:2] else path, data={}).headers["location"] == "/portal/sign-in"


@pytest.mark.parametrize("path", PAGES)
def test_nothing_to_do_is_said_calmly_and_reading_writes_nothing(guest: Guest, owner_db: Database, path: str) -> None:
    guest.sign_in()
    before = everything(owner_db)
    assert 'class="count' not in (page := guest.http.get(path)).text
    assert page.status_code == 200
    assert everything(owner_db) == before


@pytest.mark.parametrize(("verdict", "state"), [("sent", "sent"), ("again", "ready"), ("give_up", "failed")])
def test_an_owner_settles_a_doubt(guest: Guest, desk: Desk, bench: Bench, verdict: str, state: str) -> None:
    pending = doubt(desk, bench, "Mia, <b>your</b> table.")
    guest.sign_in()
    page = guest.http.get("/portal/doubts").text
    for words in (
        "It was sent",
        "The customer may get it twice",
        "Give up",
        "Mia, &lt;b&gt;your&lt;/b&gt; table.",
        "+44 7400 123456",
        "the connection broke off",
    ):
        assert words in page
    assert '<span class="count doubt">1</span>' in page
    ((at, fields),) = forms(page).items()
    assert press(guest, at, fields, verdict) == (303, "/portal/doubts")
    assert desk.send(pending).state == state
    late = press(guest, at, fields, "again")
    assert (late[0], "not_in_doubt" in late[1]) == (409, True)


def test_a_doubt_is_settled_with_a_reason_a_button_and_its_own_nonce(guest: Guest, desk: Desk, bench: Bench) -> None:
    one, two = doubt(desk, bench, "One."), doubt(desk, bench, "Two.")
    guest.sign_in()
    ((at, fields), (other, _)) = forms(guest.http.get("/portal/doubts").text).items()
    for status, code, told in (
        (422, "no_reason", press(guest, at, fields, "sent", reason="  ")),
        (422, "no_verdict", press(guest, at, fields, "maybe")),
        (403, "stale_form", press(guest, other, fields, "sent")),
        (403, "stale_form", press(guest, at, {}, "sent")),
        (404, "not_found", press(guest, "/portal/doubts/int_1", fields, "sent")),
    ):
        assert (told[0], code in told[1]) == (status, True)
    assert {desk.send(one).state, desk.send(two).state} == {"in_doubt"}


def test_an_owner_replays_a_dead_letter(guest: Guest, desk: Desk, bench: Bench) -> None:
    pending = dead(desk, bench)
    guest.sign_in()
    page = guest.http.get("/portal/dead").text
    assert "The number does not exist." in page
    assert '<span class="count bad">1</span>' in page
    ((at, fields),) = forms(page).items()
    assert press(guest, at, fields, "replay") == (303, "/portal/dead")
    bench.drain()
    assert desk.send(pending).state == "sent"


def test_what_expired_cannot_be_replayed(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    dead(desk, bench)
    guest.sign_in()
    ((at, fields),) = forms(guest.http.get("/portal/dead").text).items()
    changed(owner_db, "UPDATE intent SET expires_at = now()")
    told = press(guest, at, fields, "replay")
    assert (told[0], "send_expired" in told[1]) == (409, True)
    assert forms(guest.http.get("/portal/dead").text) == {}


def test_staff_see_everything_and_act_on_nothing(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    doubt(desk, bench)
    dead(desk, bench)
    guest.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    for path, words in zip(PAGES, ("+44 7400 123456", "The number does not exist.", LANE), strict=True):
        page = guest.http.get(path).text
        assert words in page
        assert forms(page) == {}
        assert "nly an owner or a manager" in page


def test_a_role_that_is_lost_counts_when_the_page_is_already_open(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = doubt(desk, bench)
    guest.sign_in()
    ((at, fields),) = forms(guest.http.get("/portal/doubts").text).items()
    lanes = forms(guest.http.get("/portal/lanes").text)
    changed(owner_db, "UPDATE person SET role = 'staff'")
    for told in (press(guest, at, fields, "sent"), press(guest, "/portal/lanes", lanes["/portal/lanes workspace"], "pause")):
        assert (told[0], "may_not_operate" in told[1]) == (403, True)
    assert press(guest, "/portal/lanes", lanes["/portal/lanes key"], "revoke")[0] == 403
    assert desk.send(pending).state == "in_doubt"


def test_another_workspace_sees_nothing_of_it(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    doubt(desk, bench, "Our secret.")
    dead(desk, bench)
    with owner_db.transaction() as session:
        theirs = replace(desk, founded=found(session, "Other", "eve@example.com"))
    eve = guest_at(theirs)
    eve.sign_in()
    for path in PAGES:
        page = eve.http.get(path).text
        assert "Our secret." not in page
        assert "447400123456" not in page
        assert desk.founded.key.id.hex not in page


def test_an_owner_pauses_and_resumes_the_workspace_and_a_key(guest: Guest, desk: Desk, bench: Bench) -> None:
    guest.sign_in()
    for what in ("workspace", "key"):
        pending = desk.approved(f"Held by {what}.")
        fields = forms(guest.http.get("/portal/lanes").text)[f"/portal/lanes {what}"]
        assert press(guest, "/portal/lanes", fields, "pause", "Wrong <prices>.") == (303, "/portal/lanes")
        bench.drain()
        assert desk.send(pending).state == "ready"
        page = guest.http.get("/portal/lanes").text
        assert "Wrong &lt;prices&gt;." in page
        assert press(guest, "/portal/lanes", forms(page)[f"/portal/lanes {what}"], "resume") == (303, "/portal/lanes")
        bench.drain()
        assert desk.send(pending).state == "sent"


def test_an_owner_revokes_a_key_and_its_sends_hold(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    guest.sign_in()
    fields = forms(guest.http.get("/portal/lanes").text)["/portal/lanes key"]
    assert press(guest, "/portal/lanes", fields, "revoke") == (303, "/portal/lanes")
    bench.drain()
    assert desk.send(pending).state == "ready"
    assert "Revoked" in guest.http.get("/portal/lanes").text
    assert rows(owner_db, "SELECT subject FROM audit WHERE action = 'key.revoked'") == [(show("key", desk.founded.key.id),)]


def test_only_an_operator_has_a_hand_on_lanes(desk: Desk, owner_db: Database) -> None:
    desk.approved()
    for operators, may in (("", False), ("olivia@example.com", True)):
        guest = guest_at(replace(desk, settings=desk.settings.model_copy(update={"operator_emails": operators})))
        guest.sign_in()
        found_forms = forms(guest.http.get("/portal/lanes").text)
        assert ("/portal/lanes lane" in found_forms) == may
        if may:
            assert press(guest, "/portal/lanes", found_forms["/portal/lanes lane"], "pause", "Rates.") == (303, "/portal/lanes")
            assert "Rates." in guest.http.get("/portal/lanes").text
    assert rows(owner_db, "SELECT count(*) FROM lane WHERE paused_at IS NOT NULL") == [(1,)]


@pytest.mark.parametrize(("verdict", "words"), [("confirm", "Your terminal is signed in"), ("refuse", "That terminal gets nothing")])
def test_a_terminal_is_let_in_or_turned_away_once(guest: Guest, desk: Desk, owner_db: Database, verdict: str, words: str) -> None:
    begun = logins.start(desk.settings)
    address = f"/portal/confirm?login={begun.name}"
    guest.sign_in()
    before = everything(owner_db)
    page = guest.http.get(address)
    assert everything(owner_db) == before
    for told in (begun.code, "as you, Olivia", "Studio Ola", "It cannot approve anything"):
        assert told in page.text
    fields = forms(page.text)[urlsplit(address).path]
    done = guest.http.post("/portal/confirm", data={**fields, "verdict": verdict})
    assert words in done.text
    again = guest.http.post("/portal/confirm", data={**fields, "verdict": "confirm"})
    assert (again.status_code, "login_answered" in again.text) == (409, True)
    assert rows(owner_db, "SELECT finished_at IS NULL FROM terminal_login") == [(verdict == "confirm",)]


def test_a_confirmation_needs_its_nonce_a_button_and_a_login_of_ours(guest: Guest, desk: Desk, owner_db: Database) -> None:
    one, two = logins.start(desk.settings), logins.start(desk.settings)
    guest.sign_in()
    fields = forms(guest.http.get(f"/portal/confirm?login={one.name}").text)["/portal/confirm"]
    for given in ({**fields, "login": two.name}, {**fields, "nonce": "forged"}, {"login": one.name}):
        assert guest.http.post("/portal/confirm", data={**given, "verdict": "confirm"}).status_code == 403
    assert guest.http.post("/portal/confirm", data=fields).status_code == 422
    assert "login_ended" in guest.http.get("/portal/confirm?login=forged").text
    assert rows(owner_db, "SELECT count(*) FROM terminal_login") == [(0,)]
