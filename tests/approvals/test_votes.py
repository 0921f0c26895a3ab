"""Votes: without a person's own living session or link nothing is decided, whatever the web role writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from approvals.decide import MayNotDecide, decide
from approvals.gate import Draft, submit
from approvals.links import Invitation
from approvals.people import Person, Rank
from approvals.requests import Pending
from approvals.votes import Decision
from crm.access.sessions import begin, leave
from crm.access.setup import found
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database, bind
from kernel.keys import token_hash
from kernel.roles import Role, role_name
from outbox.kinds.sms import Sms
from tests.approvals.hands import rows
from tests.approvals.test_links import press
from tests.factories import PHONE, Bench, Desk
from tests.portal.guest import invited, joined

FLIP = """
UPDATE approval SET state = 'approved', decided_at = now(), decided_by = :owner, decided_by_name = 'Olivia', decided_via = 'portal',
    ended_at = now(), ended_by_name = 'Olivia' WHERE id = :approval
"""
GRANT = """
INSERT INTO grants (id, workspace_id, intent_id, digest, source, approval_id)
SELECT gen_random_uuid(), workspace_id, id, digest, 'approval', :approval FROM intent WHERE id = :intent
"""
SLIP = """
INSERT INTO approval_item (approval_id, intent_id, workspace_id, position, digest)
VALUES (:approval, :intent, :workspace, 1, decode(:digest, 'hex'))
"""
VOTE = """
INSERT INTO vote (id, workspace_id, approval_id, person_id, person_name, digest, verdict, via, credential_id)
SELECT gen_random_uuid(), :workspace, :approval, :person, 'Olivia', decode(:digest, 'hex'), 'approved', :via, coalesce(
    (SELECT id FROM portal_session WHERE token_hash = decode(current_setting('sayso.credential', true), 'hex')),
    (SELECT id FROM link WHERE token_hash = decode(current_setting('sayso.credential', true), 'hex')), gen_random_uuid())
"""
WALL = "row-level security policy"


def write(session: Session, desk: Desk, pending: Pending, *statements: str, **other: object) -> None:
    """Run the statements in this transaction."""
    given: dict[str, Any] = {
        "workspace": desk.founded.workspace,
        "owner": desk.founded.owner,
        "person": desk.founded.owner,
        "approval": pending.approval_id,
        "intent": pending.intent_ids[0],
        "digest": pending.digest,
        "via": "portal",
    }
    for statement in statements:
        session.execute(text(statement), given | other)


@contextmanager
def presenting(desk: Desk, token: str) -> Iterator[Session]:
    """A transaction of the web role that presents a secret."""
    with desk.database.transaction(desk.founded.workspace, token_hash(token)) as session:
        yield session


def test_flipping_the_approval_opens_nothing_when_nobody_voted(desk: Desk) -> None:
    pending = desk.ask()
    with pytest.raises(Exception, match="no approved approval"), desk.database.transaction(desk.founded.workspace) as session:
        write(session, desk, pending, FLIP, GRANT)
    assert desk.send(pending).state == "held"


def test_flipping_the_approval_would_do_were_it_not_for_the_trigger(desk: Desk, owner_db: Database) -> None:
    """The negative control: with the trigger gone the web role grants what nobody approved."""
    pending = desk.ask()
    with owner_db.transaction() as session:
        session.execute(text("ALTER TABLE grants DISABLE TRIGGER grant_needs_say_so"))
        become_web(session, desk)
        write(session, desk, pending, FLIP, GRANT)
        granted = session.scalar(text("SELECT count(*) FROM grants WHERE intent_id = :i"), {"i": pending.intent_ids[0]})
        session.rollback()
    assert granted == 1


def become_web(session: Session, desk: Desk) -> None:
    """From here on this transaction of the owner's may only do what the web role may."""
    session.execute(text(f'SET LOCAL ROLE "{role_name(desk.settings.database_url, Role.WEB)}"'))
    bind(session, desk.founded.workspace)


def test_a_vote_takes_a_living_session_and_then_counts(desk: Desk) -> None:
    """What the refusals below are compared with: the same statements, with all that they lack."""
    pending = desk.ask()
    with desk.signed_in() as (session, _):
        write(session, desk, pending, VOTE, FLIP, GRANT)


