"""`sayso migrate`: the database roles, then every migration, as the owner; safe to run at each release."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from kernel import log
from kernel.db import Database
from kernel.roles import ensure
from kernel.settings import Settings, load_addressed

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


def configured() -> Config:
    """Alembic's configuration, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def migrate(settings: Settings) -> None:
    """Bring the database to the newest revision. Raises RolesRefused."""
    config = configured()
    engine = _owner(settings)
    with engine.connect() as connection:
        with connection.begin():
            config.attributes["roles"] = ensure(connection, settings.database_url, settings.secret)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def is_current(database: Database) -> bool:
    """Whether the database stands at the revision that this code expects."""
    with database.engine.connect() as connection:
        have = MigrationContext.configure(connection).get_current_revision()
    return have == ScriptDirectory.from_config(configured()).get_current_head()


def _owner(settings: Settings) -> Engine:
    return create_engine(settings.database_url, poolclass=NullPool)


def main() -> None:
    """Migrate the database that the settings name."""
    log.setup()
    migrate(load_addressed())
