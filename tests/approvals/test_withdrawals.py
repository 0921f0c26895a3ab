"""Taking back what is being called or in doubt: it holds when that call was not taken, and undoes nothing that was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from approvals import gate
from approvals.gate import AlreadyLeft
from approvals.halting import NothingToStop, OnItsWay, halt
from approvals.requests import Pending
from approvals.resolve import replay, resolve
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database
from outbox.dispatch import Absent, Accepted, Dispatch, Evidence, Found, Later, Outcome, Refused, Unsure
from outbox.idempotency import Keyed, once
from outbox.store import sweep
from tests.approvals.crowds import due
from tests.approvals.hands import WHY, act, doubt, rows
from tests.factories import Bench, Desk
from tests.portal.guest import changed
from workers.calls import Calls
from workers.inquiries import Inquiries

REASON = "The booking was cancelled."
STANDS = "SELECT state, wait_reason FROM delivery WHERE intent_id = :i"
LAPSE = "UPDATE delivery SET lease_until = now() - interval '1 s' WHERE state = 'calling'"
BUSY = Later("It is busy.", after=60.0)
TakeBack = Callable[[Desk, Pending], str | None]
"""Answers the reason under which it is then cancelled."""


def agent(desk: Desk, deed: Callable[[Call], object]) -> None:
    founded = desk.founded
    with desk.database.transaction(workspace=founded.workspace) as session:
        deed(Call(session, Caller("agent", founded.key.id, "first agent"), founded.workspace, now(), desk.settings))


def stopped(desk: Desk, pending: Pending) -> None:
    with pytest.raises(OnItsWay):
        act(desk, halt, pending.approval_id)


def cancelled(desk: Desk, pending: Pending) -> None:
    with pytest.raises(AlreadyLeft) as told:
        agent(desk, lambda call: gate.cancel(call, pending.intent_ids[0]))
    assert told.value.data["state"] in ("calling", "in_doubt")
    assert told.value.sentence == gate.ON_ITS_WAY


def dropped(desk: Desk, pending: Pending) -> str:
    def drop(call: Call) -> None:
        assert not gate.drop(call, pending.intent_ids[0], REASON)

    agent(desk, drop)
    return REASON


every_way = pytest.mark.parametrize("take_back", [stopped, cancelled, dropped])


def during(bench: Bench, deed: Callable[[], object], outcome: Outcome) -> None:
    """Have the next call interrupted by this deed, and end so."""

    def perform(_dispatch: Dispatch) -> Outcome:
        deed()
        return outcome

    bench.memory.tell(perform)
    bench.drain()


def look_up(bench: Bench, owner: Database, evidence: Evidence) -> None:
    changed(owner, "UPDATE delivery SET due_at = now() WHERE state = 'in_doubt'")
    changed(owner, "UPDATE attempt SET at = at - interval '2 minutes'")
    providers = {"sandbox": bench.memory}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench.memory, "look_up", lambda _sought: evidence)
        Inquiries(bench.database, Calls(bench.settings, providers)).ask()


def stands(owner: Database, pending: Pending) -> tuple[object, ...]:
    return rows(owner, STANDS, i=pending.intent_ids[0])[0]


@pytest.mark.parametrize("is_marked", [True, False])
@every_way
def test_what_was_taken_back_during_its_call_is_not_called_again(desk: Desk, bench: Bench, owner_db: Database, take_back: TakeBack, *, is_marked: bool) -> None:
    """The negative control: without the mark it would be called again, and sent."""
    pending, whys = desk.approved(), []

    def taken_back() -> None:
        whys.append(take_back(desk, pending))
        if not is_marked:
            changed(owner_db, "UPDATE delivery SET halted = NULL")

    during(bench, taken_back, BUSY)
    due(owner_db)
    bench.drain()
    assert (stands(owner_db, pending), len(bench.memory.ledger)) == ((("cancelled", whys[0]), 1) if is_marked else (("sent", None), 2))


@every_way
def test_what_was_taken_back_during_a_call_that_was_taken_is_sent(desk: Desk, bench: Bench, owner_db: Database, take_back: TakeBack) -> None:
    pending = desk.approved()
    during(bench, lambda: take_back(desk, pending), Accepted("memory-1"))
    assert stands(owner_db, pending) == ("sent", None)


@every_way
def test_it_holds_though_the_lease_ended_before_the_call_did(desk: Desk, bench: Bench, owner_db: Database, take_back: TakeBack) -> None:
    pending, whys = desk.approved(), []

    def overdue() -> None:
        whys.append(take_back(desk, pending))
        changed(owner_db, LAPSE)
        with bench.database.line() as line:
            assert sweep(line) == 1
        assert stands(owner_db, pending)[0] == "in_doubt"

    during(bench, overdue, BUSY)
    due(owner_db)
    bench.drain()
    assert (stands(owner_db, pending), len(bench.memory.ledger)) == (("cancelled", whys[0]), 1)


@every_way
def test_a_doubt_that_was_taken_back_ends_when_it_is_proved_absent(desk: Desk, bench: Bench, owner_db: Database, take_back: TakeBack) -> None:
    pending = doubt(desk, bench)
    why = take_back(desk, pending)
    look_up(bench, owner_db, Absent())
    assert stands(owner_db, pending)[0] == "in_doubt", "one look proves nothing"
    look_up(bench, owner_db, Absent())
    assert stands(owner_db, pending) == ("cancelled", why)


@every_way
def test_a_doubt_that_was_taken_back_is_sent_when_the_provider_shows_it(desk: Desk, bench: Bench, owner_db: Database, take_back: TakeBack) -> None:
    pending = doubt(desk, bench)
    take_back(desk, pending)
    look_up(bench, owner_db, Found("memory-1", "sent"))
    assert stands(owner_db, pending) == ("sent", None)


def test_what_a_person_sends_again_is_taken_back_no_more(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = doubt(desk, bench)
    stopped(desk, pending)
    assert act(desk, resolve, pending.intent_ids[0], "again", WHY) == "ready"
    bench.memory.tell(BUSY)
    bench.drain()
    assert stands(owner_db, pending)[0] == "ready"


def test_what_a_person_replays_is_taken_back_no_more(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    during(bench, lambda: stopped(desk, pending), Refused("The number does not exist.", "21211"))
    assert stands(owner_db, pending)[0] == "failed", "what was refused says so"
    assert act(desk, replay, pending.intent_ids[0]) == "ready"
    bench.memory.tell(BUSY)
    bench.drain()
    assert stands(owner_db, pending)[0] == "ready"


def test_it_is_told_apart_from_what_is_over(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    during(bench, lambda: stopped(desk, pending), Unsure("the connection broke off"))
    stopped(desk, pending)
    look_up(bench, owner_db, Found("memory-1", "sent"))
    with pytest.raises(NothingToStop) as told:
        act(desk, halt, pending.approval_id)
    assert told.value.code == "nothing_to_stop"
    with pytest.raises(AlreadyLeft) as late:
        agent(desk, lambda call: gate.cancel(call, pending.intent_ids[0]))
    assert (late.value.data, late.value.sentence) == ({"state": "sent"}, "It is too late to cancel this.")


def test_what_was_taken_back_on_its_way_is_on_record(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = doubt(desk, bench)
    stopped(desk, pending)
    dropped(desk, pending)
    told = rows(owner_db, "SELECT action, detail->>'why' FROM audit WHERE action IN ('approval.stopped_late', 'intent.withdrawn') ORDER BY id")
    assert told == [("approval.stopped_late", None), ("intent.withdrawn", REASON)]


def test_an_agent_asks_twice_under_one_key_and_is_told_the_same(desk: Desk, bench: Bench) -> None:
    pending = doubt(desk, bench)

    def ask() -> str:
        with pytest.raises(AlreadyLeft) as told:
            agent(desk, lambda call: once(call.session, call.workspace, Keyed(call.caller.id, "key-0001", "cancel_scheduled_send", {}), lambda: cancel(call)))
        return told.value.sentence

    def cancel(call: Call) -> dict[str, object]:
        gate.cancel(call, pending.intent_ids[0])
        return {}

    assert ask() == ask() == gate.ON_ITS_WAY
