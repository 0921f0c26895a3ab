"""What the clock does each second reads what is due, and never the history, however long that is."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from kernel.db import Database
from outbox.retirement import WIPE, shelve, wipe
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
SELECT md5('later' || n)::uuid, :w, sha256(n::text::bytea), :w, 'ready', 'sms:sandbox', 50, now(), now() + interval '9 days' FROM generate_series(1, :n) n
"""


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


@pytest.mark.parametrize(("statement", "index"), [(OUTLIVED, "ix_delivery_expires_at"), (WIPE, "ix_content_unwiped")], ids=["expire", "wipe"])
def test_the_clock_reads_few_pages_when_much_is_over_and_much_waits(history: Desk, worker_db: Database, owner_db: Database, statement: str, index: str) -> None:
    assert history
    assert pages(worker_db, statement) < 30
    assert pages(owner_db, statement, without=index) > 60


def test_a_secret_is_wiped_when_its_row_left_the_hot_table_first(desk: Desk, bench: Bench, owner_db: Database) -> None:
    """As after a clock that stood still: all its jobs are due at once, in any order."""
    desk.ask()
    bench.drain("email:sandbox")
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET changed_at = now() - interval '2 days' WHERE state = 'sent'"))
    with bench.database.line() as line:
        assert (shelve(line), wipe(line)) == (1, 1)
