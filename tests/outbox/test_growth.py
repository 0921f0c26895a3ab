"""What the clock does each second reads what is due, and never the history, however long that is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from kernel.db import Database
from outbox.inquiries import PASSED_OVER, TAKEN
from outbox.retirement import FORGET_BESIDE, OLD, SHELVE_OVER, SHELVE_SENT, WIPE, shelve, wipe
from outbox.store import OUTLIVED
from tests.factories import Bench, Desk

ROWS = 5000
HISTORY = """
INSERT INTO intent (id, workspace_id, kind, lane, digest, on_unknown, asked_by_kind, asked_by_name, expires_at)
SELECT md5(n::text)::uuid, :w, 'notice', 'sms:sandbox', sha256(n::text::bytea), 'hold', 'agent', 'bulk', now() - interval '9 d' FROM generate_series(1, :n) n;
INSERT INTO content (intent_id, workspace_id, recipient, snapshot, sealed, wiped_at)
SELECT md5(n::text)::uuid, :w, 'olivia@example.com', '', true, now() FROM generate_series(1, :n) n;
INSERT INTO delivery_done (intent_id, workspace_id, digest, grant_id, state, lane, priority, due_at, expires_at)
SELECT md5(n::text)::uuid, :w, sha256(n::text::bytea), :w, 'sent', 'sms:sandbox', 50, now(), now() - interval '9 days' FROM generate_series(1, :n) n;
INSERT INTO delivery (intent_id, workspace_id, digest, grant_id, state, lane, priority, due_at, expires_at)
SELECT md5('later' || n)::uuid, :w, sha256(n::text::bytea), :w, 'ready', 'sms:sandbox', 50, now(), now() + interval '9 days' FROM generate_series(1, :n) n;
UPDATE content SET snapshot = '', wiped_at = now() WHERE sealed AND wiped_at IS NULL
"""
"""The letters of the fixture's own request are wiped too: what is counted is looking, for writing a row takes now ten pages, now twenty."""


def pages(database: Database, statement: str, without: str = "") -> int:
    """How many pages a statement touches; `without` this index, when one is named."""
    with database.line() as line, line.transaction(force_rollback=True):
        if without:
            line.execute(f"DROP INDEX {without}".encode())
        found: Any = line.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}".encode()).fetchone()
    plan = found[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.fixture
def history(desk: Desk, owner_db: Database) -> Desk:
    """Thousands of letters that left, expired and were wiped long ago, and thousands that wait."""
    desk.approved()
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in HISTORY.split(";"):
            session.execute(text(statement), {"w": desk.founded.workspace, "n": ROWS})
    with owner_db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE intent, content, delivery, delivery_done"))
    return desk


CALLED = """
INSERT INTO content (intent_id, workspace_id, recipient, snapshot, sealed)
SELECT intent_id, workspace_id, 'mia' || intent_id || '@example.com', '', false FROM delivery ON CONFLICT DO NOTHING;
INSERT INTO attempt (intent_id, workspace_id, number, source, outcome, provider_ref, started_at, at)
SELECT intent_id, workspace_id, 1, 'call', 'accepted', intent_id, now() - interval '3 d', now() - interval '3 d' FROM every_delivery;
INSERT INTO attempt (intent_id, workspace_id, number, source, outcome, provider_ref, at)
SELECT intent_id, workspace_id, 1, 'callback', 'delivered', intent_id, now() - interval '3 d' FROM every_delivery;
UPDATE delivery SET state = 'sent', changed_at = now() - interval '1 h' WHERE lane = 'sms:sandbox' AND state = 'ready' AND attempt = 0;
INSERT INTO event (id, workspace_id, type, subject, data) SELECT md5(n::text)::uuid, :w, 'message.sent', 'x', '{}' FROM generate_series(1, :n) n;
INSERT INTO idempotency (workspace_id, key, operation, request_digest) SELECT :w, n, 'send_sms', '' FROM generate_series(1, :n) n;
INSERT INTO inbox (id, provider, key, form, type, body, state)
SELECT md5(n::text)::uuid, 'twilio', n, 'status', 'sent', '{}', 'done' FROM generate_series(1, :n) n
"""
DOUBT = {
    "workspace": "(SELECT min(workspace_id::text)::uuid FROM intent)",
    "intent": "md5('later7')::uuid",
    "started": "now() - interval '1 h'",
    "lane": "'sms:sandbox'",
}
DAYS = {"days": "30", "most": "2000", "seconds": "86400"}


@pytest.fixture
def called(history: Desk, owner_db: Database) -> Desk:
    """All of them called, and called back about; what waited was sent an hour ago."""
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in CALLED.split(";\n"):
            session.execute(text(statement), {"w": history.founded.workspace, "n": ROWS})
    with owner_db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE content, attempt, delivery, delivery_done, event, idempotency, inbox, hook_post"))
    return history


TIMED = {"hook_post": "", "idempotency": "ix_idempotency_created_at", "inbox": "ix_inbox_received_at", "event": "ix_event_at"}
"""What grows with every send, and the index by which its oldest rows are found."""
BOUNDED = {
    "what belongs to others": (TAKEN, DOUBT, "ix_content_recipient"),
    "silence": (PASSED_OVER, DOUBT, "ix_attempt_heard"),
    "shelve": (SHELVE_SENT, DAYS, "ix_delivery_lingering"),
    "forget": (OLD, DAYS, "ix_delivery_done_changed_at"),
    **{f"forget {table}": (FORGET_BESIDE[table], DAYS, index) for table, index in TIMED.items()},
}


@pytest.mark.parametrize("case", BOUNDED)
def test_what_is_done_now_and_then_reads_few_pages_when_the_history_is_long(called: Desk, owner_db: Database, case: str) -> None:
    statement, wanted, index = BOUNDED[case]
    given = {**wanted, "workspace": f"'{called.founded.workspace}'"}
    assert pages(owner_db, statement % given) < 30
    if index:
        assert pages(owner_db, statement % given, without=index) > 30


def test_sent_rows_that_linger_hide_none_that_go_sooner(called: Desk, owner_db: Database) -> None:
    assert called
    assert pages(owner_db, SHELVE_OVER % {**DAYS, "seconds": "600"}) < 30


@pytest.mark.parametrize(("statement", "index"), [(OUTLIVED, "ix_delivery_expires_at"), (WIPE, "ix_content_unwiped")], ids=["expire", "wipe"])
def test_the_clock_reads_few_pages_when_much_is_over_and_much_waits(history: Desk, worker_db: Database, owner_db: Database, statement: str, index: str) -> None:
    assert history
    assert pages(worker_db, statement) < 10
    assert pages(owner_db, statement, without=index) > 30


def test_a_secret_is_wiped_when_its_row_left_the_hot_table_first(desk: Desk, bench: Bench, owner_db: Database) -> None:
    """As after a clock that stood still: all its jobs are due at once, in any order."""
    desk.ask()
    bench.drain("email:sandbox")
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET changed_at = now() - interval '2 days' WHERE state = 'sent'"))
    with bench.database.line() as line:
        assert (shelve(line), wipe(line)) == (1, 1)
