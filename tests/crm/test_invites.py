"""Inviting somebody: an agent's word makes nobody a member, an owner's in the portal does, and only to the role and address that the owner saw."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from approvals.letters import post
from approvals.people import Rank
from crm.access import invites
from crm.access.invites import AlreadyInvited, InviteOver, TooManyInvites
from crm.access.team import AlreadyHere
from kernel.db import Database
from kernel.errors import SaysoError
from kernel.keys import token_hash
from outbox.kinds.team_invite import InviteCode, TeamInvite
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.portal.guest import changed, joined

TOKEN = re.compile(r"give it this token: (\S+)")
EVERY = "SELECT email, role FROM person ORDER BY created_at"


@pytest.fixture(autouse=True)
def right(monkeypatch: pytest.MonkeyPatch) -> str:
    """The code that every letter holds."""
    monkeypatch.setattr(invites, "new_code", lambda: "424242")
    return "424242"


def proposed(desk: Desk, email: str = "robin@example.com", role: str = "manager", **more: Any) -> UUID:
    shown: Any = desk.run("create_team_member_invite", email=email, role=role, **more)
    assert shown.status == "waits_for_owner"
    return UUID(str(shown.invite_id))


def token_of(bench: Bench) -> str:
    """The token in the newest invitation that left."""
    bench.drain("email:sandbox")
    found = [match for dispatch in bench.memory.ledger for match in TOKEN.findall(dispatch.content.body)]
    return str(found[-1])


def confirmed(desk: Desk, bench: Bench, **more: Any) -> str:
    """A token that an owner sent on its way."""
    invite = proposed(desk, **more)
    with desk.signed_in() as (session, owner):
        invites.confirm(session, desk.settings, owner, invite)
    return token_of(bench)


def coded(desk: Desk, token: str) -> str:
    with desk.database.transaction() as session:
        return invites.ask_code(session, desk.settings, token, "192.0.2.1")


def accepted(desk: Desk, token: str, code: str = "424242", name: str | None = None) -> str:
    try:
        with desk.database.transaction() as session:
            return "joined" if invites.accept(session, desk.settings, token, code, name).person else "existing"
    except SaysoError as refused:
        return refused.code


def test_an_agents_invite_makes_nobody_and_writes_to_owners_alone(desk: Desk, bench: Bench, owner_db: Database) -> None:
    joined(desk, owner_db, "Max", Rank.MANAGER)
    invite = proposed(desk)
    bench.drain("email:sandbox")
    assert [dispatch.content.recipient for dispatch in bench.memory.ledger] == ["olivia@example.com"]
    assert rows(owner_db, EVERY) == [("olivia@example.com", "owner"), ("max@example.com", "manager")]
    assert rows(owner_db, "SELECT token_hash, confirmed_by FROM invite WHERE id = :i", i=invite) == [(None, None)]
    team: Any = desk.run("list_team_members")
    assert ([member.email for member in team.items], [one.status for one in team.invites]) == (["olivia@example.com", "max@example.com"], ["waits_for_owner"])


def test_an_owner_confirms_and_the_invited_person_comes_in(desk: Desk, bench: Bench, owner_db: Database) -> None:
    token = confirmed(desk, bench, name="Robin")
    assert coded(desk, token) == "robin@example.com"
    assert accepted(desk, token) == "joined"
    assert rows(owner_db, "SELECT email, name, role FROM person WHERE role <> 'owner'") == [("robin@example.com", "Robin", "manager")]
    assert accepted(desk, token) == "invite_over"
    told = rows(owner_db, "SELECT actor, action FROM audit WHERE action LIKE 'invite%' OR action = 'person.joined' ORDER BY id")
    assert told == [("agent: first agent", "invite.proposed"), ("person: Olivia", "invite.confirmed"), ("person: Robin", "person.joined")]


CONFIRM = "UPDATE invite SET token_hash = 'x', letter_id = gen_random_uuid()"


@pytest.mark.parametrize("rank", [None, Rank.MANAGER, Rank.STAFF])
def test_nobody_but_a_signed_in_owner_confirms(desk: Desk, owner_db: Database, rank: Rank | None) -> None:
    proposed(desk)
    if rank:
        with desk.signed_in(joined(desk, owner_db, "Max", rank)) as (session, _):
            session.execute(text(CONFIRM))
    else:
        with desk.database.transaction(desk.founded.workspace, credential=token_hash(desk.founded.key.secret)) as session:
            session.execute(text(CONFIRM))
    assert rows(owner_db, "SELECT count(*) FROM invite WHERE token_hash IS NOT NULL OR confirmed_by IS NOT NULL") == [(0,)]
    with desk.signed_in() as (session, _):
        session.execute(text(CONFIRM))
    assert rows(owner_db, "SELECT confirmed_by FROM invite") == [(desk.founded.owner,)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invite SET role = 'manager'",
        "UPDATE invite SET address = 'eve@example.com'",
        "UPDATE invite SET confirmed_by = gen_random_uuid()",
        "UPDATE invite SET tries = 0",
        "INSERT INTO invite (id, workspace_id, address, role, hours, asked_by_name, token_hash) VALUES (gen_random_uuid(), :w, 'x', 'staff', 1, 'x', 'x')",
        "INSERT INTO person (id, workspace_id, email, name, role) VALUES (gen_random_uuid(), :w, 'eve@example.com', 'Eve', 'manager')",
    ],
)
def test_what_was_proposed_is_what_is_confirmed(desk: Desk, statement: str) -> None:
    proposed(desk, role="staff")
    with pytest.raises(DBAPIError, match=r"permission denied|row-level security"), desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text(statement), {"w": desk.founded.workspace} if ":w" in statement else {})


def test_no_letter_goes_to_an_invited_person_before_the_owners_yes(desk: Desk, owner_db: Database) -> None:
    proposed(desk)
    for letter in (TeamInvite(to="robin@example.com", subject="Come", body="Come in."), InviteCode(to="robin@example.com", subject="Code", body="1")):
        with pytest.raises(Exception, match="goes without approval"), desk.database.transaction(desk.founded.workspace) as session:
            post(session, desk.settings, desk.founded.workspace, [letter])
    assert rows(owner_db, "SELECT kind FROM intent") == [("notice",)]


def test_guesses_are_counted_exactly_and_the_right_code_works_once(desk: Desk, bench: Bench, owner_db: Database) -> None:
    token = confirmed(desk, bench)
    coded(desk, token)
    with ThreadPoolExecutor(8) as crowd:
        assert Counter(crowd.map(lambda n: accepted(desk, token, f"{n:06d}"), range(24))) == {"wrong_code": 5, "tries_spent": 19}
    assert accepted(desk, token) == "tries_spent"
    coded(desk, token)
    with ThreadPoolExecutor(8) as crowd:
        assert Counter(crowd.map(lambda _: accepted(desk, token), range(8))) == {"joined": 1, "invite_over": 7}
    assert rows(owner_db, "SELECT count(*) FROM person") == [(2,)]


def test_an_invitation_ends_with_its_hours_its_owner_or_a_no(desk: Desk, bench: Bench, owner_db: Database) -> None:
    token = confirmed(desk, bench, expiresInHours=1)
    joined(desk, owner_db, "Ann", Rank.OWNER)
    for broken, mended in (
        ("UPDATE invite SET expires_at = now()", "UPDATE invite SET expires_at = now() + interval '1 hour'"),
        ("UPDATE person SET ended_at = now() WHERE name = 'Olivia'", "UPDATE person SET ended_at = NULL"),
        ("UPDATE person SET role = 'staff' WHERE name = 'Olivia'", "UPDATE person SET role = 'owner'"),
    ):
        changed(owner_db, broken)
        with pytest.raises(InviteOver):
            coded(desk, token)
        changed(owner_db, mended)
    coded(desk, token)
    with desk.signed_in() as (session, owner):
        (invite,) = invites.waiting(session, owner.workspace_id)
        invites.decline(session, owner, invite.id)
    assert accepted(desk, token) == "invite_over"


def test_a_code_is_asked_for_three_times_an_hour(desk: Desk, bench: Bench) -> None:
    token = confirmed(desk, bench)
    for _ in range(3):
        coded(desk, token)
    with pytest.raises(SaysoError) as refused:
        coded(desk, token)
    assert refused.value.status == 429


def test_the_same_person_is_not_asked_for_twice_nor_too_many(desk: Desk, owner_db: Database) -> None:
    proposed(desk)
    with pytest.raises(AlreadyInvited):
        proposed(desk, "Robin@example.com")
    with pytest.raises(AlreadyHere):
        proposed(desk, "olivia@example.com")
    changed(owner_db, "UPDATE throttle SET used = 20")
    with pytest.raises(TooManyInvites):
        proposed(desk, "eve@example.com")
    changed(owner_db, "UPDATE throttle SET used = 1")
    changed(owner_db, "UPDATE invite SET expires_at = now()")
    proposed(desk)


def test_an_invited_person_who_belongs_already_is_told_so(desk: Desk, bench: Bench, owner_db: Database) -> None:
    token = confirmed(desk, bench)
    joined(desk, owner_db, "Robin", Rank.STAFF)
    coded(desk, token)
    assert accepted(desk, token) == "existing"
    assert rows(owner_db, "SELECT role FROM person WHERE name = 'Robin'") == [("staff",)]
