"""A process that freezes in the middle of what it writes (SIGSTOP, a machine that is moved) keeps its rows for a minute at most."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import text

from kernel.db import Database
from kernel.errors import Unavailable
from surfaces.faults import told
from tests.factories import Bench, Desk
from tests.fixtures.waiting import until

OTHERS_MS = 200
BOUNDED = "SET statement_timeout = {others}; SET idle_in_transaction_session_timeout = {others}; SET transaction_timeout = {whole}"
LOOK = "SELECT count(*) FROM pg_stat_activity WHERE pid = :pid AND wait_event = 'ClientRead' AND state = 'active' AND now() - xact_start > interval '1 s'"


@pytest.mark.parametrize(("role", "longest"), [("worker_db", "30s"), ("web_db", "1min")])
def test_the_database_ends_what_a_process_began_and_never_ended(request: pytest.FixtureRequest, role: str, longest: str) -> None:
    with request.getfixturevalue(role).line() as line:
        assert line.execute("SHOW transaction_timeout").fetchone() == (longest,)


@pytest.mark.parametrize("setting", ["transaction_timeout", "idle_in_transaction_session_timeout"])
def test_who_comes_back_too_late_is_given_another_connection(worker_db: Database, setting: str) -> None:
    with worker_db.kept_line() as kept:
        with kept.use(20) as line:
            pid = line.info.backend_pid
            line.execute(f"SET {setting} = '{OTHERS_MS}ms'".encode())
            line.commit()
            line.execute("SELECT 1")
            until(lambda: not_there(worker_db, pid), 10, "it was not ended")
        with pytest.raises(psycopg.OperationalError, match="timeout"), kept.use(20) as line:
            line.execute("SELECT 1")
        with kept.use(20) as line:
            assert line.info.backend_pid != pid


def test_a_request_that_took_too_long_is_told_to_try_again(web_db: Database) -> None:
    with web_db.engine.connect() as connection:
        connection.execute(text(f"SET transaction_timeout = '{OTHERS_MS}ms'"))
        connection.commit()
        with pytest.raises(Unavailable), told():
            connection.execute(text("SELECT pg_sleep(10)"))


def not_there(database: Database, pid: int) -> bool:
    with database.line() as line:
        return line.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone() is None


@contextmanager
def frozen(database: Database, whole_ms: int) -> Iterator[int]:
    """A connection that locked what waits and says nothing more, half of its statements sent; the number of its backend."""
    pooled = database.engine.raw_connection()
    wire = cast("psycopg.Connection[Any]", pooled.driver_connection)
    wire.execute(BOUNDED.format(others=OTHERS_MS, whole=whole_ms).encode())
    wire.commit()
    wire.pgconn.enter_pipeline_mode()
    for statement in (b"BEGIN", b"SELECT FROM delivery FOR UPDATE"):
        wire.pgconn.send_query_params(statement, None)
    wire.pgconn.send_flush_request()
    wire.pgconn.flush()
    try:
        yield wire.info.backend_pid
    finally:
        pooled.invalidate()


def state(database: Database) -> str:
    with database.transaction() as session:
        return str(session.scalar(text("SELECT state FROM every_delivery WHERE lane = 'sms:sandbox'")))


def test_a_lane_goes_on_when_a_worker_froze_with_half_of_its_tick_sent(desk: Desk, bench: Bench, owner_db: Database) -> None:
    desk.approved()
    with frozen(bench.database, 2 * OTHERS_MS):
        until(lambda: bench.drain() or state(owner_db) == "sent", 10, "what it had locked was kept")


def test_no_other_time_out_ends_what_is_half_sent(desk: Desk, bench: Bench, owner_db: Database) -> None:
    """The reason of the limit: between two statements of a pipeline the database takes neither for over, nor the client for idle."""
    desk.approved()
    with frozen(bench.database, 0) as pid, owner_db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as watch:
        until(partial(watch.scalar, text(LOOK), {"pid": pid}), 10, "it was ended")
        bench.drain()
        assert state(owner_db) == "ready"
