"""The short private folder the servers' sockets live in."""

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path

from embedded.errors import EmbeddedError

# macOS allows 103 bytes for the path of a socket; this is the longest name we put below the folder.
LONGEST = 103 - len("/pg/.s.PGSQL.5432.lock")
PLAIN = re.compile(r"[\w./+-]+", re.ASCII)


def sockets_folder(home: Path) -> Path:
    """Name the folder after the data it serves, so that a restart finds the same one."""
    tag = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    name = f"sayso-{os.geteuid()}-{tag}"
    folder = Path(tempfile.gettempdir()) / name
    # A comma or a blank would have to survive a URL, a libpq host list and a PostgreSQL setting.
    fits = len(os.fsencode(folder)) <= LONGEST and PLAIN.fullmatch(str(folder))
    return folder if fits else Path("/tmp") / name  # noqa: S108 - checked by make_private


def make_private(folder: Path) -> None:
    """Create the folder, or take it only if nobody else can have put anything there."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        message = f"{folder} is not ours: remove it, or set TMPDIR to a folder only you can write to"
        raise EmbeddedError(message)
    folder.chmod(0o700)