def test_votes_alone_open_nothing_until_the_request_is_approved(desk: Desk) -> None:
    pending = desk.ask()
    with pytest.raises(Exception, match="no approved approval"), desk.signed_in() as (session, _):
        write(session, desk, pending, VOTE, GRANT)


def test_an_approval_grants_nothing_to_another_workspace(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    elsewhere = GRANT.replace("SELECT gen_random_uuid(), workspace_id", "SELECT gen_random_uuid(), gen_random_uuid()")
    with pytest.raises(Exception, match="no approved approval"), owner_db.transaction() as session:
        write(session, desk, pending, VOTE, FLIP, elsewhere)
    with owner_db.transaction() as session:
        write(session, desk, pending, VOTE, FLIP, GRANT)


def nobody(_: Desk, __: Session) -> str:
    return ""


def key(desk: Desk, _: Session) -> str:
    return desk.founded.key.secret


def terminal(desk: Desk, session: Session) -> str:
    return begin(session, session.get_one(Person, desk.founded.owner), "terminal", now())


def ended(desk: Desk, session: Session) -> str:
    token = begin(session, session.get_one(Person, desk.founded.owner), "portal", now())
    session.flush()
    leave(session, token)
    return token


def overdue(desk: Desk, session: Session) -> str:
    token = begin(session, session.get_one(Person, desk.founded.owner), "portal", now())
    session.flush()
    session.execute(text("UPDATE portal_session SET expires_at = now() - interval '1 s'"))
    return token


@pytest.mark.parametrize("came_with", [nobody, key, terminal, ended, overdue])
def test_a_vote_is_refused_when_the_credential_is_no_living_session(desk: Desk, owner_db: Database, came_with: Callable[[Desk, Session], str]) -> None:
    pending = desk.ask()
    with owner_db.transaction() as session:
        token = came_with(desk, session)
    with pytest.raises(Exception, match=WALL), presenting(desk, token) as session:
        write(session, desk, pending, VOTE)
    with pytest.raises(MayNotDecide), presenting(desk, token) as session:
        decide(session, session.get_one(Person, desk.founded.owner), Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "portal"))


@pytest.mark.parametrize(("via", "humans"), [("terminal", 0), ("portal", 1)])
def test_a_terminal_is_nobody_who_could_decide(desk: Desk, owner_db: Database, via: Literal["terminal", "portal"], humans: int) -> None:
    pending = desk.ask()
    with owner_db.transaction() as session:
        token = begin(session, session.get_one(Person, desk.founded.owner), via, now())
    with presenting(desk, token) as session:
        assert session.scalar(text("SELECT count(*) FROM human(:asked)"), {"asked": pending.approval_id}) == humans


def test_a_vote_in_anothers_name_is_refused(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    manager = joined(desk, owner_db, "Mona", Rank.MANAGER)
    with pytest.raises(Exception, match=WALL), desk.signed_in(manager) as (session, _):
        write(session, desk, pending, VOTE)
    with pytest.raises(MayNotDecide), desk.signed_in(manager) as (session, _):
        decide(session, session.get_one(Person, desk.founded.owner), Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "portal"))


def test_a_vote_in_anothers_name_would_stand_were_it_not_for_the_policy(desk: Desk, owner_db: Database) -> None:
    """The negative control: without the policy any transaction of the workspace votes for anybody."""
    pending = desk.ask()
    with owner_db.transaction() as session:
        session.execute(text("DROP POLICY own_voice ON vote"))
        become_web(session, desk)
        write(session, desk, pending, VOTE, FLIP, GRANT)
        session.rollback()


def gone(session: Session) -> None:
    session.execute(text("UPDATE person SET ended_at = now() WHERE name = 'Robin'"))


def demoted(session: Session) -> None:
    session.execute(text("UPDATE person SET role = 'staff' WHERE name = 'Robin'"))


@pytest.mark.parametrize("change", [gone, demoted])
def test_who_may_not_decide_any_more_neither_votes_nor_counts(desk: Desk, owner_db: Database, change: Callable[[Session], None]) -> None:
    pending, voted = desk.ask("One."), desk.ask("Two.")
    robin = joined(desk, owner_db, "Robin", Rank.MANAGER)
    with desk.signed_in(robin) as (session, _):
        write(session, desk, voted, VOTE, person=robin)
    with owner_db.transaction() as session:
        change(session)
    with pytest.raises(Exception, match=WALL), desk.signed_in(robin) as (session, _):
        write(session, desk, pending, VOTE, person=robin)
    with pytest.raises(MayNotDecide), desk.signed_in(robin) as (session, person):
        decide(session, person, Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "portal"))
    with pytest.raises(Exception, match="no approved approval"), desk.database.transaction(desk.founded.workspace) as session:
        write(session, desk, voted, FLIP, GRANT)


