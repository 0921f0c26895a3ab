"""Stopping what was approved: it wins while nothing was dialled, is told the truth afterwards, and takes more than an opened link."""

from __future__ import annotations

import re
from datetime import timedelta
from threading import Thread
from typing import cast

import httpx2
import pytest

from approvals.halting import NothingToStop, halt
from approvals.people import Person, Rank
from approvals.requests import Pending
from kernel import clock
from kernel.db import Database
from kernel.errors import NotFound
from kernel.keys import show
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, address_of, changed, everything, guest_at, invited, joined

HALT = re.compile(r'<form method="post" action="([^"]+/stop)" class="halt">.*?</form>', re.DOTALL)


def halting(page: httpx2.Response) -> tuple[str, dict[str, str]]:
    """Where the stop button leads, and what it carries."""
    found = HALT.search(page.text)
    assert found
    return found.group(1), Reader(found.group()).fields


def stopped(guest: Guest, page: httpx2.Response) -> httpx2.Response:
    at, fields = halting(page)
    return guest.http.post(at, data=fields)


def decided_by_link(guest: Guest, desk: Desk) -> Pending:
    pending = desk.ask()
    invitation = invited(desk, pending)
    guest.press(guest.open(invitation), "approved", code=invitation.code)
    return pending


def test_an_owner_stops_what_has_not_left(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    guest.sign_in()
    answer = stopped(guest, guest.http.get(address_of(pending)))
    assert (answer.status_code, answer.headers["location"]) == (303, address_of(pending))
    bench.drain()
    assert (desk.send(pending).state, bench.memory.ledger) == ("cancelled", [])
    page = guest.http.get(address_of(pending)).text
    assert "Cancelled. Nothing was sent." in page
    assert "Stopped by Olivia" in page
    assert not HALT.search(page)
    told = rows(owner_db, "SELECT actor, detail->'intents'->>0 FROM audit WHERE action = 'approval.stopped'")
    assert told == [("person: Olivia", show("int", pending.intent_ids[0]))]


def test_it_says_so_when_the_message_was_faster(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    guest.sign_in()
    page = guest.http.get(address_of(pending))
    bench.drain()
    before = everything(owner_db)
    answer = stopped(guest, page)
    assert (answer.status_code, "nothing_to_stop" in answer.text, "Sent: the provider accepted it." in answer.text) == (409, True, True)
    assert everything(owner_db) == before
    assert desk.send(pending).state == "sent"


def test_a_stop_needs_its_own_nonce(guest: Guest, desk: Desk) -> None:
    one, two = desk.approved("One."), desk.approved("Two.")
    guest.sign_in()
    _, fields = halting(guest.http.get(address_of(one)))
    for given in (fields, {"nonce": "forged"}, {}):
        assert guest.http.post(f"{address_of(two)}/stop", data=given).status_code == 403
    assert guest.http.post(f"{address_of(one)}/stop", data=fields, headers={"Origin": "https://evil.example"}).status_code == 403
    assert desk.send(two).state == desk.send(one).state == "ready"


def test_staff_and_strangers_stop_nothing(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.approved()
    assert guest.http.post(f"{address_of(pending)}/stop").headers["location"] == "/portal/sign-in"
    guest.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    assert not HALT.search(guest.http.get(address_of(pending)).text)
    owners = guest_at(desk)
    owners.sign_in()
    page = owners.http.get(address_of(pending))
    changed(owner_db, "UPDATE person SET role = 'staff'")
    answer = stopped(owners, page)
    assert (answer.status_code, "may_not_decide" in answer.text, desk.send(pending).state) == (403, True, "ready")


def test_whoever_decided_by_link_stops_it_in_the_same_browser(guest: Guest, desk: Desk) -> None:
    pending = decided_by_link(guest, desk)
    answer = stopped(guest, guest.http.get("/a"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/a")
    assert desk.send(pending).state == "cancelled"
    assert "Stopped by Olivia" in guest.http.get("/a").text


def test_whoever_merely_opens_the_link_stops_nothing(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    guest.press(guest.open(invitation), "approved", code=invitation.code)
    _, fields = halting(guest.http.get("/a"))
    scanner = guest_at(desk)
    page = scanner.open(invitation)
    assert (page.status_code, bool(HALT.search(page.text))) == (200, False)
    assert scanner.http.post("/a/stop", data=fields).status_code == 403
    other = guest_at(desk)
    decided_by_link(other, desk)  # decided something else in another browser: that cookie is of no use here
    other.open(invitation)
    assert other.http.post("/a/stop", data=fields).status_code == 403
    assert desk.send(pending).state == "ready"


def test_a_decision_of_long_ago_lends_no_stop(guest: Guest, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pending = decided_by_link(guest, desk)
    page = guest.http.get("/a")
    moment = clock.now().timestamp() + timedelta(minutes=31).total_seconds()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: moment)
    assert not HALT.search(guest.http.get("/a").text)
    assert stopped(guest, page).status_code in (403, 404)  # 404: the browser has dropped the link too
    assert desk.send(pending).state == "ready"


def test_nothing_is_stopped_that_was_not_approved(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    before = everything(owner_db)
    with pytest.raises(NothingToStop), desk.database.transaction(desk.founded.workspace) as session:
        halt(session, session.get_one(Person, desk.founded.owner), pending.approval_id)
    with pytest.raises(NotFound), desk.database.transaction(desk.founded.workspace) as session:
        halt(session, session.get_one(Person, desk.founded.owner), pending.intent_ids[0])
    assert everything(owner_db) == before


@pytest.mark.parametrize("turn", range(5))
def test_of_a_stop_and_a_claim_one_wins(desk: Desk, bench: Bench, turn: int) -> None:
    pending, refused = desk.approved(f"Turn {turn}."), []

    def stop() -> None:
        try:
            with desk.database.transaction(desk.founded.workspace) as session:
                halt(session, session.get_one(Person, desk.founded.owner), pending.approval_id)
        except NothingToStop as told:
            refused.append(told)

    racing = [Thread(target=stop), Thread(target=bench.drain)]
    for one in racing:
        one.start()
    for one in racing:
        one.join()
    assert (desk.send(pending).state, len(bench.memory.ledger)) == (("sent", 1) if refused else ("cancelled", 0))


def test_the_way_of_a_send_is_told_step_by_step(guest: Guest, desk: Desk, bench: Bench) -> None:
    pending = cast("Pending", desk.approved())
    guest.sign_in()
    page = guest.http.get(address_of(pending)).text
    assert (page.count('class="done"'), page.count('class="coming"')) == (1, 2)
    bench.drain()
    page = guest.http.get(address_of(pending)).text
    assert (page.count('class="done"'), page.count('class="coming"')) == (2, 1)
