"""Deciding, cancelling, withdrawing and expiring at once: one wins, the others are told, and nobody waits for a deadlock."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text

from approvals import endings
from approvals.decide import decide
from approvals.people import Rank
from approvals.requests import Pending
from approvals.votes import Decision
from kernel.db import Database
from kernel.errors import SaysoError
from tests.approvals.hands import rows
from tests.approvals.test_edits import carry_out, revision
from tests.factories import Bench, Desk
from tests.portal.guest import joined
from workers.clock import expire_approvals

ROUNDS = 40
ENDED = """
SELECT a.state, a.ended_by_name, a.ended_at >= a.created_at, d.state,
    (SELECT array_agg(u.action || ' by ' || u.actor) FROM audit u WHERE u.subject = a.id::text AND u.action NOT IN ('approval.requested', 'approval.voted')),
    (SELECT array_agg(e.type || ' by ' || (e.data->>'by')) FROM event e
     WHERE e.subject = 'apr_' || replace(a.id::text, '-', '') AND e.type NOT IN ('approval.requested', 'approval.voted')),
    (SELECT count(*) FROM grants g WHERE g.approval_id = a.id), (SELECT count(*) FROM link l WHERE l.approval_id = a.id AND l.ended_at IS NULL)
FROM approval a JOIN approval_item t ON t.approval_id = a.id JOIN every_delivery d ON d.intent_id = t.intent_id WHERE a.id = :approval
"""
BY = {"approved": "person: Olivia", "rejected": "person: Mona", "withdrawn": "agent: first agent", "expired": "system: sayso", "superseded": "person: Olivia"}
AFTER = {"approved": {"sent", "cancelled"}, "rejected": {"rejected"}, "withdrawn": {"cancelled"}, "expired": {"expired"}, "superseded": {"cancelled"}}


def told(deed: Callable[[], object]) -> str:
    try:
        deed()
    except SaysoError as refused:
        return refused.code
    return "done"


def at_once(*deeds: Callable[[], object]) -> list[str]:
    with ThreadPoolExecutor(len(deeds)) as crowd:
        return [answer.result() for answer in [crowd.submit(told, deed) for deed in deeds]]


def deeds(desk: Desk, bench: Bench, pending: Pending) -> dict[str, Callable[[], object]]:
    edited = revision(desk, pending, body="Edited.")
    wire, intent = f"apr_{pending.approval_id.hex}", f"int_{pending.intent_ids[0].hex}"
    return {
        "approve": lambda: desk.decide(pending),
        "reject": lambda: desk.decide(pending, "rejected"),
        "cancel": lambda: desk.run("cancel_scheduled_send", intentId=intent),
        "withdraw": lambda: desk.run("withdraw_send_request", approvalId=wire),
        "expire": lambda: expire_approvals(bench.database),
        "drain": bench.drain,
        "edit": lambda: carry_out(desk, edited),
    }


@pytest.mark.parametrize(
    "rivals",
    [("approve", "cancel"), ("approve", "reject"), ("approve", "withdraw"), ("cancel", "withdraw"), ("approve", "cancel", "reject", "expire", "drain")],
)
def test_rivals_leave_one_story_and_no_deadlock(desk: Desk, bench: Bench, rivals: tuple[str, ...]) -> None:
    stories: Counter[str] = Counter()
    for number in range(ROUNDS):
        pending = desk.ask(f"Round {number}")
        wanted = deeds(desk, bench, pending)
        answers = at_once(*(wanted[name] for name in rivals))
        assert set(answers) <= {"done", "already_decided", "already_left", "not_pending"}, answers
        bench.drain()
        send = desk.send(pending)
        left = sum(dispatch.content.body == f"Round {number}" for dispatch in bench.memory.ledger)
        assert left == (send.state == "sent"), send.state
        stories[send.state] += 1
    assert set(stories) <= {"sent", "cancelled", "rejected"}
    assert sum(stories.values()) == ROUNDS


EDITED = """
SELECT a.state, d.state FROM approval a JOIN approval_item t ON t.approval_id = a.id JOIN every_delivery d ON d.intent_id = t.intent_id
WHERE a.id = :approval OR a.supersedes = :approval ORDER BY a.id
"""


@pytest.mark.parametrize(
    "rivals", [("approve", "edit"), ("edit", "edit"), ("edit", "cancel"), ("edit", "withdraw"), ("approve", "edit", "expire", "cancel", "drain")]
)
def test_of_an_edit_and_its_rivals_one_version_leaves_at_most(desk: Desk, bench: Bench, owner_db: Database, rivals: tuple[str, ...]) -> None:
    stories: Counter[tuple[str, ...]] = Counter()
    for number in range(ROUNDS):
        pending = desk.ask(f"Round {number}")
        wanted, before = deeds(desk, bench, pending), len(bench.memory.ledger)
        if "expire" in rivals:
            end_soon(owner_db, pending, number)
        answers = at_once(*(wanted[rivals[(number + step) % len(rivals)]] for step in range(len(rivals))))
        assert set(answers) <= {"done", "already_decided", "approval_expired", "already_left", "not_pending"}, answers
        while desk.send(pending).state == "held":
            expire_approvals(bench.database)
        bench.drain()
        versions = rows(owner_db, EDITED, approval=pending.approval_id)
        left = [dispatch.content.body for dispatch in bench.memory.ledger[before:]]  # type: ignore[attr-defined]  # each is an SMS
        assert [send for _, send in versions].count("sent") == len(left) <= 1
        assert [state for state, _ in versions] in (["superseded", "approved"], ["approved"], ["withdrawn"], ["expired"])
        assert set(left) <= {"Edited." if len(versions) == 2 else f"Round {number}"}
        stories[tuple(state for state, _ in versions)] += 1
    assert sum(stories.values()) == ROUNDS
    sys.stdout.write(f"{dict(stories)}\n")


def end_soon(owner_db: Database, pending: Pending, number: int) -> None:
    """Let the request run out while the others are at it, now a little earlier, now a little later."""
    with owner_db.transaction() as session:
        soon = text("UPDATE approval SET expires_at = now() + make_interval(secs => :after) WHERE id = :approval")
        session.execute(soon, {"after": 0.003 * (number % 16), "approval": pending.approval_id})


def reject(desk: Desk, pending: Pending, person: UUID) -> None:
    with desk.signed_in(person) as (session, somebody):
        decide(session, somebody, Decision(pending.approval_id, bytes.fromhex(pending.digest), "rejected", "portal"))


def test_of_all_who_end_a_request_at_once_one_wins_and_is_recorded(desk: Desk, bench: Bench, owner_db: Database) -> None:
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    winners: Counter[str] = Counter()
    for number in range(ROUNDS):
        pending = desk.ask(f"Round {number}")
        wanted = deeds(desk, bench, pending) | {"reject": lambda asked=pending: reject(desk, asked, mona)}
        end_soon(owner_db, pending, number)
        names = [("approve", "reject", "edit", "cancel", "withdraw", "expire")[(number + step) % 6] for step in range(6)]
        answers = at_once(*(wanted[name] for name in names))
        assert set(answers) <= {"done", "already_decided", "approval_expired", "already_left", "not_pending"}, answers
        while desk.send(pending).state == "held":
            expire_approvals(bench.database)
        bench.drain()
        ((state, who, after, send, audit, event, grants, links),) = rows(owner_db, ENDED, approval=pending.approval_id)
        story = [f"approval.{state} by {BY[str(state)]}"]
        assert (audit, event, grants, links, after) == (story, story, int(state == "approved"), 0, True)
        assert (BY[str(state)].endswith(f": {who}"), send in AFTER[str(state)]) == (True, True)
        winners[str(state)] += 1
    assert sum(winners.values()) == ROUNDS
    sys.stdout.write(f"{dict(winners)}\n")
    assert len(winners) > 1, winners


@pytest.fixture
def _twice(owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither the statement nor the trigger looks whether it has ended already."""
    monkeypatch.setattr(endings, "END", endings.END.replace("AND state = 'pending'", ""))
    with owner_db.transaction() as session:
        session.execute(text("ALTER TABLE approval DISABLE TRIGGER ends_once"))
    yield
    with owner_db.transaction() as session:
        session.execute(text("ALTER TABLE approval ENABLE TRIGGER ends_once"))


@pytest.mark.usefixtures("_twice")
def test_the_record_shows_a_second_end_were_there_one(desk: Desk, bench: Bench, owner_db: Database) -> None:
    """The negative control."""
    pending = desk.ask()
    desk.decide(pending)
    deeds(desk, bench, pending)["withdraw"]()
    ((_, _, _, _, audit, *_),) = rows(owner_db, ENDED, approval=pending.approval_id)
    assert audit == [f"approval.{state} by {BY[state]}" for state in ("approved", "withdrawn")]
