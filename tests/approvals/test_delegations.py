"""Deciding in somebody's place: it counts as theirs, once, until its day is over or it is taken back; the database counts it so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from approvals.decide import MayNotDecide, decide
from approvals.delegations import NoSuchDay, NotForYou, delegate
from approvals.people import Person, Rank
from approvals.requests import Pending
from approvals.votes import Decision
from kernel.clock import now
from kernel.db import Database
from kernel.keys import show
from tests.approvals.hands import rows
from tests.approvals.mail import LATER, do, press, secrets_in
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, address_of, guest_at, joined, state_of
from workers.clock import post_digests

PAGE = "/portal/settings/delegations"
HERE = ZoneInfo("Europe/Paris")
"""The zone of the desk's business; days are its own."""
GIVE = """
INSERT INTO delegation (id, workspace_id, from_person, to_person, ends_at)
VALUES (gen_random_uuid(), :w, :giver, :taker, now() + interval '1 day')
"""
ONLY_VOTERS = """
CREATE OR REPLACE FUNCTION has_votes(asked uuid) RETURNS boolean LANGUAGE sql STABLE AS
'SELECT count(DISTINCT v.person_id) >= a.needs FROM approval a JOIN vote v ON v.approval_id = a.id WHERE a.id = asked GROUP BY a.needs'
"""


@pytest.fixture
def sam(desk: Desk, owner_db: Database) -> UUID:
    """Somebody of the staff."""
    return joined(desk, owner_db, "Sam", Rank.STAFF)


def give(desk: Desk, taker: UUID, giver: UUID | None = None) -> None:
    """The owner, or somebody else, lets this one decide for a day."""
    with desk.signed_in(giver) as (session, person):
        delegate(session, desk.settings, person, session.get_one(Person, taker), now().astimezone(HERE).date() + timedelta(days=1))


def vote(desk: Desk, pending: Pending, person: UUID | None = None) -> bool:
    """A yes; whether it decided."""
    with desk.signed_in(person) as (session, somebody):
        return decide(session, somebody, Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "portal"))


def test_a_stand_in_decides_in_the_others_name(desk: Desk, bench: Bench, owner_db: Database, sam: UUID) -> None:
    pending = desk.ask()
    with pytest.raises(MayNotDecide):
        vote(desk, pending, sam)
    give(desk, sam)
    assert vote(desk, pending, sam)
    bench.drain()
    assert [one.channel for one in bench.memory.ledger] == ["sms"]
    told = "SELECT v.person_id, v.for_person, v.person_name, a.decided_by_name FROM vote v JOIN approval a ON a.id = v.approval_id"
    assert rows(owner_db, told) == [(sam, desk.founded.owner, "Sam for Olivia", "Sam for Olivia")]


OVER = ["revoked_at = now()", "starts_at = now() - interval '2 days', ends_at = now()", "starts_at = now() + interval '1 h', ends_at = now() + interval '2 h'"]
GONE = ["UPDATE person SET role = 'staff' WHERE name = 'Mona'", "UPDATE person SET ended_at = now() WHERE name = 'Mona'"]


@pytest.mark.parametrize("end", [*[f"UPDATE delegation SET {over}" for over in OVER], *GONE])
def test_a_stand_in_decides_nothing_when_it_is_over_or_its_giver_is(desk: Desk, owner_db: Database, sam: UUID, end: str) -> None:
    give(desk, sam, joined(desk, owner_db, "Mona", Rank.MANAGER))
    pending = desk.ask()
    do(owner_db, end)
    with pytest.raises(MayNotDecide):
        vote(desk, pending, sam)
    word = """INSERT INTO vote (id, workspace_id, approval_id, person_id, person_name, for_person, digest, verdict, via, credential_id)
        SELECT gen_random_uuid(), a.workspace_id, a.id, :sam, 'Sam', d.from_person, a.digest, 'approved', 'portal', s.id
        FROM approval a, delegation d, portal_session s WHERE s.person_id = :sam"""
    with pytest.raises(Exception, match="row-level security"), desk.signed_in(sam) as (session, _):
        session.execute(text(word), {"sam": sam})
    assert state_of(desk, pending) == "pending"


