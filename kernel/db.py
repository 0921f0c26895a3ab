"""The database: engines, the Row base, and the only code in the house that commits.

`Database.transaction()` is one unit of work: commit at its end, roll back on any error, and run the after-commit
callbacks (a wake-up, never a promise) once the rows are durable. `batch()` is the same for the hot path: one
pipelined round trip over a raw psycopg connection.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Timer
from typing import Any, ClassVar, cast
from uuid import UUID

import psycopg
from sqlalchemy import Connection, DateTime, MetaData, create_engine, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from kernel.errors import SaysoError
from kernel.failpoints import Instant, reach

log = logging.getLogger("sayso.db")
AFTER_COMMIT = "after_commit"
STATEMENT_TIMEOUT_MS = 15_000
IDLE_IN_TRANSACTION_MS = 30_000
POOL_SPARE = 5
LINE_SECONDS = 20.0
"""The longest a worker waits for the database's answer: less than a lease."""


class Row(DeclarativeBase):
    """The base of every table that is declared as a class."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: DateTime(timezone=True), dict[str, Any]: JSONB}


class Database:
    """One pool of connections that log in as one role."""

    def __init__(self, url: URL | str, *, size: int = 10, ping: bool = True) -> None:
        """`size` bounds the connections; it must exceed the threads that use them at once.

        `ping`: try a connection before each use. A worker does not: what it does is tried again anyway, and no time-out
        bounds the trial.
        """
        options = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_MS}"
        self.engine = create_engine(
            url,
            pool_size=size,
            max_overflow=POOL_SPARE,
            pool_pre_ping=ping,
            hide_parameters=True,
            connect_args={"options": options, "connect_timeout": 5, "application_name": "sayso"},
        )

    @contextmanager
    def transaction(self, workspace: UUID | None = None, credential: bytes | None = None) -> Iterator[Session]:
        """One transaction; row-level security sees only `workspace`, and the rows whose secret hashes to `credential`.

        An error rolls everything back, except one whose class says `keeps`: its counters and audit are committed first.
        """
        session = Session(self.engine, expire_on_commit=False)
        try:
            bind(session, workspace, credential)
            yield session
            reach(Instant.TRANSACTION_BEFORE_COMMIT)
            session.commit()
            reach(Instant.TRANSACTION_AFTER_COMMIT)
        except SaysoError as refused:
            session.commit() if refused.keeps else session.rollback()
            raise
        except BaseException:
            session.rollback()
            raise
        finally:
            session.close()
        _run_after_commit(session)

    @contextmanager
    def line(self, seconds: float = LINE_SECONDS) -> Iterator[psycopg.Connection[Any]]:
        """A raw psycopg connection for at most so many seconds, for `batch`; dropped instead of reused when it broke."""
        pooled = self.engine.raw_connection()
        raw_line = cast("psycopg.Connection[Any]", pooled.driver_connection)
        # The server's own time-outs do not help when it is the network that swallows its answer.
        patience = Timer(seconds, hang_up, (raw_line,))
        patience.start()
        try:
            yield raw_line
        except psycopg.OperationalError:
            pooled.invalidate()
            raise
        finally:
            patience.cancel()
            pooled.close()

    def reachable(self) -> bool:
        """Whether a connection answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except OperationalError:
            return False
        return True

    def close(self) -> None:
        """Close the pool."""
        self.engine.dispose()


@contextmanager
def batch(line: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """One pipelined transaction: statements are queued, sent together, durable when the block ends; fetch after that."""
    with line.pipeline(), line.transaction():
        yield line


def raw(session: Session) -> psycopg.Connection[Any]:
    """The psycopg connection inside this session's transaction, for statements the ORM would only obscure."""
    return cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)


def hang_up(line: psycopg.Connection[Any]) -> None:
    """Shut the socket under a connection that another thread waits on; that thread gets an OperationalError."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(line.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


def bind(session: Session, workspace: UUID | None, credential: bytes | None = None) -> None:
    """Tell row-level security, for this transaction only, who is asking; a credential stays until another is given."""
    kept = "coalesce(:credential, current_setting('sayso.credential', true), '')"
    session.execute(
        text(f"SELECT set_config('sayso.workspace', :workspace, true), set_config('sayso.credential', {kept}, true)"),
        {"workspace": str(workspace or ""), "credential": credential.hex() if credential else None},
    )


def run(connection: Connection, statements: str) -> None:
    """Run a script of SQL as it stands, with no placeholders, inside the connection's transaction; migrations use it."""
    cast("psycopg.Connection[Any]", connection.connection.driver_connection).execute(statements.encode())


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Run `callback` once this transaction is durable; never when it rolled back. Its failure is logged and swallowed."""
    session.info.setdefault(AFTER_COMMIT, []).append(callback)


def _run_after_commit(session: Session) -> None:
    for callback in session.info.pop(AFTER_COMMIT, []):
        try:
            callback()
        except Exception:
            log.exception("an after-commit callback failed; the clock makes up for it")
