"""The people of a business in the portal: an owner adds and ends them, whoever is ended is out at once, and one owner always stays."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from approvals.people import Rank
from crm.access.sessions import begin
from crm.access.setup import found
from kernel.clock import now
from kernel.db import Database
from kernel.keys import show, token_hash
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, changed, everything, guest_at, invited, joined, login_token

PATH = "/portal/settings/team"
ADD = "INSERT INTO person (id, workspace_id, email, name, role) VALUES (gen_random_uuid(), :w, 'eve@example.com', 'Eve', 'owner')"
END = "UPDATE person SET ended_at = now()"


def added(guest: Guest, name: str = "Robin", address: str = "robin@example.com", rank: str = "manager") -> tuple[int, str]:
    """Fill in the form of a new person."""
    fields = {**Reader(guest.http.get(PATH).text).fields, "name": name, "address": address, "rank": rank}
    answer = guest.http.post(PATH, data=fields)
    return answer.status_code, answer.headers.get("location") or answer.text


def ended(guest: Guest, person: UUID) -> tuple[int, str]:
    """End a person, over the page that asks whether that is meant."""
    at = f"{PATH}/{show('per', person)}/end"
    answer = guest.press(guest.http.get(at), "", at=at)
    return answer.status_code, answer.headers.get("location") or answer.text


def test_an_owner_adds_a_person_who_is_written_to(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    guest.sign_in()
    assert added(guest, "Robin <b>", " robin@EXAMPLE.com ") == (303, PATH)
    page = guest.http.get(PATH).text
    assert ("Robin &lt;b&gt;" in page, "robin@example.com" in page) == (True, True)
    assert rows(owner_db, "SELECT email, role, ended_at FROM person WHERE name = 'Robin <b>'") == [("robin@example.com", "manager", None)]
    assert rows(owner_db, "SELECT actor, detail FROM audit WHERE action = 'person.added'") == [("person: Olivia", {"role": "manager"})]
    bench.drain("email:sandbox")
    (letter,) = [dispatch.content for dispatch in bench.memory.ledger]
    assert (letter.recipient, "Olivia" in letter.body, f"{desk.settings.base_url}/portal/sign-in" in letter.body) == ("robin@example.com", True, True)


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"name": ""}, 422, "person_incomplete"),
        ({"name": "R\nobin"}, 422, "person_incomplete"),
        ({"name": "R" * 81}, 422, "person_incomplete"),
        ({"address": "robin"}, 422, "person_incomplete"),
        ({"rank": "king"}, 422, "person_incomplete"),
        ({"address": "Olivia@example.com"}, 409, "already_here"),
    ],
)
def test_a_person_needs_a_name_an_address_of_their_own_and_a_role(guest: Guest, owner_db: Database, said: dict[str, str], status: int, code: str) -> None:
    guest.sign_in()
    told = added(guest, **said)
    assert (told[0], code in told[1]) == (status, True)
    assert rows(owner_db, "SELECT count(*) FROM person") == [(1,)]
    assert rows(owner_db, "SELECT count(*) FROM intent") == [(0,)]


def test_whoever_left_reads_no_request_by_an_old_link(guest: Guest, desk: Desk, owner_db: Database) -> None:
    robin = joined(desk, owner_db, "Robin", Rank.MANAGER)
    invitation, theirs = invited(desk, desk.ask("Only for us."), robin), guest_at(desk)
    assert "Only for us." in theirs.open(invitation).text
    guest.sign_in()
    assert ended(guest, robin) == (303, PATH)
    for path in ("/a", "/a/edit", "/a/recipients"):
        page = theirs.http.get(path)
        assert (page.status_code, "link_ended" in page.text, "Only for us." in page.text) == (403, True, False), path


def test_whoever_is_ended_is_out_at_once_by_every_way(guest: Guest, desk: Desk, owner_db: Database) -> None:
    robin = joined(desk, owner_db, "Robin", Rank.MANAGER)
    invitation, way_in, theirs = invited(desk, desk.ask(), robin), login_token(desk, robin), guest_at(desk)
    theirs.sign_in(robin)
    with desk.signed_in(robin) as (session, person):
        begin(session, person, "terminal", now())
    theirs.http.post("/portal/sign-in", data={**Reader(theirs.http.get("/portal/sign-in").text).fields, "address": "robin@example.com"})
    guest.sign_in()
    assert ended(guest, robin) == (303, PATH)
    assert theirs.http.get("/portal").headers["location"] == "/portal/sign-in"
    page = theirs.open(invitation)
    assert (Reader(page.text).buttons, "link_ended" in page.text) == ([], True)
    entered = theirs.http.post(f"/portal/enter/{way_in}", data=Reader(theirs.http.get(f"/portal/enter/{way_in}").text).fields)
    assert entered.status_code == 403
    for table, over in (("portal_session", "ended_at"), ("link", "ended_at"), ("login_link", "used_at"), ("sign_in_code", "ended_at")):
        assert rows(owner_db, f"SELECT count(*) FROM {table} WHERE person_id = :robin AND {over} IS NULL", robin=robin) == [(0,)], table
        assert rows(owner_db, f"SELECT count(*) > 0 FROM {table} WHERE person_id = :robin", robin=robin) == [(True,)], table
    assert rows(owner_db, "SELECT count(*) > 0 FROM link WHERE person_id <> :robin AND ended_at IS NULL", robin=robin) == [(True,)]
    assert rows(owner_db, "SELECT actor, subject FROM audit WHERE action = 'person.ended'") == [("person: Olivia", show("per", robin))]
    assert guest.http.get("/portal").status_code == 200


def test_somebody_who_left_may_come_back_as_somebody_new(guest: Guest, desk: Desk, owner_db: Database) -> None:
    robin = joined(desk, owner_db, "Robin", Rank.MANAGER)
    guest.sign_in()
    ended(guest, robin)
    assert added(guest) == (303, PATH)
    assert rows(owner_db, "SELECT count(*), count(ended_at) FROM person WHERE email = 'robin@example.com'") == [(2, 1)]
    assert guest.http.get(f"{PATH}/{show('per', robin)}/end").status_code == 404


def test_the_last_owner_stays(guest: Guest, desk: Desk, owner_db: Database) -> None:
    joined(desk, owner_db, "Robin", Rank.MANAGER)
    guest.sign_in()
    status, told = ended(guest, desk.founded.owner)
    assert (status, "last_owner" in told) == (409, True)
    assert guest.http.get("/portal").status_code == 200
    for statement in (END, "UPDATE person SET role = 'manager'"):
        with pytest.raises(IntegrityError, match="a workspace keeps an owner"), owner_db.transaction() as session:
            session.execute(text(f"{statement} WHERE name = 'Olivia'"))
    with owner_db.transaction() as session:  # the negative control: without the trigger nothing keeps the last owner
        session.execute(text("ALTER TABLE person DISABLE TRIGGER person_leaves"))
        session.execute(text(f"{END} WHERE name = 'Olivia'"))
        session.rollback()


def test_an_owner_may_go_when_another_stays(guest: Guest, desk: Desk, owner_db: Database) -> None:
    joined(desk, owner_db, "Robin", Rank.OWNER)
    guest.sign_in()
    assert ended(guest, desk.founded.owner) == (303, PATH)
    assert guest.http.get("/portal").headers["location"] == "/portal/sign-in"


def test_two_owners_who_end_each_other_at_once_leave_one(desk: Desk, owner_db: Database) -> None:
    for number in range(8):
        robin = joined(desk, owner_db, f"Robin{number}", Rank.OWNER)
        pairs = [(desk.founded.owner, robin), (robin, desk.founded.owner)]
        guests = [guest_at(desk) for _ in pairs]
        for guest, (mine, _) in zip(guests, pairs, strict=True):
            guest.sign_in(mine)
        with ThreadPoolExecutor(2) as both:
            list(both.map(lambda pair: ended(pair[0], pair[1][1]), zip(guests, pairs, strict=True)))
        assert rows(owner_db, "SELECT count(*) FROM person WHERE role = 'owner' AND ended_at IS NULL") == [(1,)]
        changed(owner_db, "UPDATE person SET ended_at = CASE WHEN name = 'Olivia' THEN NULL ELSE now() END")


@pytest.mark.parametrize("rank", [Rank.MANAGER, Rank.STAFF])
def test_only_an_owner_changes_the_team(guest: Guest, desk: Desk, owner_db: Database, rank: Rank) -> None:
    sam, owners = joined(desk, owner_db, "Sam", rank), guest_at(desk)
    owners.sign_in()
    fields = Reader(owners.http.get(PATH).text).fields
    guest.sign_in(sam)
    page = guest.http.get(PATH)
    assert (page.status_code, "Olivia" in page.text, re.findall(r'action="/portal/settings|/end"', page.text)) == (200, True, [])
    at = f"{PATH}/{show('per', desk.founded.owner)}/end"
    told = [
        guest.http.get(at),
        guest.http.post(at, data={}),
        guest.http.post(PATH, data={**fields, "name": "Eve", "address": "eve@example.com", "rank": "owner"}),
    ]
    assert [(answer.status_code, "owners_only" in answer.text) for answer in told] == [(403, True)] * 3
    assert rows(owner_db, "SELECT count(*), count(ended_at) FROM person") == [(2, 0)]


def test_reading_writes_nothing_and_forms_need_their_nonce(guest: Guest, desk: Desk, owner_db: Database) -> None:
    robin = joined(desk, owner_db, "Robin", Rank.MANAGER)
    guest.sign_in()
    at, before = f"{PATH}/{show('per', robin)}/end", everything(owner_db)
    for path in (PATH, at):
        assert guest.http.get(path).status_code == 200
    for fields in ({}, {"nonce": "forged"}, Reader(guest.http.get(PATH).text).fields):
        assert guest.http.post(at, data=fields).status_code == 403
    assert guest.press(guest.http.get(at), "", at=f"{PATH}/{show('per', desk.founded.owner)}/end").status_code == 403
    assert guest.press(guest.http.get(at), "", at=PATH).status_code == 403
    assert everything(owner_db) == before


def test_another_workspaces_people_are_not_there(guest: Guest, owner_db: Database, desk: Desk) -> None:
    with owner_db.transaction() as session:
        theirs = replace(desk, founded=found(session, "Other", "eve@example.com"))
    guest.sign_in()
    assert "eve@example.com" not in guest.http.get(PATH).text
    assert guest.http.get(f"{PATH}/{show('per', theirs.founded.owner)}/end").status_code == 404
    assert guest.http.get(f"{PATH}/per_0/end").status_code == 404


@pytest.mark.parametrize("who", ["agent", "manager", "staff"])
def test_the_database_lets_only_an_owner_change_the_team(desk: Desk, web_db: Database, owner_db: Database, who: str) -> None:
    with owner_db.transaction() as session:
        theirs = found(session, "Other", "boss@example.com")
    ranks = {"manager": Rank.MANAGER, "staff": Rank.STAFF}
    token = desk.founded.key.secret
    if who in ranks:
        sam = joined(desk, owner_db, "Sam", ranks[who])
        with desk.signed_in(sam) as (session, person):
            token = begin(session, person, "portal", now())
    with web_db.transaction(desk.founded.workspace, token_hash(token)) as session:
        assert session.execute(text(f"{END} RETURNING id")).all() == []
    with pytest.raises(Exception, match="row-level security"), web_db.transaction(desk.founded.workspace, token_hash(token)) as session:
        session.execute(text(ADD), {"w": desk.founded.workspace})
    with pytest.raises(Exception, match="row-level security"), desk.signed_in() as (session, _):
        session.execute(text(ADD), {"w": theirs.workspace})
    for forbidden in ("email = 'x'", "role = 'owner'", "name = 'x'"):
        with pytest.raises(Exception, match="permission denied"), desk.signed_in() as (session, _):
            session.execute(text(f"UPDATE person SET {forbidden}"))


def test_an_owners_session_is_what_the_database_asks_for(desk: Desk, owner_db: Database) -> None:
    """The negative control: the statements that are refused above, by an owner who is signed in."""
    joined(desk, owner_db, "Sam", Rank.STAFF)
    with desk.signed_in() as (session, _):
        session.execute(text(ADD), {"w": desk.founded.workspace})
        assert len(session.execute(text(f"{END} WHERE role = 'staff' RETURNING id")).all()) == 1
    with pytest.raises(IntegrityError, match="whoever left stays gone"), owner_db.transaction() as session:
        session.execute(text("UPDATE person SET ended_at = NULL WHERE name = 'Sam'"))
