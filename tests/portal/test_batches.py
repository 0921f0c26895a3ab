"""One deed over many sends: taken once, done once each, by whoever may, with a page that tells how far it is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from approvals import batches
from approvals.batches import Batch, Wish, begin
from approvals.people import Rank
from approvals.resolve import MayNotOperate
from crm.access.setup import found
from kernel.db import Database
from kernel.keys import new_id, show
from outbox.retirement import shelve
from tests.approvals.hands import dead, doubt, rows
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, changed, everything, guest_at, joined
from tests.portal.test_why import words

MANY = re.compile(r'<form method="post" action="/portal/batches" id="many".*?</form>', re.DOTALL)
WHY = "The number was mended."


def picked(guest: Guest, page: str, verdict: str, *ids: str, reason: str = WHY) -> tuple[int, str]:
    """Tick these on the page and press the button: the answer's status, and where it leads or what it says."""
    form = MANY.search(guest.http.get(page).text)
    assert form
    answer = guest.http.post("/portal/batches", data={**Reader(form.group()).fields, "verdict": verdict, "reason": reason, **dict.fromkeys(ids, "on")})
    return answer.status_code, answer.headers.get("location") or answer.text


def boxes(page: str) -> list[str]:
    """The boxes that the page lists."""
    return re.findall(r'<input type="checkbox" name="(pick-int_[0-9a-f]{32})" form="many"', page)


def work(desk: Desk, bench: Bench) -> None:
    """What the clock does each second."""
    with bench.database.line() as line:
        waiting = batches.due(line)
    for one in waiting:
        batches.carry_out(desk.database, one)


def test_many_dead_letters_are_replayed_and_the_page_tells_how_far_it_is(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    letters = [dead(desk, bench) for _ in range(3)]
    guest.sign_in()
    names = boxes(guest.http.get("/portal/dead").text)
    assert len(names) == 3
    changed(owner_db, "UPDATE intent SET expires_at = now() WHERE id = :id", id=letters[0].intent_ids[0])
    status, at = picked(guest, "/portal/dead", "replay", *names)
    assert (status, at.startswith("/portal/batches/bat_")) == (303, True)
    young = guest.http.get(at)
    assert '<progress max="3" value="0"' in young.text
    assert Reader(young.text).refresh == "2", "it moves on without a script"
    work(desk, bench)
    page = guest.http.get(at)
    assert '<progress max="3" value="3"' in page.text
    assert Reader(page.text).refresh is None
    told = words(page.text)
    for line in ("Done: 2 of 3.", "Nothing was done to these", "The time by which it had to leave has passed", "Olivia", WHY):
        assert line in told
    assert sorted(desk.send(one).state for one in letters) == ["failed", "ready", "ready"]
    assert rows(owner_db, "SELECT count(*) FROM attempt WHERE outcome = 'replayed' AND reason = :why", why=WHY) == [(2,)]
    assert rows(owner_db, "SELECT DISTINCT actor FROM audit WHERE action = 'dead_letter.replayed'") == [("person: Olivia",)]


def test_a_form_that_is_sent_twice_is_one_batch_and_each_send_is_done_once(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    for _ in range(3):
        dead(desk, bench)
    guest.sign_in()
    page = guest.http.get("/portal/dead").text
    two = boxes(page)[:2]
    form = MANY.search(page)
    assert form
    fields = {**Reader(form.group()).fields, "verdict": "replay", "reason": WHY, **dict.fromkeys(two, "on")}
    answers = [guest.http.post("/portal/batches", data=fields) for _ in range(3)]
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, answers[0].headers["location"])}
    assert rows(owner_db, "SELECT count(*) FROM batch") == [(1,)]
    with bench.database.line() as line:
        seen_by_two_clocks = batches.due(line) * 2
    for one in seen_by_two_clocks:
        batches.carry_out(desk.database, one)
    assert rows(owner_db, "SELECT count(*) FROM attempt WHERE outcome = 'replayed'") == [(2,)]
    status, at = picked(guest, "/portal/dead", "replay", *two)
    assert status == 303, "the negative control: a page that is opened anew asks for something new"
    work(desk, bench)
    assert words(guest.http.get(at).text).count("This send is ready since") == 2, "and is told that somebody was here before"


@pytest.mark.parametrize(("verdict", "state"), [("sent", "sent"), ("again", "ready"), ("give_up", "failed")])
def test_many_doubts_are_settled(guest: Guest, desk: Desk, bench: Bench, verdict: str, state: str) -> None:
    doubts = [doubt(desk, bench, f"Table {nth}.") for nth in range(2)]
    guest.sign_in()
    page = guest.http.get("/portal/doubts?pick=all").text
    assert page.count("checked") == 2
    status, at = picked(guest, "/portal/doubts", verdict, boxes(page)[0])
    work(desk, bench)
    assert status == 303
    assert "Done: 1 of 1." in words(guest.http.get(at).text)
    assert [desk.send(one).state for one in doubts] == [state, "in_doubt"], "only what was picked"


