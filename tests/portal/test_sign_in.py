"""Signing in by an e-mailed code: who gets one, where and how long it is good, and what a stranger learns, which is nothing."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from approvals.people import Rank
from approvals.resolve import Subject
from crm.access import codes, throttle
from crm.access.setup import found
from kernel import clock
from kernel.clock import monotonic
from kernel.db import Database
from surfaces.portal.visit import EVEN_SECONDS
from tests.approvals.hands import hold, rows
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, changed, everything, guest_at, joined

OWNER = "olivia@example.com"
AT = "/portal/sign-in"
MAIL = "email:sandbox"
LETTER = re.compile(r"sign in: (\d{4}) (\d{4})\n")


def asked(guest: Guest, address: str = OWNER) -> httpx2.Response:
    """Ask for a code, as far as the page that waits for it."""
    answer = guest.http.post(AT, data={**Reader(guest.http.get(AT).text).fields, "address": address})
    assert (answer.status_code, answer.headers.get("location")) == (303, f"{AT}/code"), answer.text
    return guest.http.get(f"{AT}/code")


def typed(guest: Guest, code: str) -> httpx2.Response:
    """Type a code into that page."""
    return guest.http.post(f"{AT}/code", data={**Reader(guest.http.get(f"{AT}/code").text).fields, "code": code})


def letters(bench: Bench) -> list[tuple[str, str]]:
    """Every code that left, with its recipient, the oldest first."""
    bench.drain(MAIL)
    found = [(dispatch.content.recipient, LETTER.search(dispatch.content.body)) for dispatch in bench.memory.ledger]
    return [(recipient, "".join(code.groups())) for recipient, code in found if code]


def newest(bench: Bench) -> str:
    return letters(bench)[-1][1]


def is_inside(guest: Guest) -> bool:
    return guest.http.get("/portal").status_code == 200


@pytest.mark.parametrize("spelled", ["{}", " {} ", "{:.4}-{:.4}"])
def test_the_code_of_the_letter_signs_in_with_a_fresh_session(guest: Guest, bench: Bench, owner_db: Database, spelled: str) -> None:
    guest.http.cookies.set("sayso_session", "planted", domain="sayso.test", path="/portal")
    asked(guest, f" {OWNER.upper()} ")
    ((recipient, code),) = letters(bench)
    assert recipient == OWNER
    said = f"{code[:4]}-{code[4:]}" if "-" in spelled else spelled.format(code)
    answer = typed(guest, said)
    assert (answer.status_code, answer.headers["location"], is_inside(guest)) == (303, "/portal", True)
    assert "planted" not in guest.http.cookies["sayso_session"]
    assert rows(owner_db, "SELECT actor, subject FROM audit WHERE action = 'person.signed_in'")[0][0] == "person: Olivia"
    assert code not in str(everything(owner_db))


def test_the_page_says_where_the_letter_is_when_no_letter_leaves(guest: Guest, desk: Desk) -> None:
    assert "./dev mailbox" in asked(guest).text
    assert "./dev login-link" in guest.http.get(AT).text
    sent = replace(desk, settings=desk.settings.model_copy(update={"email": "smtp"}))
    assert "mailbox" not in asked(guest_at(sent)).text


def test_a_code_works_once(guest: Guest, desk: Desk, bench: Bench) -> None:
    asked(guest)
    kept = guest.http.cookies["sayso_asked"]
    fields = Reader(guest.http.get(f"{AT}/code").text).fields
    typed(guest, newest(bench))
    again = guest_at(desk)
    answer = again.http.post(f"{AT}/code", data={**fields, "code": newest(bench)}, headers={"Cookie": f"sayso_asked={kept}"})
    assert (answer.status_code, "wrong_sign_in_code" in answer.text, is_inside(again)) == (403, True, False)


def test_reading_the_pages_writes_nothing(guest: Guest, owner_db: Database) -> None:
    asked(guest)
    before = everything(owner_db)
    for path in (AT, f"{AT}/code", f"{AT}/choose"):
        for method in ("GET", "HEAD"):
            assert guest.http.request(method, path).status_code in (200, 303)
    assert everything(owner_db) == before


def test_a_stranger_is_answered_as_an_owner_is(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    other = guest_at(desk)
    pages = [NONCE.sub("", asked(visitor, address).text) for visitor, address in ((guest, OWNER), (other, "nobody@example.com"))]
    assert pages[0] == pages[1]
    assert "If this address belongs to somebody here" in pages[0]
    assert [recipient for recipient, _code in letters(bench)] == [OWNER]
    wrong = [NONCE.sub("", typed(visitor, "00000000").text) for visitor in (guest, other)]
    assert wrong[0] == wrong[1]
    assert rows(owner_db, "SELECT count(*) FROM sign_in_code") == [(1,)]


NONCE = re.compile(r'name="nonce" value="[^"]+"')


def test_the_clock_tells_a_stranger_nothing(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    def spent(address: str) -> float:
        fields, began = Reader(guest.http.get(AT).text).fields, monotonic()
        guest.http.post(AT, data={**fields, "address": address})
        return monotonic() - began

    spent(OWNER)
    slow = codes.post
    monkeypatch.setattr(codes, "post", lambda *given: (clock.pause(0.06), slow(*given)))
    took = [spent(address) for address in (OWNER, "nobody@example.com")]
    assert abs(took[0] - took[1]) < 0.05
    assert min(took) >= EVEN_SECONDS
    monkeypatch.setattr("surfaces.portal.visit.EVEN_SECONDS", 0.0001)
    took = [spent(address) for address in (OWNER, "nobody@example.com")]
    assert took[0] - took[1] > 0.03, "the check sees nothing"


def test_another_browser_cannot_use_the_code(guest: Guest, desk: Desk, bench: Bench) -> None:
    thief = guest_at(desk)
    asked(thief, "nobody@example.com")
    asked(guest)
    code = newest(bench)
    assert (typed(thief, code).status_code, is_inside(thief)) == (403, False)
    assert typed(guest, code).status_code == 303


def test_the_newest_code_is_the_only_live_one(guest: Guest, desk: Desk, bench: Bench) -> None:
    asked(guest)
    first = newest(bench)
    later = guest_at(desk)
    asked(later)
    assert typed(guest, first).status_code == 403
    assert typed(later, newest(bench)).status_code == 303


def test_five_tries_are_all_there_are_also_at_once(guest: Guest, bench: Bench, owner_db: Database) -> None:
    asked(guest)
    code = newest(bench)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    fields, cookie = Reader(guest.http.get(f"{AT}/code").text).fields, {"Cookie": f"sayso_asked={guest.http.cookies['sayso_asked']}"}

    def guess(_: int) -> int:
        return guest.http.post(f"{AT}/code", data={**fields, "code": wrong}, headers=cookie).status_code

    with ThreadPoolExecutor(8) as crowd:
        assert set(crowd.map(guess, range(12))) == {403}
    assert rows(owner_db, "SELECT tries FROM sign_in_code") == [(5,)]
    assert typed(guest, code).status_code == 403
    changed(owner_db, "UPDATE sign_in_code SET tries = 4")
    assert typed(guest, code).status_code == 303, "the check sees nothing"


def test_a_code_ends_after_ten_minutes(guest: Guest, bench: Bench) -> None:
    asked(guest)
    code = newest(bench)
    clock.skew(codes.CODE_LASTS + timedelta(seconds=1))
    try:
        assert typed(guest, code).status_code == 403
    finally:
        clock.skew(timedelta(0))
    assert typed(guest, code).status_code == 303


def test_whoever_asks_too_often_waits_and_others_do_not(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    for _ in range(codes.BY_ADDRESS.most):
        asked(guest)
    before = letters(bench)
    for address in (OWNER, OWNER.title()):
        refused = guest.http.post(AT, data={**Reader(guest.http.get(AT).text).fields, "address": address})
        assert (refused.status_code, "too_often" in refused.text) == (429, True)
    assert letters(bench) == before
    joined(desk, owner_db, "Robin", Rank.MANAGER)
    asked(guest, "robin@example.com")
    changed(owner_db, "UPDATE throttle SET since = now() - interval '16 minutes'")
    asked(guest)
    assert len(letters(bench)) == len(before) + 2
    assert OWNER not in str(rows(owner_db, "SELECT * FROM throttle"))


def test_one_origin_cannot_ask_about_everybody(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "BY_ORIGIN", replace(codes.BY_ORIGIN, most=3))
    for number in range(3):
        asked(guest, f"somebody{number}@example.com")
    refused = guest.http.post(AT, data={**Reader(guest.http.get(AT).text).fields, "address": "another@example.com"})
    assert (refused.status_code, "too_often" in refused.text) == (429, True)


def test_an_origin_is_an_address_or_a_network() -> None:
    assert throttle.network_of("2001:db8::1") == throttle.network_of("2001:db8::2") != throttle.network_of("2001:db8:0:1::1")
    assert [throttle.network_of(each) for each in ("192.0.2.1", "", "testclient")] == ["192.0.2.1", "", "testclient"]


@pytest.mark.parametrize("address", ["", "olivia", "olivia@", "a@b@c", "o" * 5000 + "@example.com"])
def test_what_is_no_address_is_said_to_be_none(guest: Guest, address: str) -> None:
    answer = guest.http.post(AT, data={**Reader(guest.http.get(AT).text).fields, "address": address})
    assert (answer.status_code, "no_address" in answer.text) == (422, True)


def test_forms_need_their_nonce(guest: Guest, bench: Bench, owner_db: Database) -> None:
    page = asked(guest)
    code, before = newest(bench), everything(owner_db)
    assert guest.http.post(AT, data={**Reader(page.text).fields, "address": OWNER}).status_code == 403
    for fields in ({}, {"nonce": "forged"}, Reader(guest.http.get(AT).text).fields):
        assert guest.http.post(f"{AT}/code", data={**fields, "code": code}).status_code == 403
        assert guest.http.post(f"{AT}/choose", data={**fields, "verdict": "org_0"}).status_code == 403
    assert everything(owner_db) == before


def test_somebody_of_several_workspaces_chooses_after(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        other = found(session, "Barber <Bo>", OWNER)
        found(session, "Not Mine", "eve@example.com")
    asked(guest)
    assert len(letters(bench)) == 1
    answer = typed(guest, newest(bench))
    assert (answer.headers["location"], is_inside(guest)) == (f"{AT}/choose", False)
    page = guest.http.get(f"{AT}/choose")
    assert Reader(page.text).buttons == [f"org_{other.workspace.hex}", f"org_{desk.founded.workspace.hex}"]
    assert ("Barber &lt;Bo&gt;" in page.text, "Not Mine" in page.text) == (True, False)
    assert guest.press(page, f"org_{other.workspace.hex}", at=f"{AT}/choose").headers["location"] == "/portal"
    assert rows(owner_db, "SELECT workspace_id FROM portal_session") == [(other.workspace,)]
    assert guest.press(page, f"org_{desk.founded.workspace.hex}", at=f"{AT}/choose").status_code == 403


@pytest.mark.parametrize("named", ["theirs", "nothing"])
def test_a_place_that_is_not_mine_is_refused(guest: Guest, bench: Bench, owner_db: Database, named: str) -> None:
    with owner_db.transaction() as session:
        found(session, "Barber Bo", OWNER)
        theirs = found(session, "Not Mine", "eve@example.com").workspace
    asked(guest)
    typed(guest, newest(bench))
    page = guest.http.get(f"{AT}/choose")
    answer = guest.press(page, f"org_{theirs.hex}" if named == "theirs" else "org_0", at=f"{AT}/choose")
    assert (answer.status_code, "sign_in_ended" in answer.text, is_inside(guest)) == (403, True, False)


def test_whoever_is_gone_gets_no_code_and_cannot_use_one(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    joined(desk, owner_db, "Robin", Rank.MANAGER)
    asked(guest, "robin@example.com")
    code = newest(bench)
    changed(owner_db, "UPDATE person SET ended_at = now() WHERE name = 'Robin'")
    typed(guest, code)
    assert not is_inside(guest)
    asked(guest_at(desk), "robin@example.com")
    assert len(letters(bench)) == 1


def test_a_code_leaves_while_sending_is_paused(guest: Guest, desk: Desk, bench: Bench) -> None:
    hold(desk, Subject("workspace"))
    asked(guest)
    assert typed(guest, newest(bench)).status_code == 303


def test_no_agent_and_no_log_sees_a_code(guest: Guest, desk: Desk, bench: Bench, owner_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asked(guest)
    code, browser = newest(bench), guest.http.cookies["sayso_asked"]
    typed(guest, code)
    written = "\n".join(f"{record.getMessage()} {record.args}" for record in caplog.records if not record.name.startswith(("httpx", "httpcore")))
    assert "POST /portal/sign-in/code" in written
    for secret in (code, f"{code[:4]} {code[4:]}", browser, OWNER):
        assert secret not in written
    assert "sign_in_code" not in desk.run("list_scheduled_sends").model_dump_json()
    assert rows(owner_db, "SELECT kind, on_unknown, sealed, priority FROM intent JOIN content ON intent_id = id JOIN every_delivery USING (intent_id)") == [
        ("sign_in_code", "resend", True, 0)
    ]


def test_the_database_lets_a_code_go_to_nobody_else(guest: Guest, owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = codes.Letter
    monkeypatch.setattr(codes, "Letter", lambda **given: honest(**{**given, "to": "stranger@example.com"}))
    fields = Reader(guest.http.get(AT).text).fields
    assert guest.http.post(AT, data={**fields, "address": OWNER}).status_code == 422
    assert rows(owner_db, "SELECT count(*) FROM intent") == [(0,)]
