"""The data folder of PostgreSQL: made whole or not at all, and cleared of what a crash left."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from embedded.errors import EmbeddedError
from embedded.seat import Seat

OWNER = "sayso"
BUILTIN_LOCALE_SINCE = 17


def prepare_cluster(seat: Seat, hold: int) -> None:
    """Leave a cluster this PostgreSQL can start on, and nobody else runs on."""
    major = _major(seat)
    if not seat.data.exists():
        _make_cluster(seat, major, hold)
        return
    _check_version(seat.data, major)
    _drop_stale_pid(seat.data)


def _major(seat: Seat) -> int:
    answer = seat.account.run([seat.program("postgres"), "--version"])
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if not found:
        message = f"{seat.program('postgres')} does not run here: {answer.stderr}; set SAYSO_DATABASE_URL"
        raise EmbeddedError(message)
    return int(found[1])


def _check_version(data: Path, major: int) -> None:
    try:
        made_by = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        message = f"{data} holds no PostgreSQL cluster: move it away, or set SAYSO_DATA_DIR to another folder"
        raise EmbeddedError(message) from None
    if made_by != str(major):
        remedy = "dump and restore it with its own version, set SAYSO_PG_BIN to that version, or remove it"
        message = f"{data} was made by PostgreSQL {made_by}, this is {major}: {remedy}"
        raise EmbeddedError(message)


def _make_cluster(seat: Seat, major: int, hold: int) -> None:
    # Renamed when whole: an initdb that was killed leaves no half-made cluster behind.
    aside = seat.data.with_name(f"{seat.data.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700)
    seat.account.give(aside)
    words = [seat.program("initdb"), "-D", str(aside), "-U", OWNER, "--auth=trust", *_encoding(major)]
    # An orphaned initdb holds the lock too, so that nobody clears the folder it still writes to.
    made = seat.account.run(words, hold=[hold])
    if made.returncode:
        message = f"initdb failed in {aside}: {made.stderr or made.stdout}"
        raise EmbeddedError(message)
    aside.rename(seat.data)


def _encoding(major: int) -> list[str]:
    # The same order and the same lower() on every machine, whatever locales it has.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--encoding=UTF8", "--locale=C", *(builtin if major >= BUILTIN_LOCALE_SINCE else [])]


def _drop_stale_pid(data: Path) -> None:
    # PostgreSQL believes kill(pid, 0): a zombie (PID 1 of many containers reaps nobody) or a stranger
    # with a recycled number would keep it from starting for ever. We hold the lock of our own servers,
    # so only a PostgreSQL that somebody else started on this folder may stay.
    path = data / "postmaster.pid"
    first = path.read_text().split("\n", 1)[0].strip() if path.exists() else ""
    if first.isdecimal() and _runs_on(int(first), data):
        message = f"PostgreSQL (process {first}) already runs on {data}: stop it first"
        raise EmbeddedError(message)
    path.unlink(missing_ok=True)


def _runs_on(pid: int, data: Path) -> bool:
    if sys.platform != "linux":
        return _looks_like_postgres(pid)
    try:
        # A postmaster works in its data folder; a zombie works nowhere.
        return Path(f"/proc/{pid}/cwd").readlink() == data
    except OSError:
        return False


def _looks_like_postgres(pid: int) -> bool:
    words = ["/bin/ps", "-o", "stat=,command=", "-p", str(pid)]
    state, _, command = subprocess.run(words, capture_output=True, text=True, check=False).stdout.partition(" ")
    return not state.startswith("Z") and "postgres" in command
