"""Who may settle, replay, pause and resume, and what a pause holds: a workspace, a key, a lane; a revoked key's sends hold at once."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from approvals import standstill
from approvals.people import DECIDERS, Person, Rank
from approvals.resolve import MayNotOperate, OperatorOnly, Subject, pause, replay, resolve, resume
from crm.access import keys
from crm.access.setup import found
from kernel.db import Database
from kernel.errors import NotFound
from kernel.keys import new_id
from outbox import claims, facts, wake
from outbox.facts import Scope
from tests.approvals.hands import LANE, WHY, act, dead, doubt, hold, of_key, rows
from tests.factories import Bench, Desk
from tests.portal.guest import joined


def subjects(desk: Desk, approval: UUID) -> dict[str, Subject]:
    """Each thing that can be paused, as it would hold this request."""
    return {
        "workspace": Subject("workspace"),
        "key": of_key(desk),
        "channel": Subject("channel", Scope(channel="sms")),
        "request": Subject("request", Scope(approval=approval)),
        "lane": Subject("lane", lane=LANE),
    }


@pytest.mark.parametrize("rank", list(Rank))
@pytest.mark.parametrize("operator", [False, True])
def test_who_may_do_what(desk: Desk, bench: Bench, owner_db: Database, rank: Rank, operator: bool) -> None:
    may = rank in DECIDERS
    unclear, letter = doubt(desk, bench), dead(desk, bench)
    person = joined(desk, owner_db, "Robin", rank)
    settings = desk.settings.model_copy(update={"operator_emails": "someone@example.com, Robin@Example.com" if operator else "someone@example.com"})
    deeds: list[tuple[bool, Callable[..., object], tuple[object, ...]]] = [
        (may, resolve, (unclear.intent_ids[0], "sent", WHY)),
        (may, replay, (letter.intent_ids[0],)),
        (may, pause, (Subject("workspace"), WHY, settings)),
        (may, resume, (Subject("workspace"), WHY, settings)),
        (may, pause, (of_key(desk), WHY, settings)),
        (may, resume, (of_key(desk), WHY, settings)),
        (may, pause, (Subject("channel", Scope(channel="sms")), WHY, settings)),
        (may, resume, (Subject("channel", Scope(channel="sms")), WHY, settings)),
        (may, pause, (Subject("request", Scope(approval=unclear.approval_id)), WHY, settings)),
        (may, resume, (Subject("request", Scope(approval=unclear.approval_id)), WHY, settings)),
        (operator, pause, (Subject("lane", lane=LANE), WHY, settings)),
        (operator, resume, (Subject("lane", lane=LANE), WHY, settings)),
    ]
    for allowed, deed, given in deeds:
        if allowed:
            act(desk, deed, *given, person=person)
        else:
            with pytest.raises((MayNotOperate, OperatorOnly)):
                act(desk, deed, *given, person=person)


def test_what_is_paused_holds_and_goes_on_when_resumed(desk: Desk, bench: Bench, owner_db: Database) -> None:
    operated = Desk(desk.database, desk.settings.model_copy(update={"operator_emails": "olivia@example.com"}), desk.founded)
    for number, scope in enumerate(["workspace", "key", "channel", "request", "lane"], 1):
        pending = desk.approved(f"Number {number}")
        subject = subjects(desk, pending.approval_id)[scope]
        hold(operated, subject)
        hold(operated, subject)
        bench.drain()
        assert desk.send(pending).state == "ready"
        rung: list[str] = []
        wake.install(rung.extend)
        hold(operated, subject, deed=resume)
        assert LANE in rung
        bench.drain()
        assert desk.send(pending).state == "sent"
    assert rows(owner_db, "SELECT count(*) FROM stop WHERE lifted_at IS NULL") == [(0,)]
    assert rows(owner_db, "SELECT count(*) FROM audit WHERE action = 'sending.paused'") == [(10,)]


def test_the_claim_would_send_what_is_stopped_were_it_not_for_the_stop(desk: Desk, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the same claim without its look at the stops takes the row."""
    pending = desk.approved()
    hold(desk, of_key(desk))
    hold(desk, Subject("workspace"))
    bench.drain()
    assert desk.send(pending).state == "ready"
    blind = claims.PICK.replace("s.lifted_at IS NULL", "false")
    assert blind.count("AND false") == 2
    monkeypatch.setattr(claims, "PICK", blind)
    bench.drain()
    assert desk.send(pending).state == "sent"


@pytest.mark.parametrize("scope", [Scope(channel="email"), Scope(approval=new_id()), Scope(key=new_id())], ids=["channel", "request", "key"])
def test_a_pause_of_another_channel_request_or_key_holds_nothing_here(desk: Desk, bench: Bench, owner_db: Database, scope: Scope) -> None:
    pending = desk.approved()
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        facts.stop(session, desk.founded.workspace, scope, "enough")
    bench.drain()
    assert desk.send(pending).state == "sent"


def test_a_paused_channel_still_carries_mail_to_our_own_people(desk: Desk, bench: Bench, owner_db: Database) -> None:
    hold(desk, Subject("channel", Scope(channel="email")))
    desk.ask()
    bench.drain("email:sandbox")
    assert rows(owner_db, "SELECT i.kind, d.state FROM delivery d JOIN intent i ON i.id = d.intent_id WHERE d.lane = 'email:sandbox'") == [("notice", "sent")]


def test_a_request_of_another_workspace_cannot_be_paused(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        other = Desk(desk.database, desk.settings, found(session, "Other", "eve@example.com"))
    pending = other.approved()
    with pytest.raises(NotFound):
        hold(desk, Subject("request", Scope(approval=pending.approval_id)))


def test_a_revoked_key_holds_what_it_asked_for_at_once(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        assert keys.revoke(session, desk.founded.workspace, desk.founded.key.id)
        assert not keys.revoke(session, desk.founded.workspace, desk.founded.key.id)
    bench.drain()
    assert desk.send(pending).state == "ready"
    assert rows(owner_db, "SELECT asked_by_id, reason FROM stop") == [(desk.founded.key.id, keys.REVOKED)]
    assert bench.memory.ledger == []


def test_a_revocation_that_fails_leaves_neither_half(desk: Desk, owner_db: Database) -> None:
    def fail(session: Session, _: Person) -> None:
        assert keys.revoke(session, desk.founded.workspace, desk.founded.key.id)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        act(desk, fail)
    assert rows(owner_db, "SELECT (SELECT count(*) FROM stop), count(*) FROM api_key WHERE revoked_at IS NOT NULL") == [(0, 0)]


def test_lanes_count_only_what_is_ones_own_unless_one_operates(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        other = Desk(desk.database, desk.settings, found(session, "Other", "eve@example.com"))
        session.execute(text("INSERT INTO lane (id) VALUES ('sms:elsewhere')"))
    desk.approved()
    other.approved("One.")
    other.approved("Two.")

    def lanes(operators: str) -> dict[str, int]:
        settings = desk.settings.model_copy(update={"operator_emails": operators})
        found_lanes = act(desk, standstill.lanes, settings)
        assert isinstance(found_lanes, list)
        return {lane.lane: lane.waiting for lane in found_lanes}

    assert lanes("")[LANE] == 1
    assert "sms:elsewhere" not in lanes("")
    assert lanes("olivia@example.com")[LANE] == 3
    assert lanes("olivia@example.com")["sms:elsewhere"] == 0
