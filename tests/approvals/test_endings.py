"""How a request ends: once, with the time and who in the row, the audit and an event; and only by those who may end it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from approvals import gate
from approvals.requests import Pending
from crm.access.keys import IssuedKey, issue
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database
from kernel.keys import show
from tests.approvals.hands import rows
from tests.approvals.test_votes import FLIP, write
from tests.factories import Bench, Desk
from workers.clock import expire_approvals

Ending = Callable[[Desk, Bench, Database, Pending], object]
TOLD = """
SELECT action, actor FROM audit WHERE subject = :id AND action LIKE 'approval.%' ORDER BY id
"""
HAPPENED = "SELECT type, data->>'by' FROM event WHERE subject = :wire ORDER BY at, id"


def overdue(_: Desk, bench: Bench, owner_db: Database, __: Pending) -> None:
    with owner_db.transaction() as session:
        session.execute(text("UPDATE approval SET expires_at = now() - interval '1 s'"))
    expire_approvals(bench.database)


ENDINGS: dict[str, tuple[Ending, str, str]] = {
    "approved": (lambda desk, _, __, pending: desk.decide(pending), "person: Olivia", "Olivia"),
    "rejected": (lambda desk, _, __, pending: desk.decide(pending, "rejected"), "person: Olivia", "Olivia"),
    "withdrawn": (
        lambda desk, _, __, pending: desk.run("withdraw_send_request", approvalId=show("apr", pending.approval_id)),
        "agent: first agent",
        "first agent",
    ),
    "expired": (overdue, "system: sayso", "sayso"),
}
CANCELLED: Ending = lambda desk, _, __, pending: desk.run("cancel_scheduled_send", intentId=show("int", pending.intent_ids[0]))  # noqa: E731 - one of a table


@pytest.mark.parametrize("how", [*ENDINGS, "cancelled"])
def test_every_end_says_when_and_who_in_row_audit_and_event(desk: Desk, bench: Bench, owner_db: Database, how: str) -> None:
    pending = desk.ask()
    end, actor, name = ENDINGS.get(how, (CANCELLED, *ENDINGS["withdrawn"][1:]))
    end(desk, bench, owner_db, pending)
    state = "withdrawn" if how == "cancelled" else how
    assert rows(owner_db, "SELECT state, ended_at BETWEEN now() - interval '1 min' AND now(), ended_by_name FROM approval") == [(state, True, name)]
    asked = ("approval.requested", "agent: first agent")
    assert rows(owner_db, TOLD, id=str(pending.approval_id)) == [asked, (f"approval.{state}", actor)]
    assert rows(owner_db, HAPPENED, wire=show("apr", pending.approval_id)) == [asked, (f"approval.{state}", actor)]
    assert rows(owner_db, "SELECT count(*) FROM link WHERE ended_at IS NULL") == [(0,)]
    told = desk.run("get_send_status", approvalId=show("apr", pending.approval_id)).model_dump(by_alias=True)["approval"]
    assert (told["state"], told["endedBy"], told["endedAt"] is not None) == (state, name, True)


@pytest.mark.parametrize("half", ["state = 'withdrawn', ended_at = now()", "state = 'withdrawn', ended_by_name = 'x'", "ended_at = now(), ended_by_name = 'x'"])
def test_the_database_refuses_half_an_end(desk: Desk, half: str) -> None:
    pending = desk.ask()
    with pytest.raises(Exception, match="ck_approval_ended"), desk.database.transaction(desk.founded.workspace) as session:
        write(session, desk, pending, f"UPDATE approval SET {half} WHERE id = :approval")


@pytest.mark.parametrize("how", ENDINGS)
def test_what_ended_once_never_ends_otherwise(desk: Desk, bench: Bench, owner_db: Database, how: str) -> None:
    pending = desk.ask()
    ENDINGS[how][0](desk, bench, owner_db, pending)
    for state in ("pending", *(other for other in ENDINGS if other != how)):
        again = "UPDATE approval SET state = :state, ended_at = CASE WHEN :state <> 'pending' THEN now() END, ended_by_name = NULL"
        with pytest.raises(Exception, match="ended already"), desk.database.transaction(desk.founded.workspace) as session:
            session.execute(text(again), {"state": state})


def test_it_would_end_twice_were_it_not_for_the_trigger(desk: Desk, owner_db: Database) -> None:
    """The negative control."""
    pending = desk.ask()
    desk.decide(pending, "rejected")
    with owner_db.transaction() as session:
        session.execute(text("ALTER TABLE approval DISABLE TRIGGER ends_once"))
        write(session, desk, pending, FLIP)
        assert session.scalar(text("SELECT state FROM approval")) == "approved"
        session.rollback()


def other_key(desk: Desk, owner_db: Database) -> IssuedKey:
    with owner_db.transaction() as session:
        return issue(session, desk.founded.workspace, "second agent")


@pytest.mark.parametrize("tool", ["withdraw_send_request", "cancel_scheduled_send"])
def test_another_key_takes_nothing_back_that_it_did_not_ask_for(desk: Desk, owner_db: Database, tool: str) -> None:
    pending = desk.ask()
    other = replace(desk, founded=replace(desk.founded, key=other_key(desk, owner_db)))
    named = {"approvalId": show("apr", pending.approval_id)} if tool.startswith("withdraw") else {"intentId": show("int", pending.intent_ids[0])}
    with pytest.raises(gate.NotYours):
        other.run(tool, **named)
    assert desk.send(pending).state == "held"
    desk.run(tool, **named)
    assert desk.send(pending).state == "cancelled"


def test_a_person_takes_back_what_any_key_asked_for(desk: Desk) -> None:
    one, other = desk.ask("One."), desk.ask("Two.")
    olivia = Caller("person", desk.founded.owner, "Olivia")
    with desk.database.transaction(desk.founded.workspace) as session:
        call = Call(session, olivia, desk.founded.workspace, now(), desk.settings)
        gate.withdraw(call, one.approval_id)
        gate.cancel(call, other.intent_ids[0])
    assert {desk.send(one).state, desk.send(other).state} == {"cancelled"}


@pytest.mark.parametrize("change", ["NULL", "revoked_at - interval '1 day'"])
def test_a_revoked_key_stays_revoked(desk: Desk, owner_db: Database, change: str) -> None:
    revoke = "UPDATE api_key SET revoked_at = now() WHERE revoked_at IS NULL"
    with desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text(revoke))
    undo = text(f"UPDATE api_key SET revoked_at = {change}")
    with pytest.raises(Exception, match="stays revoked"), desk.database.transaction(desk.founded.workspace) as session:
        session.execute(undo)
    with owner_db.transaction() as session:
        session.execute(text("ALTER TABLE api_key DISABLE TRIGGER stays_revoked"))  # the negative control
        session.execute(undo)
        session.rollback()
