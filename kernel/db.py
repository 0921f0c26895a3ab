"""The database: engines, the Row base, and the only code in the house that commits.

`Database.transaction()` is one unit of work: commit at its end, roll back on any error, and run the after-commit
callbacks (a wake-up, never a promise) once the rows are durable. `batch()` is the same for the hot path: one
pipelined round trip over a raw psycopg connection.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar, cast
from uuid import UUID

import psycopg
from psycopg.errors import IdleInTransactionSessionTimeout, TransactionTimeout
from sqlalchemy import Connection, DateTime, Engine, MetaData, PoolProxiedConnection, create_engine, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session

from kernel.errors import SaysoError
from kernel.failpoints import Instant, reach
from kernel.patience import Patience

log = logging.getLogger("sayso.db")
AFTER_COMMIT = "after_commit"
STATEMENT_TIMEOUT_MS = 15_000
IDLE_IN_TRANSACTION_MS = 30_000
POOL_SPARE = 5
NETWORK = {"tcp_user_timeout": 25_000, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
"""A host that vanishes without a word is given up after 25 s, not after the quarter of an hour that TCP takes by itself (libpq, 34.1.2)."""
ENDED = (IdleInTransactionSessionTimeout, TransactionTimeout)
"""What the database says to a client that comes back too late: it rolled the transaction back and closed the connection."""
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
            pool_use_lifo=True,  # the connection used last has its statements prepared
            hide_parameters=True,
            connect_args={"options": options, "connect_timeout": 5, "application_name": "sayso", **NETWORK},
        )
        self._patience = Patience()
        self._greeter: Callable[[psycopg.Connection[Any]], None] | None = None
        event.listen(self.engine, "connect", self._greet)

    def greet_with(self, greeter: Callable[[psycopg.Connection[Any]], None] | None) -> None:
        """Let `greeter` see each new connection before anything is done on it; None: nobody any more."""
        self._greeter = greeter

    def _greet(self, line: psycopg.Connection[Any], _record: object) -> None:
        if self._greeter:
            self._greeter(line)

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
        with self.kept_line() as kept, kept.use(seconds) as line:
            yield line

    @contextmanager
    def kept_line(self) -> Iterator[KeptLine]:
        """A raw connection for many uses, one after the other; between two of them no transaction is open."""
        kept = KeptLine(self.engine, self._patience)
        try:
            yield kept
        finally:
            kept.give_back()

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
        self._patience.stop()
        self.engine.dispose()


class KeptLine:
    """One raw connection of a pool, held on to; a new one in its place after it broke."""

    def __init__(self, engine: Engine, patience: Patience) -> None:
        """Nothing is connected before the first use."""
        self._engine = engine
        self._patience = patience
        self._pooled: PoolProxiedConnection | None = None

    @contextmanager
    def use(self, seconds: float) -> Iterator[psycopg.Connection[Any]]:
        """The connection, for at most so many seconds; raises OperationalError when that was not enough, or it broke."""
        self._pooled = self._pooled or self._engine.raw_connection()
        line = cast("psycopg.Connection[Any]", self._pooled.driver_connection)
        try:
            with self._patience.within(line, seconds):
                yield line
        except (psycopg.OperationalError, *ENDED) as fault:
            broken, self._pooled = self._pooled, None
            broken.invalidate()
            if isinstance(fault, ENDED):
                raise psycopg.OperationalError(str(fault)) from fault
            raise

    def give_back(self) -> None:
        """Return it to its pool."""
        if self._pooled:
            self._pooled.close()
            self._pooled = None


@contextmanager
def batch(line: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """One transaction in one round trip: statements are queued, sent with their COMMIT, durable when the block ends; fetch after that."""
    line.autocommit = True  # before and after a BEGIN and a COMMIT of its own psycopg waits for the database
    try:
        with line.pipeline():
            line.execute("BEGIN")
            yield line
            line.execute("COMMIT")
    finally:
        if not line.closed:
            line.rollback()  # of what failed; nothing is sent after a COMMIT
            line.autocommit = False


def raw(session: Session) -> psycopg.Connection[Any]:
    """The psycopg connection inside this session's transaction, for statements the ORM would only obscure."""
    return cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)


def stand_in_line(line: psycopg.Connection[Any], what: str) -> None:
    """Wait for whoever is about `what`, and let nobody else be until commit; read only after it what the others may have written."""
    line.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (what,))


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
