"""Policies at work: only a signed-in decider sets one, the newest counts, refusals say what to do, and the facts and the ruling are kept."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from approvals.people import Person, Rank
from approvals.policing import chosen, put
from approvals.rulings import PolicyRefused, policies
from approvals.tables import Approval
from crm.access.setup import found
from kernel.db import Database, bind
from kernel.keys import token_hash
from tests.approvals.hands import rows, set_policy
from tests.approvals.test_votes import WALL, become_web, ended, key, nobody, overdue, terminal
from tests.factories import Desk
from tests.portal.guest import joined

SATELLITE = "+881612345678"
SET = """
INSERT INTO policy_setting (id, workspace_id, policy, version, settings, set_by, set_by_name)
VALUES (gen_random_uuid(), :workspace, 'countries', 1, '{"anywhere": true}', :person, 'Olivia')
"""


def test_the_newest_setting_counts_and_all_stay_on_record(desk: Desk, owner_db: Database) -> None:
    set_policy(desk, "audience", per_request=1)
    set_policy(desk, "audience", per_request=2)
    set_policy(desk, "countries", anywhere=True)
    with desk.database.transaction(desk.founded.workspace) as session:
        assert {name: row.settings for name, row in chosen(session, desk.founded.workspace).items()} == {
            "audience": {"per_request": 2, "per_day": None},
            "countries": {"others": [], "anywhere": True, "unknown": False},
        }
    told = rows(owner_db, "SELECT actor, subject, detail->'settings'->>'per_request' FROM audit WHERE action = 'policy.set' ORDER BY id")
    assert told == [("person: Olivia", "audience", "1"), ("person: Olivia", "audience", "2"), ("person: Olivia", "countries", None)]
    assert rows(owner_db, "SELECT count(*) FROM event WHERE type = 'policy.set'") == [(3,)]


def test_what_a_policy_refuses_is_not_held_and_the_agent_reads_why(desk: Desk, owner_db: Database) -> None:
    with pytest.raises(PolicyRefused) as refused:
        desk.ask(to=SATELLITE)
    assert refused.value.body() == {
        "code": "policy_refused",
        "message": "This goes to a satellite number, which is never messaged.",
        "nextStep": "Use another address of this customer.",
        "details": {"policies": ["countries@1"]},
    }
    assert rows(owner_db, "SELECT count(*) FROM intent") == [(0,)]
    assert desk.ask().status == "pending"


def test_the_business_s_own_country_is_allowed_and_others_when_named(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        session.execute(text("UPDATE workspace SET country = 'FR'"))
    with pytest.raises(PolicyRefused, match="only FR is allowed"):
        desk.ask()
    desk.ask(to="+33612345678")
    set_policy(desk, "countries", others="GB")
    desk.ask()


def test_the_facts_and_the_ruling_are_kept_with_the_request(desk: Desk) -> None:
    set_policy(desk, "quiet_hours", begins="00:00", ends="23:59")
    pending = desk.ask()
    with desk.database.transaction(desk.founded.workspace) as session:
        row = session.get_one(Approval, pending.approval_id)
        assert (row.facts["countries"], row.facts["first_time"], row.facts["parts"]) == (["GB"], 1, {"sms GB": 1})
        assert set(row.ruling) == {policy.label for policy in policies().values()}
        assert row.ruling["audience@1"] is None
        assert row.ruling["first_time@1"]["in_person"] is True
        assert desk.founded.workspace.hex not in str(row.facts)
        assert "+44" not in str(row.facts), "facts hold no address"


def test_who_had_something_approved_is_not_messaged_for_the_first_time(desk: Desk) -> None:
    def first(to: str) -> int:
        pending = desk.ask(to=to)
        with desk.database.transaction(desk.founded.workspace) as session:
            return int(session.get_one(Approval, pending.approval_id).facts["first_time"])

    assert first("+447400123456") == 1
    assert first("+447400123456") == 1, "asking is not enough"
    desk.approved(to="+447400123456")
    assert (first("+447400123456"), first("+447400123457")) == (0, 1)


@pytest.mark.parametrize("came_with", [nobody, key, terminal, ended, overdue])
def test_a_setting_is_refused_without_a_living_session(desk: Desk, owner_db: Database, came_with: Callable[[Desk, Session], str]) -> None:
    with owner_db.transaction() as session:
        token = came_with(desk, session)
    with pytest.raises(Exception, match=WALL), desk.database.transaction(desk.founded.workspace, token_hash(token)) as session:
        write(session, desk, desk.founded.owner)


def write(session: Session, desk: Desk, person: UUID) -> None:
    session.execute(text(SET), {"workspace": desk.founded.workspace, "person": person})


def test_a_setting_is_taken_from_a_decider_and_in_nobody_elses_name(desk: Desk, owner_db: Database) -> None:
    robin, mona = joined(desk, owner_db, "Robin", Rank.STAFF), joined(desk, owner_db, "Mona", Rank.MANAGER)
    for writer, name in ((robin, robin), (robin, desk.founded.owner), (mona, desk.founded.owner)):
        with pytest.raises(Exception, match=WALL), desk.signed_in(writer) as (session, _):
            write(session, desk, name)
    with desk.signed_in(mona) as (session, _):
        write(session, desk, mona)


def test_a_person_of_another_business_sets_nothing_here(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        other = found(session, "Other", "eve@example.com")
    with Desk(desk.database, desk.settings, other).signed_in() as (session, _):
        bind(session, desk.founded.workspace)
        with pytest.raises(Exception, match=WALL), session.begin_nested():
            write(session, desk, other.owner)


def test_a_setting_would_stand_were_it_not_for_the_wall(desk: Desk, owner_db: Database) -> None:
    """The negative control: without the policy any transaction of the business sets anything."""
    with owner_db.transaction() as session:
        session.execute(text("DROP POLICY by_a_decider ON policy_setting"))
        become_web(session, desk)
        write(session, desk, desk.founded.owner)
        session.rollback()


def test_a_setting_is_never_changed_or_taken_back(desk: Desk, web_db: Database, worker_db: Database) -> None:
    set_policy(desk, "countries")
    for database in (web_db, worker_db):
        for deed in ("UPDATE policy_setting SET settings = '{}'", "DELETE FROM policy_setting"):
            with pytest.raises(Exception, match="permission denied"), database.transaction(desk.founded.workspace) as session:
                session.execute(text(deed))


def test_staff_set_nothing_by_the_code_either(desk: Desk, owner_db: Database) -> None:
    robin = joined(desk, owner_db, "Robin", Rank.STAFF)
    found_policy = policies()["countries"]
    with pytest.raises(Exception, match=WALL), desk.signed_in(robin) as (session, _):
        put(session, session.get_one(Person, robin), found_policy, found_policy.settings())
