"""Migrating: as an owner who is no superuser, again and again, with passwords that no error or log can show."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from crm.access.setup import found
from embedded.servers import Servers
from kernel.db import Database
from kernel.roles import Role, RolesRefused, role_password, url_for
from kernel.settings import Settings, load
from processes.migrate import is_current, migrate


@pytest.fixture
def modest(servers: Servers) -> Settings:
    """Settings of a database whose owner may create roles and nothing more."""
    owner = create_engine(servers.database_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS modest WITH (FORCE)"))
        connection.execute(text("DROP ROLE IF EXISTS modest_web, modest_worker, modest_owner"))
        connection.execute(text("CREATE ROLE modest_owner LOGIN CREATEROLE"))
        connection.execute(text("CREATE DATABASE modest OWNER modest_owner"))
    owner.dispose()
    url = make_url(servers.database_url).set(database="modest", username="modest_owner")
    return load(SAYSO_DATABASE_URL=url.render_as_string(hide_password=False), SAYSO_REDIS_URL=servers.redis_url)


def test_every_later_migration_passes_when_the_owner_is_no_superuser(modest: Settings) -> None:
    migrate(modest)
    migrate(modest)
    rotated = modest.model_copy(update={"secret_key": type(modest.secret_key)("another secret of thirty-two characters")})
    migrate(rotated)
    web = Database(url_for(rotated.database_url, Role.WEB, rotated.secret))
    assert is_current(web)
    with pytest.raises(Exception, match="must be owner"), web.transaction() as session:
        session.execute(text("DROP TABLE audit"))
    web.close()


def test_a_refusal_names_its_remedy_when_roles_may_not_be_made(modest: Settings, servers: Servers) -> None:
    with psycopg.connect(servers.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ALTER ROLE modest_owner NOCREATEROLE")
    with pytest.raises(RolesRefused) as refused:
        migrate(modest)
    assert "CREATEROLE" in refused.value.advice


def test_no_password_is_stored_or_sent_in_clear(modest: Settings, servers: Servers) -> None:
    migrate(modest)
    with psycopg.connect(servers.database_url.replace("+psycopg", "")) as connection:
        kept = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'modest_web'").fetchone()
    assert kept
    assert kept[0].startswith("SCRAM-SHA-256$")
    assert role_password(modest.database_url, Role.WEB, modest.secret) not in kept[0]


@pytest.mark.parametrize(("name", "zone"), [("Studio", "Nope/Nope"), ("", "UTC"), ("N\nYour code: 000000", "UTC"), ("x" * 121, "UTC")])
def test_a_workspace_that_could_never_send_is_not_founded(owner_db: Database, name: str, zone: str) -> None:
    with pytest.raises(ValueError, match=r"zone|name|line"), owner_db.transaction() as session:
        found(session, name, "olivia@example.com", zone=zone)