def test_somebody_and_their_stand_in_are_one(desk: Desk, owner_db: Database, sam: UUID) -> None:
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    give(desk, sam)
    pending = desk.ask()
    do(owner_db, "UPDATE approval SET needs = 2")
    assert [vote(desk, pending, sam), vote(desk, pending), vote(desk, pending, mona)] == [False, False, True]


def test_two_stand_ins_of_one_are_one(desk: Desk, owner_db: Database, sam: UUID) -> None:
    tess = joined(desk, owner_db, "Tess", Rank.STAFF)
    give(desk, sam)
    give(desk, tess)
    pending = desk.ask()
    do(owner_db, "UPDATE approval SET needs = 2")
    assert [vote(desk, pending, sam), vote(desk, pending, tess)] == [False, False]


def test_they_would_be_two_were_only_voters_counted(desk: Desk, owner_db: Database, sam: UUID) -> None:
    """The negative control of what `has_votes` counts."""
    give(desk, sam)
    pending = desk.ask()
    do(owner_db, "UPDATE approval SET needs = 2")
    assert [vote(desk, pending, sam), vote(desk, pending)] == [False, False]
    with owner_db.transaction() as session:
        asked = {"a": pending.approval_id}
        right = session.scalar(text("SELECT has_votes(:a)"), asked)
        session.execute(text(ONLY_VOTERS))
        wrong = session.scalar(text("SELECT has_votes(:a)"), asked)
        session.rollback()
    assert (right, wrong) == (False, True)


def test_one_person_has_one_word_for_whomever_they_stand_in(desk: Desk, owner_db: Database, sam: UUID) -> None:
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    give(desk, sam)
    give(desk, sam, mona)
    pending = desk.ask()
    do(owner_db, "UPDATE approval SET needs = 2")
    assert not vote(desk, pending, sam)
    with pytest.raises(Exception, match="You said so already"):
        vote(desk, pending, sam)
    assert vote(desk, pending, mona)


def test_a_stand_in_speaks_for_whoever_has_not_spoken(desk: Desk, owner_db: Database, sam: UUID) -> None:
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    give(desk, sam)
    give(desk, sam, mona)
    pending = desk.ask()
    do(owner_db, "UPDATE approval SET needs = 2")
    assert [vote(desk, pending), vote(desk, pending, sam)] == [False, True]
    assert rows(owner_db, "SELECT for_person FROM vote WHERE for_person IS NOT NULL") == [(mona,)]


def test_the_stand_in_of_whoever_may_not_be_alone_is_not_another(desk: Desk, owner_db: Database, sam: UUID) -> None:
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    give(desk, sam)
    pending = desk.ask()
    do(owner_db, "UPDATE approval SET not_alone = :o", o=desk.founded.owner)
    assert [vote(desk, pending, sam), vote(desk, pending), vote(desk, pending, mona)] == [False, False, True]


def test_a_word_given_in_anothers_place_counts_no_more_when_it_is_taken_back(desk: Desk, owner_db: Database, sam: UUID) -> None:
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    give(desk, sam)
    pending = desk.ask()
    do(owner_db, "UPDATE approval SET needs = 2")
    assert not vote(desk, pending, sam)
    do(owner_db, "UPDATE delegation SET revoked_at = now()")
    assert [vote(desk, pending, mona), vote(desk, pending)] == [False, True]


def test_whoever_decides_themselves_speaks_for_themselves(desk: Desk, owner_db: Database) -> None:
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    give(desk, mona)
    assert vote(desk, desk.ask(), mona)
    assert rows(owner_db, "SELECT person_id, for_person FROM vote") == [(mona, None)]


def test_a_stand_in_is_told_and_decides_by_link(strict: Desk, owner_db: Database, sam: UUID, mail: Callable[[], list[Any]]) -> None:
    give(strict, sam)
    pending = strict.ask()
    (letter,) = [one for one in mail() if one.to == "sam@example.com" and "Your code" in one.body]
    press(strict, pending, *secrets_in(letter))
    assert state_of(strict, pending) == "approved"


