"""Two people: the first yes is one of two, the second completes it; and whoever made the key does not approve alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from approvals.decide import AlreadyVoted, decide
from approvals.people import Rank
from approvals.requests import Pending
from approvals.votes import Decision, Verdict
from kernel.db import Database
from kernel.errors import SaysoError
from tests.approvals.hands import rows, set_policy
from tests.approvals.test_links import press
from tests.approvals.test_races import at_once
from tests.approvals.test_votes import FLIP, GRANT, write
from tests.factories import Bench, Desk
from tests.portal.guest import address_of, guest_at, invited, joined

ROUNDS = 20


@pytest.fixture
def second(desk: Desk, owner_db: Database) -> UUID:
    """A manager beside the owner."""
    return joined(desk, owner_db, "Mona", Rank.MANAGER)


@pytest.fixture
def _two(desk: Desk) -> None:
    """Every request needs two people."""
    set_policy(desk, "two_people", actions=["send_sms"])


def say(desk: Desk, pending: Pending, person: UUID | None = None, verdict: Verdict = "approved") -> bool:
    with desk.signed_in(person) as (session, somebody):
        return decide(session, somebody, Decision(pending.approval_id, bytes.fromhex(pending.digest), verdict, "portal"))


def told(desk: Desk, pending: Pending) -> tuple[str, str, str]:
    """What the agent reads: state and progress of the approval, and whether both tools agree."""
    wire = f"apr_{pending.approval_id.hex}"
    seen: dict[str, Any] = desk.run("get_send_status", approvalId=wire).model_dump(by_alias=True, mode="json")
    listed: dict[str, Any] = desk.run("list_pending_approvals").model_dump(by_alias=True, mode="json")
    assert {item["approvals"] for item in listed["items"] if item["approvalId"] == wire} <= {seen["approval"]["approvals"]}
    return seen["approval"]["state"], seen["approval"]["approvals"], seen["status"]


@pytest.mark.usefixtures("_two")
def test_the_first_of_two_leaves_it_pending_and_the_second_completes(desk: Desk, bench: Bench, second: UUID, owner_db: Database) -> None:
    pending = desk.ask()
    assert told(desk, pending) == ("pending", "0 of 2", "held")
    assert not say(desk, pending)
    assert told(desk, pending) == ("pending", "1 of 2", "held")
    bench.drain()
    assert bench.memory.ledger == []
    with pytest.raises(AlreadyVoted):
        say(desk, pending)
    assert say(desk, pending, second)
    bench.drain()
    assert told(desk, pending) == ("approved", "2 of 2", "sent")
    actors = rows(owner_db, "SELECT actor, action FROM audit WHERE action IN ('approval.voted', 'approval.approved') ORDER BY id")
    assert actors == [("person: Olivia", "approval.voted"), ("person: Mona", "approval.approved")]


def test_one_is_enough_when_no_more_are_needed(desk: Desk, second: UUID) -> None:
    """The negative control of the two above."""
    pending = desk.ask()
    assert told(desk, pending) == ("pending", "0 of 1", "held")
    assert say(desk, pending, second)
    assert told(desk, pending)[:2] == ("approved", "1 of 1")


@pytest.mark.usefixtures("_two", "second")
def test_one_vote_grants_nothing_when_two_are_needed(desk: Desk) -> None:
    pending = desk.ask()
    say(desk, pending)
    with pytest.raises(Exception, match="no approved approval"), desk.database.transaction(desk.founded.workspace) as session:
        write(session, desk, pending, FLIP, GRANT)


@pytest.mark.usefixtures("_two")
@pytest.mark.parametrize("same", [True, False])
def test_a_no_ends_it_also_after_a_yes(desk: Desk, second: UUID, same: bool) -> None:
    pending = desk.ask()
    say(desk, pending)
    assert say(desk, pending, None if same else second, "rejected")
    assert told(desk, pending) == ("rejected", "1 of 2", "rejected")


@pytest.mark.usefixtures("_two")
def test_two_links_decide_together_and_the_page_says_how_far_it_is(desk: Desk, second: UUID) -> None:
    pending = desk.ask()
    press(desk, pending, invited(desk, pending))
    other = guest_at(desk)
    other.sign_in(second)
    assert "Approved by Olivia: 1 of 2." in other.http.get(address_of(pending)).text
    press(desk, pending, invited(desk, pending, second))
    assert told(desk, pending)[:2] == ("approved", "2 of 2")


@pytest.mark.usefixtures("_two")
def test_two_who_vote_at_once_complete_it_every_time(desk: Desk, second: UUID) -> None:
    for number in range(ROUNDS):
        pending = desk.ask(f"Round {number}")

        def vote(person: UUID | None, asked: Pending = pending) -> None:
            if not say(desk, asked, person):
                raise Waiting

        assert sorted(at_once(lambda: vote(None), lambda: vote(second))) == ["done", "waiting"]
        assert told(desk, pending)[:2] == ("approved", "2 of 2")


class Waiting(SaysoError):
    """It waits for the other."""

    code = "waiting"


def four_eyed(desk: Desk, owner_db: Database, action: str, maker: UUID | None) -> None:
    set_policy(desk, "two_people", four_eyes=[action])
    with owner_db.transaction() as session:
        session.execute(text("UPDATE api_key SET created_by = :maker"), {"maker": maker})


def test_the_maker_of_the_key_does_not_approve_alone(desk: Desk, owner_db: Database, second: UUID) -> None:
    four_eyed(desk, owner_db, "send_sms", desk.founded.owner)
    alone, first, other = desk.ask("One."), desk.ask("Two."), desk.ask("Three.")
    assert not say(desk, alone)
    assert told(desk, alone)[:2] == ("pending", "1 of 2")
    with pytest.raises(Exception, match="no approved approval"), desk.database.transaction(desk.founded.workspace) as session:
        write(session, desk, alone, FLIP, GRANT)
    assert say(desk, alone, second)
    assert say(desk, first, second)
    assert told(desk, first)[:2] == ("approved", "1 of 1")
    assert say(desk, other, None, "rejected")


@pytest.mark.parametrize(("action", "makes"), [("send_email", True), ("send_sms", False)])
@pytest.mark.usefixtures("second")
def test_the_maker_approves_alone_when_nothing_speaks_against_it(desk: Desk, owner_db: Database, action: str, makes: bool) -> None:
    """The negative control: another action, or a key that somebody else made."""
    four_eyed(desk, owner_db, action, desk.founded.owner if makes else None)
    assert say(desk, desk.ask())


@pytest.mark.usefixtures("_two")
def test_a_sole_owner_decides_alone_and_the_audit_says_so(desk: Desk, owner_db: Database) -> None:
    four_eyed(desk, owner_db, "send_sms", desk.founded.owner)
    assert say(desk, desk.ask())
    assert rows(owner_db, "SELECT detail->>'sole_owner' FROM audit WHERE action = 'approval.requested'") == [("true",)]
