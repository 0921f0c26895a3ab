"""`sayso migrate`: the database roles, then every migration, as the owner; safe to run at each release."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from kernel import log
from kernel.db import Database
from kernel.errors import Conflict, Unavailable
from kernel.roles import ensure
from kernel.settings import Settings, load_addressed

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


CONTRACT = "contract"
TURN = 6_051_127_001
"""The advisory lock of whoever migrates."""
TURN_S = 600
TRIES = 40
PAUSE_S = 5


class DatabaseBusy(Unavailable):
    """A table was never free for the moment that a change of it takes."""

    code = "database_busy"
    next_step = "Look for a transaction that stays open (pg_stat_activity), end it, and run `sayso migrate` again; what was done is kept."


class ContractFirst(Conflict):
    """A step that takes away what the version before used stands before one that is needed now."""

    code = "contract_first"
    next_step = "Stop the processes of the version before, then run `sayso migrate --contract`."


class DatabaseNewer(Conflict):
    """The database was migrated by a newer version than this one."""

    code = "database_newer"
    next_step = "Run `sayso migrate` of the newest version; processes of this one go on meanwhile."


def configured() -> Config:
    """Alembic's configuration, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def migrate(settings: Settings, *, contract: bool = False) -> None:
    """Bring the database on, as far as processes of the version before bear it; `contract` also takes away what only they used.

    Any number may be started at once: they take turns. Raises RolesRefused, DatabaseBusy, ContractFirst.
    """
    engine = _owner(settings)
    with engine.connect() as connection:
        _take_turn(connection)
        with connection.begin():
            roles = ensure(connection, settings.database_url, settings.secret)
        _try_again(lambda: _upgrade(connection, roles, contract=contract))


def is_current(database: Database) -> bool:
    """Whether this code can work on the database: what it added is there; what a newer version added, or will take away, does not matter."""
    with database.engine.connect() as connection:
        have = MigrationContext.configure(connection).get_current_revision()
    return have is not None and all(_phase(step) == CONTRACT for step in _pending(have) or [])


def _take_turn(connection: Connection) -> None:
    # Held by the session: it ends with the connection, however this process ends.
    connection.exec_driver_sql(f"SET lock_timeout = '{TURN_S}s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_lock({TURN})")
    connection.commit()


def _upgrade(connection: Connection, roles: dict[str, str], *, contract: bool) -> None:
    connection.rollback()
    have = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    pending = _pending(have)
    if pending is None:
        raise DatabaseNewer
    borne = pending if contract else list(takewhile(lambda step: _phase(step) != CONTRACT, pending))
    if any(_phase(step) != CONTRACT for step in pending[len(borne) :]):
        raise ContractFirst
    if borne:
        config = configured()
        config.attributes.update(roles=roles, connection=connection)
        command.upgrade(config, borne[-1].revision)
        connection.commit()


def _try_again(upgrade: Callable[[], None]) -> None:
    tries = Retrying(retry=retry_if_exception(_is_kept_waiting), stop=stop_after_attempt(TRIES), wait=wait_random_exponential(0.2, PAUSE_S))
    try:
        tries(upgrade)
    except RetryError as given_up:
        raise DatabaseBusy from given_up


def _is_kept_waiting(fault: BaseException) -> bool:
    return isinstance(fault, OperationalError) and isinstance(fault.orig, LockNotAvailable)


def _pending(have: str | None) -> list[Script] | None:
    """The revisions behind the one that the database has, the first one first; None when only a newer version knows that one."""
    steps = list(ScriptDirectory.from_config(configured()).walk_revisions())[::-1]
    known = [None, *(step.revision for step in steps)]
    return steps[known.index(have) :] if have in known else None


def _phase(step: Script) -> str:
    return str(step.module.phase)


def _owner(settings: Settings) -> Engine:
    return create_engine(settings.database_url, poolclass=NullPool)


def main(*, contract: bool = False) -> None:
    """Migrate the database that the settings name."""
    log.setup()
    migrate(load_addressed(), contract=contract)
