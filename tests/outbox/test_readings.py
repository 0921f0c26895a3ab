"""The readings: true, of every workspace, open to the web role, and as cheap however much waits."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.db import Database
from kernel.keys import new_id
from outbox.dispatch import Refused, Unsure
from outbox.heartbeats import Process, beat, end
from outbox.readings import Readings, account_name, read
from tests.factories import Bench, Desk
from tests.outbox.test_growth import ROWS, history

LANE = "sms:sandbox"
__all__ = ["history"]


def taken(database: Database, most: int = 1000) -> Readings:
    with database.line() as line:
        return read(line, most)


def found(readings: Readings, lane: str = LANE) -> dict[str, int]:
    return {depth.state: depth.many for depth in readings.depths if depth.lane == lane}


def test_the_web_role_reads_what_stands_where_in_every_workspace(desk: Desk, bench: Bench) -> None:
    desk.ask("held")
    desk.approved("ready")
    desk.approved("ready too")
    with bench.database.line() as line:
        assert found(read(line)) == {"held": 1, "ready": 2}
    assert found(taken(desk.database)) == {"held": 1, "ready": 2}
    assert found(taken(desk.database, most=1)) == {"held": 1, "ready": 1}


@pytest.mark.parametrize(
    ("outcome", "state"), [(Unsure("no answer came"), "in_doubt"), (Refused("no such number", "21211"), "failed")], ids=["in doubt", "failed"]
)
def test_what_went_wrong_is_as_old_as_its_call(desk: Desk, bench: Bench, owner_db: Database, outcome: Unsure | Refused, state: str) -> None:
    desk.approved()
    bench.memory.tell(outcome)
    bench.drain()
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE attempt SET at = now() - interval '10 min'"))
        session.execute(text("UPDATE delivery SET changed_at = now() - interval '10 min' WHERE state = 'failed'"))
    (depth,) = [depth for depth in taken(desk.database).depths if depth.lane == LANE]
    assert (depth.state, depth.many) == (state, 1)
    assert depth.oldest_seconds == pytest.approx(600, abs=5)


def test_requests_that_wait_are_told_with_the_age_of_the_oldest(desk: Desk, owner_db: Database) -> None:
    desk.ask()
    desk.ask("and another")
    assert (taken(desk.database).waiting.many, taken(desk.database).waiting.ending) == (2, 0)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE approval SET created_at = now() - interval '1 h', expires_at = now() + interval '5 min'"))
    waiting = taken(desk.database).waiting
    assert waiting.ending == 2
    assert waiting.oldest_seconds == pytest.approx(3600, abs=5)


def test_the_inbox_lags_by_what_is_due_and_not_done(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        session.execute(
            text("""INSERT INTO inbox (id, provider, key, form, type, body, state, due_at) VALUES
                (gen_random_uuid(), 'twilio', 'a', 'status', 'sent', '{}', 'new', now() - interval '90 s'),
                (gen_random_uuid(), 'twilio', 'b', 'status', 'sent', '{}', 'dead', now()),
                (gen_random_uuid(), 'twilio', 'c', 'status', 'sent', '{}', 'done', now())""")
        )
    inbox = taken(desk.database).inbox
    assert (inbox.many, inbox.dead) == (1, 1)
    assert inbox.lag_seconds == pytest.approx(90, abs=5)


def test_whoever_beats_is_at_work_and_whoever_ended_or_fell_silent_is_not(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    def at_work() -> dict[str, int]:
        return {kind.process: kind.many for kind in taken(desk.database).at_work}

    names: dict[Process, UUID] = {"worker": new_id(), "clock": new_id()}
    with worker_db.line() as line:
        for process, name in names.items():
            beat(line, process, name)
            beat(line, process, name)
    assert at_work() == {"web": 0, "worker": 1, "clock": 1}
    with worker_db.line() as line:
        end(line, names["worker"])
    with owner_db.transaction() as session:
        session.execute(text("UPDATE heartbeat SET beat_at = now() - interval '13 s'"))
    assert at_work() == {"web": 0, "worker": 0, "clock": 0}


def test_a_lane_tells_its_breaker_and_its_pause(desk: Desk, owner_db: Database) -> None:
    desk.approved()
    with owner_db.transaction() as session:
        session.execute(text("UPDATE lane SET paused_at = now(), breaker_until = now() WHERE id = 'sms:sandbox'"))
    (lane,) = [lane for lane in taken(desk.database).lanes if lane.lane == LANE]
    assert (lane.paused, lane.breaker_open, lane.resting) == (True, True, False)


def test_an_own_account_is_named_without_whose_it_is() -> None:
    assert account_name("sms:twilio/01990000000070008000000000000000") == "sms:twilio/own"
    assert account_name("email:sandbox") == "email:sandbox"


CAPPED = "SELECT * FROM queue_depths(100)"
READ = "SELECT sum(pg_stat_get_xact_tuples_returned(oid))::int FROM pg_class WHERE relnamespace = 'public'::regnamespace"
"""Rows and entries of indexes that this transaction has read. Not pages: how many those are depends on where earlier rows lay."""


def rows_read(database: Database, statement: str, without: str = "") -> int:
    """How many rows and index entries a statement reads; `without` this index, when one is named."""

    def so_far() -> int:
        (many,) = line.execute(READ).fetchone() or (0,)
        return int(many)

    with database.line() as line, line.transaction(force_rollback=True):
        if without:
            line.execute(f"DROP INDEX {without}".encode())
        before = so_far()
        line.execute(statement.encode())
        return so_far() - before


@pytest.mark.parametrize("statement", [CAPPED, "SELECT * FROM approvals_waiting(100)", "SELECT * FROM inbox_load(100)"])
def test_reading_looks_at_few_rows_however_much_waits(history: Desk, owner_db: Database, statement: str) -> None:
    assert history
    assert rows_read(owner_db, statement) < 150


@pytest.mark.parametrize("index", ["ix_delivery_held", "ix_delivery_due"])
def test_without_its_index_a_reading_walks_over_all_that_waits(history: Desk, owner_db: Database, index: str) -> None:
    assert history
    assert rows_read(owner_db, CAPPED, without=index) > ROWS
