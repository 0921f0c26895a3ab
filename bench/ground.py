"""The ground everything is measured on: one embedded PostgreSQL that syncs, one Valkey, the stub, and a database for each side."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import redis
from sqlalchemy.engine import make_url

from embedded.servers import Servers
from kernel.db import Database
from kernel.keys import new_secret
from kernel.roles import Role, url_for
from kernel.settings import CHECKOUT, Settings, load
from processes.migrate import migrate
from processes.premises import prepare

ACCOUNT = "AC00000000000000000000000000000000"
SENDER = "+15005550006"


@dataclass(frozen=True)
class Ground:
    """Where things are."""

    home: Path
    settings: Settings
    servers: Servers
    stub: str
    stub_pid: int

    def database(self, role: Role) -> Database:
        """A pool of ours that logs in as the role."""
        return Database(url_for(self.settings.database_url, role, self.settings.secret), size=12)

    def dsn(self, name: str) -> str:
        """The database `sayso` or `peers`, as libpq and asyncpg read it."""
        return f"postgresql://sayso@/{name}?host={quote(str(make_url(self.settings.database_url).query['host']), safe='')}&port=5432"

    def line(self, name: str) -> psycopg.Connection[Any]:
        """A connection as the owner."""
        return psycopg.connect(self.dsn(name), autocommit=True)

    def environment(self, mode: str) -> dict[str, str]:
        """What the programs that are measured are told."""
        ours = {
            "SAYSO_DATABASE_URL": self.settings.database_url,
            "SAYSO_SECRET_KEY": self.settings.secret.decode(),
            "SAYSO_REDIS_URL": self.settings.redis_url,
            "SAYSO_BASE_URL": self.settings.base_url,
            "SAYSO_DATA_DIR": str(self.home),
            "SAYSO_PENDING_PER_KEY": "1000000",
            "SAYSO_SMS": "twilio",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": "token",
            "TWILIO_SMS_FROM": SENDER,
            "TWILIO_API_BASE": self.stub,
        }
        theirs = {"BENCH_DSN": self.dsn("peers"), "BENCH_REDIS": self.settings.redis_url, "BENCH_STUB": self.stub, "BENCH_MODE": mode}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SAYSO_", "TWILIO_", "PG", "PYTHON"))}
        return {**kept, **ours, **theirs, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}


def postmaster(ground: Ground) -> int:
    """The process id of PostgreSQL."""
    with ground.line("postgres") as line:
        row = line.execute("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int").fetchone()
    return int(row[0]) if row else 0


def valkey(ground: Ground) -> int:
    """The process id of Valkey."""
    return int(redis.Redis.from_url(ground.settings.redis_url).info("server")["process_id"])


@contextmanager
def prepared(home: Path) -> Iterator[Ground]:
    """Start it all on fresh folders, migrate, found nothing; stop it all at the end."""
    prepare()
    shutil.rmtree(home / "servers", ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    stub = subprocess.Popen([sys.executable, "-m", "bench.stub"], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    try:
        port = stub.stdout.readline().strip() if stub.stdout else ""
        with Servers(home / "servers") as servers:
            given = {
                "SAYSO_DATABASE_URL": servers.database_url,
                "SAYSO_REDIS_URL": servers.redis_url,
                "SAYSO_BASE_URL": "http://sayso.test",
                "SAYSO_SECRET_KEY": new_secret(),
                "SAYSO_PENDING_PER_KEY": "1000000",
            }
            settings = load(**given, SAYSO_DATA_DIR=home, **_twilio(f"http://127.0.0.1:{port}"))
            migrate(settings)
            ground = Ground(home, settings, servers, settings.twilio_api_base, stub.pid)
            with ground.line("sayso") as line:
                line.execute("CREATE DATABASE peers")
                # Thousands of grants for the bulk fills need no approvals; every path that is timed from a decision makes them.
                line.execute("ALTER TABLE grants DISABLE TRIGGER grant_needs_say_so")
            yield ground
    finally:
        stub.terminate()
        stub.wait()


def _twilio(stub: str) -> dict[str, object]:
    return {
        "SAYSO_SMS": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": "token",
        "TWILIO_SMS_FROM": SENDER,
        "TWILIO_API_BASE": stub,
    }
