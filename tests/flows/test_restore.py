"""The restore guard and growth: an older database pauses itself, settled rows leave the hot table, old history is forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from kernel.db import Database, raw
from outbox.dispatch import StatusEvent
from outbox.restores import REASON, reopen
from outbox.retirement import forget, shelve
from outbox.store import reconcile
from tests.factories import Bench, Desk
from tests.fixtures.waiting import until
from workers.witness import Witness


def lane(database: Database) -> tuple[bool, str | None]:
    with database.transaction() as session:
        row = session.execute(text("SELECT paused_at IS NOT NULL, pause_reason FROM lane WHERE id = 'sms:sandbox'")).one()
    return bool(row[0]), row[1]


def go_back(database: Database) -> None:
    """As a restore from before the sends leaves it."""
    with database.transaction() as session:
        session.execute(text("DELETE FROM attempt"))
        session.execute(text("UPDATE delivery SET state = 'ready', attempt = 0 WHERE lane = 'sms:sandbox'"))


def live(witness: Witness) -> None:
    witness.start()
    witness.stop()


def test_a_database_restored_from_before_the_last_sends_pauses_every_lane(
    desk: Desk, bench: Bench, owner_db: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pending = desk.approved()
    bench.drain()
    live(Witness(tmp_path, bench.database))
    go_back(owner_db)
    live(Witness(tmp_path, bench.database))
    assert lane(owner_db) == (True, REASON)
    assert "every lane is paused" in caplog.text
    bench.drain()
    assert len(bench.memory.ledger) == 1
    assert desk.send(pending).state == "ready"


def test_nothing_is_sent_twice_when_the_database_is_restored_under_a_worker_that_lives(desk: Desk, bench: Bench, owner_db: Database, tmp_path: Path) -> None:
    """A restore ends every connection, and on the first new one the history is compared before anything is claimed."""
    desk.approved()
    bench.drain()
    witness = Witness(tmp_path, bench.database)
    witness.start()
    try:
        go_back(owner_db)
        bench.database.engine.dispose()
        bench.drain()
    finally:
        witness.stop()
    assert len(bench.memory.ledger) == 1
    assert lane(owner_db) == (True, REASON)


def test_every_lane_is_paused_within_moments_when_a_restore_leaves_the_connections_open(desk: Desk, bench: Bench, owner_db: Database, tmp_path: Path) -> None:
    desk.approved()
    bench.drain()
    witness = Witness(tmp_path, bench.database)
    witness.start()
    try:
        go_back(owner_db)
        until(lambda: lane(owner_db) == (True, REASON), 10, "no lane was paused")
    finally:
        witness.stop()


def test_history_that_was_forgotten_on_purpose_pauses_nothing(desk: Desk, bench: Bench, owner_db: Database, tmp_path: Path) -> None:
    desk.approved()
    bench.drain()
    live(Witness(tmp_path, bench.database))
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET changed_at = now() - interval '500 days' WHERE state = 'sent'"))
    with bench.database.line() as line:
        shelve(line)
    with owner_db.line() as line:
        assert forget(line, 400) == 1
    live(Witness(tmp_path, bench.database))
    assert lane(owner_db) == (False, None)


def test_a_witness_that_was_cut_short_lets_the_worker_start(desk: Desk, bench: Bench, owner_db: Database, tmp_path: Path) -> None:
    desk.approved()
    bench.drain()
    live(Witness(tmp_path, bench.database))
    (kept,) = tmp_path.glob("witness-*")
    kept.write_text("")
    live(Witness(tmp_path, bench.database))
    assert kept.read_text().isdecimal()
    assert lane(owner_db) == (False, None)


def test_a_restart_on_the_same_or_a_newer_database_pauses_nothing(desk: Desk, bench: Bench, owner_db: Database, tmp_path: Path) -> None:
    desk.approved()
    live(Witness(tmp_path, bench.database))
    bench.drain()
    live(Witness(tmp_path, bench.database))
    assert lane(owner_db) == (False, None)


def test_a_resumed_lane_stays_open_when_the_worker_starts_again(desk: Desk, bench: Bench, owner_db: Database, tmp_path: Path) -> None:
    desk.approved()
    bench.drain()
    live(Witness(tmp_path, bench.database))
    with owner_db.transaction() as session:
        session.execute(text("DELETE FROM attempt"))
    live(Witness(tmp_path, bench.database))
    with owner_db.transaction() as session:
        assert reopen(raw(session)) == ["email:sandbox", "sms:sandbox"]
    live(Witness(tmp_path, bench.database))
    assert lane(owner_db) == (False, None)


def test_a_settled_row_leaves_the_hot_table_and_is_still_told_and_called_back_about(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    bench.drain()
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET changed_at = now() - interval '2 days' WHERE lane = 'sms:sandbox'"))
    with bench.database.line() as line:
        assert shelve(line) == 1
    assert desk.send(pending).state == "sent"
    with owner_db.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM delivery WHERE lane = 'sms:sandbox'")) == 0
    with bench.database.transaction() as session:
        assert reconcile(raw(session), StatusEvent("k", "delivered", None, None), (pending.intent_ids[0], 1))
    assert desk.send(pending).state == "delivered"


def test_what_still_waits_or_may_be_replayed_is_never_shelved(desk: Desk, bench: Bench, owner_db: Database) -> None:
    desk.ask("held")
    desk.approved("ready")
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET changed_at = now() - interval '9 days' WHERE lane = 'sms:sandbox'"))
    with bench.database.line() as line:
        assert shelve(line) == 0


def test_old_history_is_forgotten_but_its_audit_stays(desk: Desk, bench: Bench, owner_db: Database) -> None:
    desk.approved("old")
    bench.drain()
    kept = desk.ask("new")
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET changed_at = now() - interval '500 days' WHERE state = 'sent'"))
    with bench.database.line() as line:
        shelve(line)
    with owner_db.line() as line:
        assert (forget(line, 400), forget(line, 400)) == (1, 0)
    assert desk.send(kept).state == "held"
    with owner_db.transaction() as session:
        left = session.scalars(text("SELECT count(*) FROM intent WHERE kind = 'sms' UNION ALL SELECT count(*) FROM approval")).all()
        decided = session.scalar(text("SELECT count(*) FROM audit WHERE action = 'approval.approved'"))
    assert left == [1, 1]
    assert decided == 1
