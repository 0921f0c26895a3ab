"""A batch is one transaction in one round trip: all of it or nothing, and the connection can be used again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from kernel.db import Database, batch

WRITE = "INSERT INTO lane (id) VALUES (%s)"


def lanes(database: Database) -> list[str]:
    with database.line() as line:
        return [name for (name,) in line.execute("SELECT id FROM lane WHERE id LIKE 'batch%%' ORDER BY id", ()).fetchall()]


def fit(line: psycopg.Connection[Any]) -> bool:
    """As a pool lends it: no transaction open, and one begins by itself."""
    return line.info.transaction_status == TransactionStatus.IDLE and not line.autocommit


def test_all_of_it_is_durable_when_the_block_ends(worker_db: Database, owner_db: Database) -> None:
    with worker_db.line() as line:
        with batch(line):
            found = line.execute("SELECT 41 + 1")
            line.execute(WRITE, ("batch:a",))
            line.execute(WRITE, ("batch:b",))
        assert found.fetchone() == (42,)
        assert lanes(owner_db) == ["batch:a", "batch:b"]
        assert fit(line)


@contextmanager
def round_trips(line: psycopg.Connection[Any], trace: Path) -> Iterator[Callable[[], int]]:
    """How often the database was waited for in the block, as libpq traces it: one Sync each."""
    with trace.open("w") as written:
        line.pgconn.trace(written.fileno())
        yield lambda: trace.read_text().count("\tSync")
        line.pgconn.untrace()


def test_it_waits_for_the_database_once(worker_db: Database, tmp_path: Path) -> None:
    with worker_db.line() as line, round_trips(line, tmp_path / "trace") as many:
        with batch(line):
            for number in range(9):
                line.execute(WRITE, (f"batch:{number}",))
        assert many() == 1


def write(line: psycopg.Connection[Any], *names: str, then: Callable[[], object] = lambda: None) -> None:
    with batch(line):
        for name in names:
            line.execute(WRITE, (name,))
        then()


def test_nothing_of_it_happened_when_a_statement_is_refused(worker_db: Database, owner_db: Database) -> None:
    with worker_db.line() as line:
        for _ in range(7):  # past the number at which a statement is prepared
            with pytest.raises(psycopg.errors.UniqueViolation):
                write(line, "batch:a", "batch:a", "batch:b")
            assert fit(line)
        assert lanes(owner_db) == []
        write(line, "batch:a")
    assert lanes(owner_db) == ["batch:a"]


def test_nothing_of_it_happened_when_the_block_raises(worker_db: Database, owner_db: Database) -> None:
    def stumble() -> None:
        raise KeyError

    with worker_db.line() as line:
        with pytest.raises(KeyError):
            write(line, "batch:a", then=stumble)
        assert fit(line)
    assert lanes(owner_db) == []


def test_a_connection_that_is_cut_meanwhile_is_told_so_and_given_up(worker_db: Database, owner_db: Database) -> None:
    def cut() -> None:
        with owner_db.line() as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (line.info.backend_pid,))

    with worker_db.kept_line() as kept:
        with pytest.raises(psycopg.OperationalError), kept.use(20) as line:
            write(line, "batch:a", then=cut)
        with kept.use(20) as line:
            write(line, "batch:b")
    assert lanes(owner_db) == ["batch:b"]