def test_a_stand_in_is_gathered_for_as_well(strict: Desk, bench: Bench, owner_db: Database, sam: UUID, mail: Callable[[], list[Any]]) -> None:
    give(strict, sam)
    for n in range(3):
        strict.ask(f"Number {n}.")
    mail()
    do(owner_db, LATER)
    post_digests(bench.database, strict.settings)
    bench.drain("email:sandbox")
    gathered = [one.recipient for one in bench.memory.ledger if "2 requests" in one.content.subject]
    assert sorted(gathered) == ["olivia@example.com", "sam@example.com"]


def test_nobody_gives_what_is_not_theirs_or_brings_back_what_is_over(desk: Desk, owner_db: Database, sam: UUID) -> None:
    mona, owner = joined(desk, owner_db, "Mona", Rank.MANAGER), desk.founded.owner
    give(desk, sam)
    for who, giver, taker in ((sam, sam, mona), (mona, owner, sam), (sam, owner, sam)):
        with pytest.raises(Exception, match="row-level security"), desk.signed_in(who) as (session, _):
            session.execute(text(GIVE), {"w": desk.founded.workspace, "giver": giver, "taker": taker})
    with pytest.raises(Exception, match="row-level security"), desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text(GIVE), {"w": desk.founded.workspace, "giver": owner, "taker": sam})
    with desk.signed_in(mona) as (session, _):
        assert session.execute(text("UPDATE delegation SET revoked_at = now()")).rowcount == 0
    with desk.signed_in() as (session, _):
        assert session.execute(text("UPDATE delegation SET revoked_at = now()")).rowcount == 1
        assert session.execute(text("UPDATE delegation SET revoked_at = NULL")).rowcount == 0


@pytest.mark.parametrize("days", [-1, 91])
def test_it_ends_within_three_months(desk: Desk, sam: UUID, days: int) -> None:
    with pytest.raises(NoSuchDay), desk.signed_in() as (session, person):
        delegate(session, desk.settings, person, session.get_one(Person, sam), now().astimezone(HERE).date() + timedelta(days=days))


def test_nobody_stands_in_for_themselves(desk: Desk) -> None:
    with pytest.raises(NotForYou), desk.signed_in() as (session, person):
        delegate(session, desk.settings, person, person, now().astimezone(HERE).date())


def test_it_is_given_and_taken_back_in_the_portal(desk: Desk, owner_db: Database, sam: UUID) -> None:
    owner, theirs, pending = guest_at(desk), guest_at(desk), desk.ask()
    owner.sign_in()
    theirs.sign_in(sam)
    assert decided(theirs, pending) == 403
    until = (now() + timedelta(days=2)).astimezone(HERE).date().isoformat()
    page = owner.http.get(PAGE).text.partition(f'action="{PAGE}"')[2]
    for said, status in (({"to": "per_0"}, 404), ({"until": "soon"}, 409), ({}, 303)):
        form = {**Reader(page).fields, "to": show("per", sam), "until": until} | said
        assert owner.http.post(PAGE, data=form).status_code == status
    assert ("Sam" in theirs.http.get(PAGE).text, theirs.http.post(PAGE, data={}).status_code) == (True, 403)
    assert decided(theirs, pending) == 303
    (name,) = [show("dlg", row[0]) for row in rows(owner_db, "SELECT id FROM delegation") if isinstance(row[0], UUID)]
    end = f"{PAGE}/{name}/end"
    taken = Reader(owner.http.get(PAGE).text.partition(f'action="{end}"')[2].partition("</form>")[0]).fields
    assert [theirs.http.post(end, data=taken).status_code, owner.http.post(end, data=taken).status_code] == [403, 303]
    assert decided(theirs, desk.ask("Another.")) == 403


def decided(guest: Guest, pending: Pending) -> int:
    at = address_of(pending)
    page = guest.http.get(at)
    if "decide" not in page.text or 'name="verdict"' not in page.text:
        return 403
    return guest.press(page, "approved", at=at).status_code