def test_what_is_left_is_listed_no_more_and_leaves_the_hot_table(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    one, two = dead(desk, bench), dead(desk, bench)
    guest.sign_in()
    names = [f"pick-{show('int', pending.intent_ids[0])}" for pending in (one, two)]
    picked(guest, "/portal/dead", "leave", names[0])
    assert len(boxes(guest.http.get("/portal/dead").text)) == 2, "until it is done"
    work(desk, bench)
    page = guest.http.get("/portal/dead").text
    assert boxes(page) == [names[1]]
    assert '<span class="count bad">1</span>' in page
    with bench.database.line() as line:
        assert shelve(line) == 1
        assert shelve(line) == 0
    assert rows(owner_db, "SELECT intent_id FROM delivery WHERE state = 'failed'") == [(two.intent_ids[0],)]
    assert desk.send(one).state == "failed", "what it is does not change"
    told = words(guest.http.get(f"/portal/sends/{show('int', one.intent_ids[0])}").text)
    assert "Olivia left it as it is" in told
    _, late = picked(guest, "/portal/dead", "replay", names[0])
    work(desk, bench)
    assert "Somebody left this one as it is" in words(guest.http.get(late).text)


def test_only_who_may_asks_and_the_right_is_looked_at_again_when_it_is_done(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    letter = dead(desk, bench)
    name = f"pick-{show('int', letter.intent_ids[0])}"
    sam = joined(desk, owner_db, "Sam", Rank.STAFF)
    staff = guest_at(desk)
    staff.sign_in(sam)
    assert boxes(staff.http.get("/portal/dead").text) == []
    assert "/portal/batches" not in staff.http.get("/portal/dead").text
    with desk.signed_in(sam) as (session, person), pytest.raises(MayNotOperate):
        begin(session, person, Wish(new_id(), "replay", WHY, letter.intent_ids))
    guest.sign_in()
    _, at = picked(guest, "/portal/dead", "replay", name)
    changed(owner_db, "UPDATE person SET role = 'staff' WHERE id = :id", id=desk.founded.owner)
    work(desk, bench)
    assert "Only an owner or a manager settles doubts" in words(guest.http.get(at).text)
    assert desk.send(letter).state == "failed"


def test_the_database_takes_a_batch_from_a_signed_in_decider_alone(desk: Desk, bench: Bench, owner_db: Database) -> None:
    letter = dead(desk, bench)
    sam = joined(desk, owner_db, "Sam", Rank.STAFF)
    forged = {"workspace_id": desk.founded.workspace, "deed": "replay", "reason": WHY, "person_id": desk.founded.owner}
    with desk.database.transaction(desk.founded.workspace) as session, pytest.raises(DBAPIError, match="row-level security"):
        session.execute(insert(Batch).values(id=new_id(), **forged))
    with desk.signed_in(sam) as (session, _), pytest.raises(DBAPIError, match="row-level security"), session.begin_nested():
        session.execute(insert(Batch).values(id=new_id(), **forged))
    with desk.signed_in() as (session, somebody):
        begin(session, somebody, Wish(new_id(), "replay", WHY, letter.intent_ids))
    assert rows(owner_db, "SELECT count(*) FROM batch") == [(1,)], "the negative control"


def test_another_business_neither_picks_nor_sees_it(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    name = f"pick-{show('int', dead(desk, bench).intent_ids[0])}"
    with owner_db.transaction() as session:
        other = replace(desk, founded=found(session, "Other", "eve@example.com"))
    dead(other, bench)
    eve = guest_at(other)
    eve.sign_in()
    status, told = picked(eve, "/portal/dead", "replay", name)
    assert (status, "nothing_picked" in told) == (422, True)
    guest.sign_in()
    _, at = picked(guest, "/portal/dead", "leave", name)
    assert eve.http.get(at).status_code == 404
    assert guest.http.get(at).status_code == 200


def test_a_form_without_a_pick_a_reason_or_its_nonce_does_nothing(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    name = f"pick-{show('int', dead(desk, bench).intent_ids[0])}"
    guest.sign_in()
    form = MANY.search(guest.http.get("/portal/dead").text)
    assert form
    good = {**Reader(form.group()).fields, "verdict": "replay", "reason": WHY, name: "on"}
    before = everything(owner_db)
    for wrong, status in (
        ({name: None}, 422),
        ({"reason": " "}, 422),
        ({"verdict": "approved"}, 422),
        ({"nonce": "forged"}, 403),
        ({"batch": show("bat", new_id())}, 403),
        ({"batch": "bat_1"}, 404),
        ({"pick-int_1": "on"}, 404),
    ):
        fields = {field: said for field, said in {**good, **wrong}.items() if said is not None}
        assert guest.http.post("/portal/batches", data=fields).status_code == status, wrong
    assert everything(owner_db) == before
    assert guest.http.post("/portal/batches", data=good).status_code == 303
