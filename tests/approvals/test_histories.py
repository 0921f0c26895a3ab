"""Why something was sent: one answer, four queries, everything that led to it, and nobody's address for an agent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from approvals.decide import decide
from approvals.histories import recall
from approvals.people import Rank
from approvals.requests import Pending
from approvals.votes import Decision
from crm.access.setup import found
from kernel.db import Database
from kernel.errors import NotFound
from kernel.keys import new_id, show
from outbox.dispatch import Later, StatusEvent
from outbox.store import reconcile
from tests.approvals.hands import dead
from tests.factories import Bench, Desk
from tests.portal.guest import joined
from tests.portal.test_inbox import counting
from workers.clock import seal_audit

ORIGIN = "203.0.113.77"


def why(desk: Desk, pending: Pending) -> dict[str, Any]:
    return desk.run("get_send_history", intentId=show("int", pending.intent_ids[0])).model_dump(by_alias=True, mode="json")


def say(desk: Desk, pending: Pending, person: UUID | None = None, verdict: str = "approved", reason: str | None = None) -> None:
    with desk.signed_in(person) as (session, somebody):
        said = Decision(pending.approval_id, bytes.fromhex(pending.digest), verdict, "portal", ORIGIN, reason)  # type: ignore[arg-type]  # a verdict, as text
        decide(session, somebody, said)


def delivered(desk: Desk, bench: Bench) -> Pending:
    """Asked, approved, put off once, called again, and the provider called back."""
    pending = desk.ask()
    say(desk, pending)
    bench.memory.tell(Later("try again"))
    bench.drain()
    with bench.database.transaction() as session:
        session.execute(text("UPDATE delivery SET due_at = now()"))
    bench.drain()
    ref = desk.send(pending).provider_ref
    with bench.database.line() as line, line.transaction():
        assert reconcile(line, StatusEvent("memory:1", "delivered", None, ref), None)
    return pending


def test_one_answer_says_why_it_was_sent(desk: Desk, bench: Bench) -> None:
    pending = delivered(desk, bench)
    seal_audit(bench.database)
    told = why(desk, pending)
    assert (told["askedBy"], told["action"], told["state"], told["needs"], told["endedBy"]) == ("agent: first agent", "send_sms", "approved", 1, "Olivia")
    assert [(vote["by"], vote["verdict"], vote["via"]) for vote in told["votes"]] == [("Olivia", "approved", "portal")]
    (send,) = told["sends"]
    assert (send["state"], send["attempts"], send["digest"], send["digestSent"]) == ("delivered", 2, pending.digest, pending.digest)
    assert send["grantedAt"]
    assert [(seen["source"], seen["number"], seen["outcome"]) for seen in told["seen"]] == [
        ("call", 1, "later"),
        ("call", 2, "accepted"),
        ("callback", 2, "delivered"),
    ]
    assert [(row["deed"], row["by"], row["position"]) for row in told["audit"]] == [
        ("approval.requested", "agent: first agent", 1),
        ("approval.approved", "person: Olivia", 2),
    ]
    assert told["isSealed"] is True
    assert all(len(row["hash"]) == 64 for row in told["audit"])


def test_what_is_not_sealed_yet_says_so(desk: Desk) -> None:
    told = why(desk, desk.approved())
    assert (told["isSealed"], {row["position"] for row in told["audit"]}) == (False, {None})


def test_it_takes_four_queries_however_much_happened(desk: Desk, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    pending = delivered(desk, bench)
    with desk.database.transaction(desk.founded.workspace) as session:
        said = counting(monkeypatch)
        recall(session, desk.founded.workspace, intent=pending.intent_ids[0])
    assert len(said) == 4


def test_a_rejection_is_explained_as_well(desk: Desk) -> None:
    pending = desk.ask()
    say(desk, pending, verdict="rejected", reason="Not at night.")
    told = why(desk, pending)
    assert (told["state"], told["reason"], told["seen"], told["sends"][0]["grantedAt"]) == ("rejected", "Not at night.", [], None)


def test_two_votes_are_both_told(desk: Desk, owner_db: Database) -> None:
    manager = joined(desk, owner_db, "Max", Rank.MANAGER)
    pending = desk.ask()
    with owner_db.transaction() as session:
        session.execute(text("UPDATE approval SET needs = 2"))
    say(desk, pending)
    say(desk, pending, manager)
    assert [vote["by"] for vote in why(desk, pending)["votes"]] == ["Olivia", "Max"]
    assert [row["deed"] for row in why(desk, pending)["audit"]] == ["approval.requested", "approval.voted", "approval.approved"]


def test_a_refusal_of_the_provider_is_told_in_its_words(desk: Desk, bench: Bench) -> None:
    assert [seen["reason"] for seen in why(desk, dead(desk, bench))["seen"]] == ["The number does not exist."]


def test_no_agent_learns_a_persons_address(desk: Desk, bench: Bench) -> None:
    pending = delivered(desk, bench)
    told = str(why(desk, pending))
    assert ORIGIN not in told
    assert "olivia@" not in told
    with desk.database.transaction(desk.founded.workspace) as session:
        assert recall(session, desk.founded.workspace, approval=pending.approval_id).origins == [ORIGIN], "the control: people do"


def test_letters_to_our_own_people_have_no_history(desk: Desk, owner_db: Database) -> None:
    desk.ask()
    with owner_db.transaction() as session:
        notice = session.scalar(text("SELECT id FROM intent WHERE kind = 'notice'"))
    assert notice
    with pytest.raises(NotFound):
        desk.run("get_send_history", intentId=show("int", notice))


def test_nobody_learns_another_workspaces_history(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    with owner_db.transaction() as session:
        stranger = Desk(desk.database, desk.settings, found(session, "Other", "eve@example.com"))
    for workspace, intent in ((stranger, pending.intent_ids[0]), (desk, new_id())):
        with pytest.raises(NotFound):
            workspace.run("get_send_history", intentId=show("int", intent))
