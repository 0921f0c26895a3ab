"""The database roles: the owner migrates; `…_web` is bound by row-level security; `…_worker` crosses workspaces; neither owns a table.

Role names carry the database's name, so two installations can share a cluster. Their passwords derive from the secret
key, so no second secret has to be kept; `sayso migrate` sets them anew after a rotation.
"""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url

from kernel.db import run
from kernel.errors import Unavailable

PLANNING = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "plan_cache_mode": "force_generic_plan"}
"""How the worker's statements are planned: once, and by indexes, which reach all it reads. The statistics of a queue, which is empty
one minute and long the next, must not tell the planner otherwise."""


class Role(StrEnum):
    """Who a process is, as the database sees it."""

    OWNER = "owner"
    WEB = "web"
    WORKER = "worker"


LONGEST = {Role.WEB: "60s", Role.WORKER: "30s"}
"""How long a transaction may be open. A process that freezes with half of a pipeline sent is neither idle nor in a statement to the
database, so that no other time-out ends it (`transaction_timeout`)."""
KNOWS_LONGEST = "SELECT current_setting('transaction_timeout', true) IS NOT NULL"
"""Whether this PostgreSQL can: 17 is the first."""


def role_name(url: str | URL, role: Role) -> str:
    """The login name of a role in the database that the URL names."""
    return f"{make_url(url).database}_{role}"


def role_password(url: str | URL, role: Role, secret: bytes) -> str:
    """The password of a role: HMAC-SHA-256 of its name under the secret key."""
    return hmac.new(secret, f"database-role:{role_name(url, role)}".encode(), hashlib.sha256).hexdigest()


def url_for(url: str, role: Role, secret: bytes) -> URL:
    """The owner's URL turned into a role's; a URL that already logs in as that role is kept."""
    parsed = make_url(url)
    if role is Role.OWNER or parsed.username == role_name(url, role):
        return parsed
    return parsed.set(username=role_name(url, role), password=role_password(url, role, secret))


class RolesRefused(Unavailable):
    """The owner's login may not create database roles."""

    code = "roles_refused"
    next_step = "Run once as a superuser: ALTER ROLE <owner> CREATEROLE; then run `sayso migrate` again."


def ensure(connection: Connection, url: str, secret: bytes) -> dict[str, str]:
    """Create or refresh the two login roles; answers their names by role. Raises RolesRefused."""
    names = {str(role): role_name(url, role) for role in (Role.WEB, Role.WORKER)}
    may = connection.scalar(text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"))
    if not may:
        raise RolesRefused
    for role, name in names.items():
        known = connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name})
        verifier = _verifier(connection, name, role_password(url, Role(role), secret))
        shape = sql.SQL("ALTER ROLE {} PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}")
        run(connection, shape.format(sql.Identifier(name), sql.Literal(verifier)).as_string())
        for setting, value in _habits(connection, Role(role)).items():
            habit = sql.SQL("ALTER ROLE {} SET {} = {}").format(sql.Identifier(name), sql.Identifier(setting), sql.Literal(value))
            run(connection, habit.as_string())
    return names


def _habits(connection: Connection, role: Role) -> dict[str, str]:
    """The settings that a role logs in with."""
    longest = {"transaction_timeout": LONGEST[role]} if connection.scalar(text(KNOWS_LONGEST)) else {}
    return longest | (PLANNING if role is Role.WORKER else {})


def _verifier(connection: Connection, name: str, password: str) -> str:
    """The password as the server would store it (SCRAM-SHA-256, RFC 7677), so that no log or error can show it."""
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    return driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