def test_a_vote_over_other_bytes_counts_for_nothing(desk: Desk) -> None:
    pending = desk.ask()
    with pytest.raises(Exception, match="no approved approval"), desk.signed_in() as (session, _):
        write(session, desk, pending, VOTE, FLIP, GRANT, digest="00" * 32)


def test_a_no_is_not_overruled_by_a_yes(desk: Desk) -> None:
    pending = desk.ask()
    with pytest.raises(Exception, match="no approved approval"), desk.signed_in() as (session, _):
        write(session, desk, pending, VOTE, VOTE.replace("'approved'", "'rejected'"), FLIP, GRANT)


def test_nothing_is_slipped_under_an_approval_afterwards(desk: Desk) -> None:
    approved, other = desk.approved("One."), desk.ask("Two.")
    with pytest.raises(Exception, match="no approved approval"), desk.database.transaction(desk.founded.workspace) as session:
        write(session, desk, approved, SLIP, GRANT, intent=other.intent_ids[0], digest=other.digest)


def by_link(desk: Desk, pending: Pending, invitation: Invitation) -> None:
    with presenting(desk, invitation.token) as session:
        write(session, desk, pending, VOTE, via="link")


def test_a_link_votes_once_its_try_is_counted_and_never_after_its_end(desk: Desk, owner_db: Database) -> None:
    pending, other = desk.ask("One."), desk.ask("Two.")
    uncounted, used = invited(desk, pending), invited(desk, pending)
    with pytest.raises(Exception, match=WALL):
        by_link(desk, pending, uncounted)
    press(desk, pending, used)
    with owner_db.transaction() as session:
        session.execute(text("DELETE FROM vote"))
    for asked in (pending, other):
        with pytest.raises(Exception, match=WALL):
            by_link(desk, asked, used)


def test_a_person_of_another_workspace_does_not_vote_here(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    with owner_db.transaction() as session:
        other = found(session, "Other", "eve@example.com")
    eve = Desk(desk.database, desk.settings, other)
    with eve.signed_in() as (session, _):
        bind(session, desk.founded.workspace)
        with pytest.raises(Exception, match="ForeignKeyViolation"), session.begin_nested():
            write(session, desk, pending, VOTE, person=other.owner)


def test_a_vote_is_never_changed_and_no_worker_casts_one(desk: Desk, web_db: Database, worker_db: Database) -> None:
    pending = desk.approved()
    for database in (web_db, worker_db):
        for deed in ("UPDATE vote SET verdict = 'rejected'", "DELETE FROM vote"):
            with pytest.raises(Exception, match="permission denied"), database.transaction(desk.founded.workspace) as session:
                session.execute(text(deed))
    with pytest.raises(Exception, match="permission denied"), worker_db.transaction(desk.founded.workspace) as session:
        write(session, desk, pending, VOTE)


def test_the_vote_says_who_came_by_what_and_was_shown_which_bytes(desk: Desk, owner_db: Database) -> None:
    pending = desk.approved()
    session_id = rows(owner_db, "SELECT id FROM portal_session")[0][0]
    expected = [(desk.founded.owner, "approved", "portal", session_id, pending.digest)]
    assert rows(owner_db, "SELECT person_id, verdict, via, credential_id, encode(digest, 'hex') FROM vote") == expected


def test_many_under_one_approval_leave_by_one_vote(desk: Desk, bench: Bench) -> None:
    agent = Caller("agent", desk.founded.key.id, "first agent")
    with desk.database.transaction(desk.founded.workspace) as session:
        call = Call(session, agent, desk.founded.workspace, now(), desk.settings)
        pending = submit(call, "send_sms", [Draft(Sms(to=PHONE, body=f"Number {number}")) for number in range(3)])
    desk.decide(pending)
    bench.drain()
    assert {dispatch.intent for dispatch in bench.memory.ledger} == set(pending.intent_ids)
