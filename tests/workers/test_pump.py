"""The pump: free hands only, a graceful end, and a database that goes away in the middle."""

from __future__ import annotations

from threading import Event, Thread

import psycopg
import pytest
from sqlalchemy import text

from kernel.clock import now
from kernel.db import Database
from kernel.keys import new_id
from outbox.claims import START_OF_ROUND, Ask
from outbox.dispatch import Accepted, Dispatch
from outbox.states import Claimed
from outbox.store import Finished, release, tick
from tests.factories import Bench, Desk
from workers import pump as pumps
from workers.calls import Calls
from workers.hands import Hands
from workers.pump import Pump


def pump_of(bench: Bench, slots: int = 4, **changed: float) -> Pump:
    calls = Calls(bench.settings, {"sandbox": bench.memory})
    settings = bench.settings.model_copy(update={"slots": slots, **changed})
    return Pump(settings, "sms:sandbox", Hands("call"), lambda claimed, deadline: calls.call("sms:sandbox", claimed, deadline))


def run(bench: Bench, pump: Pump, seconds: float = 5.0) -> None:
    pump.run(bench.database, seconds, lambda: None)


def states(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(text("SELECT state FROM delivery WHERE lane = 'sms:sandbox' ORDER BY intent_id")))


def test_only_calls_in_flight_are_started_when_hands_are_few(desk: Desk, bench: Bench, owner_db: Database) -> None:
    for number in range(10):
        desk.approved(f"Number {number}")
    reached, go = Event(), Event()

    def slow(_: Dispatch) -> Accepted:
        reached.set()
        go.wait(10)
        return Accepted("ref")

    bench.memory.perform = slow
    thread = Thread(target=run, args=(bench, pump_of(bench, slots=3)))
    thread.start()
    assert reached.wait(10)
    seen = states(owner_db)
    go.set()
    thread.join(20)
    assert seen.count("calling") == 3
    assert states(owner_db) == ["sent"] * 10


def test_a_halted_pump_finishes_its_calls_and_claims_no_more(desk: Desk, bench: Bench, owner_db: Database) -> None:
    for number in range(6):
        desk.approved(f"Number {number}")
    reached, go = Event(), Event()

    def slow(_: Dispatch) -> Accepted:
        reached.set()
        go.wait(10)
        return Accepted("ref")

    bench.memory.perform = slow
    pump = pump_of(bench, slots=2)
    thread = Thread(target=run, args=(bench, pump, 30.0))
    thread.start()
    assert reached.wait(10)
    pump.halt()
    go.set()
    thread.join(20)
    assert not thread.is_alive()
    assert sorted(states(owner_db)) == ["ready"] * 4 + ["sent"] * 2


def test_an_outcome_survives_a_database_that_goes_away(desk: Desk, bench: Bench, owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.approved()
    real, failures = tick, iter([None, psycopg.OperationalError("gone"), psycopg.OperationalError("gone")])

    def flaky(*arguments: object) -> list[Claimed]:
        if failure := next(failures, None):
            raise failure
        return real(*arguments)

    monkeypatch.setattr(pumps, "tick", flaky)
    run(bench, pump_of(bench), 5.0)
    assert len(bench.memory.ledger) == 1
    assert states(owner_db) == ["sent"]


def test_rows_of_a_lost_answer_are_given_back_only_when_never_dialled(desk: Desk, bench: Bench, owner_db: Database) -> None:
    for number in range(2):
        desk.approved(f"Number {number}")
    ask = Ask("sms:sandbox", new_id(), 2, 30.0, START_OF_ROUND)
    with bench.database.line() as line:
        first, second = tick(line, ask, [])
        release(line, ask, {(first.intent_id, first.attempt)})
    assert sorted(states(owner_db)) == ["calling", "ready"]
    with bench.database.line() as line:
        (again,) = tick(line, ask, [Finished(first, now(), first.digest, Accepted("ref"))])
    assert (again.intent_id, again.attempt) == (second.intent_id, 2)


def test_a_repeated_report_is_recorded_once(desk: Desk, bench: Bench, owner_db: Database) -> None:
    desk.approved()
    ask = Ask("sms:sandbox", new_id(), 1, 30.0, START_OF_ROUND)
    with bench.database.line() as line:
        (claimed,) = tick(line, ask, [])
        done = [Finished(claimed, now(), claimed.digest, Accepted("ref"))]
        tick(line, ask, done)
        tick(line, ask, done)
    with owner_db.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM attempt")) == 1


def test_a_worker_that_slept_past_its_lease_does_not_dial(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    run(bench, pump_of(bench, call_seconds=40.0), 0.2)
    assert bench.memory.ledger == []
    assert desk.send(pending).state == "ready"
    with owner_db.transaction() as session:
        assert session.scalar(text("UPDATE delivery SET due_at = now() WHERE lane = 'sms:sandbox' RETURNING tries")) == 0
    run(bench, pump_of(bench), 5.0)
    assert len(bench.memory.ledger) == 1
