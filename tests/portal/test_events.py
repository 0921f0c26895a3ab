"""What providers told us, replayed by a person: harmless however often, of one's own business alone, and never by reading a page or by a key."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from approvals.people import Rank
from crm.access.setup import found
from kernel.db import Database, raw
from kernel.keys import show
from outbox import replays
from outbox.dispatch import ObjectEvent, StatusEvent
from outbox.inbox import store
from outbox.replays import Wanted
from tests.approvals.hands import rows
from tests.crm.test_books import BOOKS, books, deliver, events
from tests.crm.test_invoices import billed
from tests.factories import Desk
from tests.portal.guest import Guest, Reader, changed, everything, guest_at, joined
from workers.receive import Receiver

PATH = "/portal/events"
STATES = "SELECT key, state, tries FROM inbox ORDER BY key"
CANARY = "a word of the body"
ELSEWHERE = "evt_elsewhere"


@pytest.fixture
def told(desk: Desk, owner_db: Database, worker_db: Database) -> list[ObjectEvent]:
    """All that Stripe says of one payment, applied; one event that died, of no business, and one about another's payment."""
    about_one = events(desk, billed(desk))
    deliver(desk, owner_db, worker_db, about_one)
    with owner_db.transaction() as session:
        other = found(session, "Elsewhere", "eve@example.com")
    strange = {"id": "pi_x", "metadata": {"sayso_workspace": show("org", other.workspace), "note": CANARY}}
    with desk.database.transaction() as session:
        store(session, "stripe", ObjectEvent(ELSEWHERE, "payment_intent.succeeded", {"data": {"object": strange}}))
        store(session, "stripe", ObjectEvent("evt_escape", "x", {"data": {"object": {"metadata": {"sayso_workspace": "\x00"}, "payment_intent": "\x00"}}}))
        store(session, "twilio", StatusEvent("status-1", "SM1", "delivered", "no reference"))
    changed(owner_db, "UPDATE inbox SET state = 'dead', reason = 'it is about a payment that is not here', tries = 10 WHERE key = 'evt_elsewhere'")
    return about_one


def press(guest: Guest, **asked: str) -> Any:
    """Ask, and press the button."""
    page = guest.http.get(f"{PATH}/replay?{urlencode(asked)}")
    assert page.status_code == 200
    return guest.http.post(f"{PATH}/replay", data=Reader(page.text).fields)


