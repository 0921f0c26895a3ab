"""A database as one file, made and put back by PostgreSQL's own programs."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from embedded.binaries import find_postgres
from embedded.environment import clean_environment
from embedded.errors import EmbeddedError


def dump(address: str, password: str, file: Path) -> None:
    """Write all of the database that the libpq address names; the file appears when it is whole, readable by its owner alone."""
    if file.exists():
        message = f"{file} exists: name another file, or move it away"
        raise EmbeddedError(message)
    aside = file.with_name(f"{file.name}.part")
    # What an earlier run left, or somebody laid there for all to read or to lead elsewhere, is not written into.
    aside.unlink(missing_ok=True)
    os.close(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _run("pg_dump", ["--format=custom", "--lock-wait-timeout=30s", f"--file={aside}", f"--dbname={address}"], password)
        aside.rename(file)
    finally:
        aside.unlink(missing_ok=True)


def read_over(file: Path) -> None:
    """See, without a database, that the file is one that `dump` made. Raises EmbeddedError."""
    if not file.is_file():
        message = f"{file} is no file"
        raise EmbeddedError(message)
    _run("pg_restore", ["--list", str(file)], "")


def put_back(address: str, password: str, file: Path) -> None:
    """Fill the empty database that the libpq address names from such a file: all of it or nothing."""
    _run("pg_restore", ["--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={address}", str(file)], password)


def _run(program: str, words: Sequence[str], password: str) -> None:
    # The password travels in the environment: every account of the machine may read the arguments of a process.
    environment = clean_environment() | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run([_find(program), *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        message = f"{program} did not succeed: {done.stderr.strip() or done.stdout.strip()}"
        raise EmbeddedError(message)


def _find(program: str) -> str:
    try:
        ours = find_postgres() / program
    except EmbeddedError:
        ours = None
    found = str(ours) if ours and os.access(ours, os.X_OK) else shutil.which(program)
    if found is None:
        message = f"no {program} found: point SAYSO_PG_BIN at a folder with PostgreSQL's programs, or install its client"
        raise EmbeddedError(message)
    return found
