"""Standing approvals: what one covers leaves by itself within its caps, whatever else differs waits for a person, and no agent makes one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import text

from approvals.budgets import give_back
from approvals.decide import MayNotDecide
from approvals.people import Rank
from approvals.requests import Pending
from approvals.standing import REVOKED, NotRepeatable, Terms, make, revoke
from kernel.clock import now
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import show
from tests.approvals.hands import rows, set_policy
from tests.approvals.test_votes import WALL, become_web
from tests.factories import PHONE, Bench, Desk
from tests.portal.guest import joined

WORDS = "Your booking is confirmed."
OTHER = "+447400999999"
ROUNDS = 12
ASK = "INSERT INTO standing (id, workspace_id, action, kind, lane, words, per_day, made_by, made_by_name, expires_at) "
SET = f"{ASK} SELECT gen_random_uuid(), workspace_id, action, kind, lane, words, 10000, :person, 'Olivia', now() + interval '9 days' FROM standing"


def allow(desk: Desk, pending: Pending, per_day: int = 5, *, to_same: bool = False, person: UUID | None = None) -> UUID:
    """What was approved is allowed for the future."""
    with desk.signed_in(person) as (session, somebody):
        return make(session, somebody, pending.approval_id, Terms(per_day, now() + timedelta(days=7), to_same))


@pytest.fixture
def standing(desk: Desk, bench: Bench) -> UUID:
    """Five confirmations a day, to anybody; first messages are like any other."""
    set_policy(desk, "first_time", in_person=False)
    made = allow(desk, desk.approved(WORDS, to="+447400000001"))
    bench.drain()
    bench.memory.ledger.clear()
    return made


def numbered(number: int) -> str:
    return f"+4474001000{number:02d}"


def ask(desk: Desk, number: int = 0, body: str = WORDS) -> Pending:
    return desk.ask(body, to=numbered(number))


def test_what_it_covers_leaves_by_itself_and_says_by_which(desk: Desk, bench: Bench, standing: UUID, owner_db: Database) -> None:
    letters = rows(owner_db, "SELECT count(*) FROM intent WHERE kind = 'notice'")
    pending = ask(desk)
    name = show("sta", standing)
    assert (pending.status, pending.standing_id, name in pending.next_step) == ("approved", standing, True)
    bench.drain()
    seen: dict[str, Any] = desk.run("get_send_status", approvalId=show("apr", pending.approval_id)).model_dump(by_alias=True, mode="json")
    told = seen["approval"]
    assert (seen["status"], told["state"], told["decidedBy"], told["decidedVia"]) == ("sent", "approved", "Olivia", "standing")
    history: dict[str, Any] = desk.run("get_send_history", intentId=show("int", pending.intent_ids[0])).model_dump(by_alias=True, mode="json")
    assert (history["standing"], history["standingBy"], history["votes"]) == (name, "Olivia", [])
    assert rows(owner_db, "SELECT count(*) FROM intent WHERE kind = 'notice'") == letters, "nobody is asked"
    written = rows(owner_db, "SELECT action, actor FROM audit WHERE subject = :a ORDER BY id", a=str(pending.approval_id))
    assert written == [("approval.requested", "agent: first agent"), ("approval.approved", "system: the standing approval of Olivia")]


def test_other_words_another_action_or_a_second_time_the_same_day_wait_for_a_person(desk: Desk, standing: UUID, owner_db: Database) -> None:
    assert ask(desk, 1).status == "approved"
    assert ask(desk, 1).status == "pending", "nobody is told the same twice by itself"
    assert ask(desk, 2, WORDS + " ").status == "pending"
    assert cast("Pending", desk.run("send_message", channel="sms", to=numbered(3), body=WORDS)).status == "pending"
    desk.answered(owner_db, numbered(4))
    assert cast("Pending", desk.run("send_whatsapp_message", to=numbered(4), body=WORDS)).status == "pending"


def test_what_leaves_on_another_day_waits_for_a_person(desk: Desk, standing: UUID) -> None:
    assert desk.ask(WORDS, to=numbered(1), send_at=now() + timedelta(days=1)).status == "pending"
    assert desk.ask(WORDS, to=numbered(1), send_at=now() - timedelta(hours=1)).status == "approved"


def test_the_same_mailbox_written_otherwise_is_the_same_person(desk: Desk) -> None:
    set_policy(desk, "first_time", in_person=False)

    def mail(to: str) -> Pending:
        return cast("Pending", desk.run("send_email", to=to, subject="Your visit", body=WORDS))

    first = mail("mia@example.com")
    desk.decide(first)
    allow(desk, first)
    assert [mail("ada@example.com").status, mail("Ada@example.com").status] == ["approved", "pending"]


def test_one_for_the_same_recipient_covers_nobody_else(desk: Desk) -> None:
    allow(desk, desk.approved(WORDS), to_same=True)
    assert desk.ask(WORDS, to=OTHER).status == "pending"
    assert desk.ask(WORDS, to=PHONE).status == "approved"


def test_a_first_message_waits_for_a_person_unless_the_policies_say_otherwise(desk: Desk) -> None:
    allow(desk, desk.approved(WORDS))
    assert desk.ask(WORDS, to=OTHER).status == "pending"
    set_policy(desk, "first_time", in_person=False)
    assert desk.ask(WORDS, to=OTHER).status == "approved"


@pytest.mark.parametrize(
    ("policy", "chosen"),
    [
        ("standing", {"allowed": False}),
        ("standing", {"per_day": 1}),
        ("two_people", {"actions": ["send_sms"]}),
        ("audience", {"per_day": 1}),
        ("spend", {"per_day": 1, "whatsapp": 1}),
    ],
)
def test_a_policy_that_asks_for_more_beats_it(desk: Desk, standing: UUID, policy: str, chosen: dict[str, object]) -> None:
    assert ask(desk, 1).status == "approved"
    set_policy(desk, policy, **chosen)
    second = [ask(desk, 2).status, ask(desk, 3).status]
    assert second[-1] == "pending"


def test_it_answers_exactly_so_often_a_day_however_many_ask_at_once(desk: Desk, standing: UUID, owner_db: Database, bench: Bench) -> None:
    with ThreadPoolExecutor(10) as hands:
        answers = list(hands.map(lambda number: ask(desk, number).status, range(20)))
    assert sorted(answers) == ["approved"] * 5 + ["pending"] * 15
    assert rows(owner_db, "SELECT count(*) FROM grants WHERE source = 'standing'") == [(5,)]
    assert rows(owner_db, "SELECT used FROM budget WHERE policy = 'standing'") == [(5,)]
    bench.drain()
    assert len(bench.memory.ledger) == 5


def test_what_was_cancelled_is_given_back(desk: Desk, standing: UUID, worker_db: Database) -> None:
    for number in range(5):
        last = ask(desk, number)
    desk.run("cancel_scheduled_send", intentId=show("int", last.intent_ids[0]))
    assert ask(desk, 7).status == "pending"
    with worker_db.line() as line:
        give_back(line)
    assert ask(desk, 8).status == "approved"


def test_revoking_holds_what_is_queued_under_it_and_ends_it(desk: Desk, bench: Bench, standing: UUID) -> None:
    queued = ask(desk, 1)
    with desk.signed_in() as (session, owner):
        revoke(session, owner, standing)
    bench.drain()
    send = desk.send(queued)
    assert (send.state, bench.memory.ledger) == ("ready", [])
    assert send.wait_reason
    assert ask(desk, 2).status == "pending"
    with pytest.raises(NotFound), desk.signed_in() as (session, owner):
        revoke(session, owner, standing)


def test_a_grant_and_a_revocation_at_once_leave_nothing_on_its_way(desk: Desk, bench: Bench, owner_db: Database) -> None:
    set_policy(desk, "first_time", in_person=False)
    first = desk.approved(WORDS, to="+447400000001")
    bench.drain()
    bench.memory.ledger.clear()
    for number in range(ROUNDS):
        made = allow(desk, first)

        def end(standing: UUID = made) -> str:
            with desk.signed_in() as (session, owner):
                revoke(session, owner, standing)
            return "revoked"

        with ThreadPoolExecutor(2) as both:
            asked, ended = both.submit(lambda number=number: ask(desk, number)), both.submit(end)
            pending = asked.result()
            assert ended.result() == "revoked"
        granted = rows(owner_db, "SELECT count(*) FROM grants WHERE standing_id = :s", s=made) == [(1,)]
        assert granted is (pending.status == "approved")
        held = rows(owner_db, "SELECT reason FROM stop WHERE approval_id = :a", a=pending.approval_id)
        assert held == ([(REVOKED,)] if granted else [])
    bench.drain()
    assert bench.memory.ledger == []


def test_it_dies_with_the_right_of_whoever_made_it_and_at_its_end(desk: Desk, owner_db: Database, standing: UUID) -> None:
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    with desk.signed_in() as (session, owner):
        revoke(session, owner, standing)
    by_mona = allow(desk, desk.approved(WORDS, to=OTHER), person=mona)
    assert ask(desk, 1).status == "approved"
    with owner_db.transaction() as session:
        session.execute(text("UPDATE person SET role = 'staff' WHERE name = 'Mona'"))
    assert ask(desk, 2).status == "pending"
    with owner_db.transaction() as session:
        session.execute(text("UPDATE person SET role = 'manager' WHERE name = 'Mona'"))
    assert ask(desk, 3).status == "approved"
    with owner_db.transaction() as session:
        session.execute(text("UPDATE standing SET expires_at = now() WHERE id = :s"), {"s": by_mona})
    assert ask(desk, 4).status == "pending"


def test_only_one_message_that_people_approved_is_repeated_and_within_the_policies(desk: Desk, owner_db: Database, standing: UUID) -> None:
    robin = joined(desk, owner_db, "Robin", Rank.STAFF)
    approved = desk.approved("Come again.", to="+447400000001")
    for pending in (desk.ask(), ask(desk, 1)):
        with pytest.raises(NotRepeatable):
            allow(desk, pending)
    with pytest.raises(MayNotDecide):
        allow(desk, approved, person=robin)
    with pytest.raises(InvalidArguments, match="1 to 50 times"):
        allow(desk, approved, 51)
    with pytest.raises(InvalidArguments, match="within 90 days"), desk.signed_in() as (session, owner):
        make(session, owner, approved.approval_id, Terms(1, now() + timedelta(days=91)))


def test_no_transaction_without_a_deciders_session_makes_one_or_revokes_one(desk: Desk, owner_db: Database, standing: UUID) -> None:
    robin = joined(desk, owner_db, "Robin", Rank.STAFF)
    given = {"person": desk.founded.owner}
    with pytest.raises(Exception, match=WALL), desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text(SET), given)
    with pytest.raises(Exception, match=WALL), desk.signed_in(robin) as (session, _):
        session.execute(text(SET), given)
    with desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text("UPDATE standing SET revoked_at = now(), revoked_by_name = 'Eve'"))
    assert rows(owner_db, "SELECT count(*) FROM standing WHERE revoked_at IS NOT NULL") == [(0,)]
    for widen in ("per_day = 10000", "words = '{}'", "recipient = NULL", "expires_at = now() + interval '1 year'"):
        with pytest.raises(Exception, match="permission denied"), desk.signed_in() as (session, _):
            session.execute(text(f"UPDATE standing SET {widen}"))


def test_a_setting_without_the_wall_would_make_one(desk: Desk, owner_db: Database, standing: UUID) -> None:
    """The negative control of the first two above."""
    with owner_db.transaction() as session:
        session.execute(text("DROP POLICY by_a_decider ON standing"))
        become_web(session, desk)
        session.execute(text(SET), {"person": desk.founded.owner})
        session.rollback()


def test_a_revoked_one_is_never_revived(desk: Desk, owner_db: Database, standing: UUID) -> None:
    with desk.signed_in() as (session, owner):
        revoke(session, owner, standing)
    with pytest.raises(Exception, match="stays revoked"), desk.signed_in() as (session, _):
        session.execute(text("UPDATE standing SET revoked_at = NULL, revoked_by_name = NULL"))