def again(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    """Work off what is due."""
    while rows(owner_db, "SELECT 1 FROM inbox WHERE state = 'new' AND form = 'object' AND key LIKE 'evt_%' AND key NOT IN ('evt_elsewhere', 'evt_escape')"):
        changed(owner_db, "UPDATE inbox SET due_at = now() WHERE state = 'new'")
        Receiver(desk.settings, worker_db).receive()


@pytest.mark.usefixtures("told")
def test_an_owner_sees_what_is_about_their_business_and_never_a_body(desk: Desk) -> None:
    guest = guest_at(desk)
    guest.sign_in()
    page = guest.http.get(PATH).text
    assert all(f"evt_{place}<" in page for place in range(9))
    assert not [word for word in (ELSEWHERE, "evt_escape", CANARY, "status-1") if word in page]
    assert "refund.failed" in guest.http.get(f"{PATH}?type=refund.failed").text
    assert "No such events" in guest.http.get(f"{PATH}?type=refund.failed&state=dead").text
    assert "No such events" in guest.http.get(f"{PATH}?to=2020-01-01&from=2019-01-01").text


def test_replaying_what_was_applied_ends_in_the_same_books(desk: Desk, told: list[ObjectEvent], owner_db: Database, worker_db: Database) -> None:
    guest = guest_at(desk)
    guest.sign_in()
    before, history = books(owner_db), rows(owner_db, "SELECT count(*) FROM event")
    assert press(guest, key=told[0].key).status_code == 303
    assert rows(owner_db, "SELECT key FROM inbox WHERE state = 'new' AND key LIKE 'evt__'") == [(told[0].key,)]
    assert press(guest).status_code == 303
    assert rows(owner_db, "SELECT count(*) FROM inbox WHERE state = 'new' AND key LIKE 'evt__'") == [(9,)]
    again(desk, owner_db, worker_db)
    assert (books(owner_db), rows(owner_db, "SELECT count(*) FROM event")) == (before, history)
    assert rows(owner_db, "SELECT detail->>'many' FROM audit WHERE action = 'events.replayed' ORDER BY at") == [("1",), ("9",)]


def test_a_lost_payment_comes_back_by_a_replay(desk: Desk, told: list[ObjectEvent], owner_db: Database, worker_db: Database) -> None:
    """The negative control: without the replay the books lack it."""
    before = rows(owner_db, BOOKS[0])
    changed(owner_db, "DELETE FROM payment")
    Receiver(desk.settings, worker_db).receive()
    assert rows(owner_db, BOOKS[0]) == []
    guest = guest_at(desk)
    guest.sign_in()
    press(guest, type=told[1].type)
    again(desk, owner_db, worker_db)
    press(guest, type="charge.refunded")
    again(desk, owner_db, worker_db)
    assert rows(owner_db, BOOKS[0]) != []
    press(guest)
    again(desk, owner_db, worker_db)
    assert rows(owner_db, BOOKS[0]) == before


@pytest.mark.usefixtures("told")
def test_asking_changes_nothing_and_what_comes_later_is_not_meant(desk: Desk, owner_db: Database) -> None:
    changed(owner_db, "DELETE FROM inbox WHERE key = 'evt_escape'")  # what compares the rows below cannot read it
    guest = guest_at(desk)
    guest.sign_in()
    before = everything(owner_db)
    page = guest.http.get(f"{PATH}/replay")
    assert everything(owner_db) == before
    changed(owner_db, "UPDATE inbox SET received_at = now() + interval '1 minute' WHERE key = 'evt_3'")
    fields = Reader(page.text).fields
    assert guest.http.post(f"{PATH}/replay", data={**fields, "key": "evt_3"}).status_code == 403
    assert guest.http.post(f"{PATH}/replay", data=fields).status_code == 303
    assert rows(owner_db, "SELECT state FROM inbox WHERE key IN ('evt_3', 'evt_4') ORDER BY key") == [("done",), ("new",)]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-13-01", "soon"])
@pytest.mark.usefixtures("told")
def test_no_day_breaks_the_page(desk: Desk, day: str) -> None:
    guest = guest_at(desk)
    guest.sign_in()
    for path in (PATH, f"{PATH}/replay"):
        assert guest.http.get(path, params={"from": day, "to": day}).status_code == 200


@pytest.mark.usefixtures("told")
def test_whoever_may_not_decide_sees_and_replays_nothing(desk: Desk, owner_db: Database) -> None:
    staff = guest_at(desk)
    staff.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    assert "evt_0" not in staff.http.get(PATH).text
    asked = staff.http.get(f"{PATH}/replay?key=evt_0")
    assert (asked.status_code, "evt_0</code>" in asked.text) == (403, False)
    assert rows(owner_db, "SELECT 1 FROM inbox WHERE key = 'evt_0' AND state = 'new'") == []


@pytest.mark.usefixtures("told")
def test_an_operator_sees_every_business_and_replays_a_dead_letter(desk: Desk, owner_db: Database) -> None:
    settings = desk.settings.model_copy(update={"operator_emails": "olivia@example.com"})
    guest = guest_at(Desk(desk.database, settings, desk.founded))
    guest.sign_in()
    page = guest.http.get(f"{PATH}?state=dead").text
    assert (ELSEWHERE in page, "it is about a payment that is not here" in page, CANARY in page) == (True, True, False)
    assert press(guest, state="dead").status_code == 303
    assert rows(owner_db, "SELECT state, tries, reason FROM inbox WHERE key = 'evt_elsewhere'") == [("new", 0, "")]


@pytest.mark.usefixtures("told")
def test_the_database_shows_nothing_to_whoever_is_not_signed_in(desk: Desk) -> None:
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        assert replays.shown(raw(session), Wanted(desk.founded.workspace), 9) == []
        assert replays.shown(raw(session), Wanted(), 9) == []
        assert replays.replay_shown(raw(session), Wanted(desk.founded.workspace)) == 0
    with desk.signed_in() as (session, _):
        assert len(replays.shown(raw(session), Wanted(desk.founded.workspace), 99)) == 9


@pytest.mark.usefixtures("told")
def test_more_than_are_replayed_at_once_are_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch, owner_db: Database) -> None:
    guest = guest_at(desk)
    guest.sign_in()
    fields = Reader(guest.http.get(f"{PATH}/replay").text).fields
    monkeypatch.setattr(replays, "AT_ONCE", 5)
    assert "more events are meant" in guest.http.get(f"{PATH}/replay").text.lower()
    refused = guest.http.post(f"{PATH}/replay", data=fields)
    assert (refused.status_code, "Choose a shorter time" in refused.text) == (409, True)
    assert rows(owner_db, "SELECT count(*) FROM inbox WHERE state = 'new' AND key LIKE 'evt__'") == [(0,)]
