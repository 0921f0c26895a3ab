"""`sayso backup` and `sayso restore`: the database as one file, and back into an empty one, where every lane is paused until a person has looked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.engine import make_url

from embedded.copies import dump, put_back, read_over
from embedded.errors import EmbeddedError
from embedded.servers import Servers
from kernel import log
from kernel.db import Database, raw, run
from kernel.errors import Conflict
from kernel.keys import show
from kernel.roles import Role, ensure, role_name
from kernel.settings import Settings, load
from outbox.restores import pause_all
from processes.migrate import migrate
from processes.premises import embedded_servers, open_database, with_addresses

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
KEPT_APART = "Keep apart from it: SAYSO_SECRET_KEY (the file `signing-key` of the data directory where `up` made it) and the providers' credentials."


class NotEmpty(Conflict):
    """The database has tables already."""

    code = "database_not_empty"
    next_step = "Restore into a new, empty database of the same name; an old one is renamed first, never overwritten."


def back_up(file: Path) -> str:
    """Write the database into the file; answers what is to be kept beside it. Raises EmbeddedError."""
    with _standing() as settings:
        dump(*_libpq(settings), file)
    return f"{file}: {file.stat().st_size} bytes. {KEPT_APART}"


def restore(file: Path) -> list[str]:
    """Fill the empty database from the file; answers the sends that may have left already. Raises NotEmpty, EmbeddedError."""
    log.setup()
    read_over(file)
    with _standing() as settings:
        database = open_database(settings, Role.OWNER, size=2)
        try:
            _refuse_unless_empty(database)
            _let_in(database, settings, may=False)
            put_back(*_libpq(settings), file)
            migrate(settings, contract=True)
            suspects = _paused(database)
            _let_in(database, settings, may=True)
        finally:
            database.close()
    return [show("int", intent) for intent in suspects]


def _refuse_unless_empty(database: Database) -> None:
    with database.transaction() as session:
        if session.scalar(text(TABLES)):
            raise NotEmpty


def _let_in(database: Database, settings: Settings, *, may: bool) -> None:
    """Shut the workers' login while the lanes of an older history stand open; a restore that is broken off leaves it shut."""
    with database.transaction() as session:
        connection = session.connection()
        ensure(connection, settings.database_url, settings.secret)
        login = sql.SQL("ALTER ROLE {} {}").format(sql.Identifier(role_name(settings.database_url, Role.WORKER)), sql.SQL("LOGIN" if may else "NOLOGIN"))
        run(connection, login.as_string())


def _paused(database: Database) -> list[UUID]:
    with database.transaction() as session:
        return pause_all(raw(session))


def _libpq(settings: Settings) -> tuple[str, str]:
    """The owner's address as PostgreSQL's programs take it, without the password; and the password."""
    url = make_url(settings.database_url).set(drivername="postgresql")
    return url._replace(password=None).render_as_string(), url.password or ""


@contextmanager
def _standing() -> Iterator[Settings]:
    """The settings of a database that runs: the one they name, else that of `up`, started for this if it is not running."""
    settings = load()
    servers = embedded_servers(settings)
    try:
        if not settings.database_url:
            _start(servers, with_addresses(settings))
        yield with_addresses(settings)
    finally:
        servers.stop()


def _start(servers: Servers, settings: Settings) -> None:
    try:
        servers.start(valkey=False)
    except EmbeddedError:
        running = open_database(settings, Role.OWNER, size=1)
        try:
            if not running.reachable():
                raise
        finally:
            running.close()
