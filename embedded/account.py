"""The account PostgreSQL runs under, since it refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedded.environment import clean_environment

USUAL_NAMES = ("postgres", "nobody")
NAMESPACE = ("--user", "--map-user=65534", "--map-group=65534")
PROBE = 'cd "$1" && exec "$2" --version'


@dataclass(frozen=True)
class Account:
    """How to run a program as somebody; the default is ourselves, unchanged."""

    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    @property
    def owner(self) -> int:
        """The user that files made by this account belong to, seen from here."""
        return os.geteuid() if self.uid is None else self.uid

    @property
    def groups(self) -> list[int] | None:
        """No supplementary groups for another account; our own stay as they are."""
        return None if self.uid is None else []

    def give(self, folder: Path) -> None:
        """Make the folder belong to this account."""
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)

    def run(self, words: Sequence[str], hold: Sequence[int] = ()) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, handing down the descriptors it shall hold."""
        return subprocess.run(
            [*self.prefix, *words],
            cwd="/",
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            pass_fds=hold,
            user=self.uid,
            group=self.gid,
            extra_groups=self.groups,
        )

    def can_run(self, program: Path, folder: Path) -> bool:
        """Try it: mode bits do not tell what a mount, a namespace or a missing library forbids."""
        try:
            tried = self.run(["/bin/sh", "-c", PROBE, "sh", str(folder), str(program)])
        except (OSError, subprocess.SubprocessError):
            return False
        return tried.returncode == 0


ME = Account()


def choose_account(program: Path, folder: Path, owner: int | None) -> Account | None:
    """Return the first account that can run the program in the folder; a cluster keeps its owner."""
    for account in _candidates():
        if owner in (None, account.owner) and account.can_run(program, folder):
            return account
    return None


def _candidates() -> Iterator[Account]:
    if os.geteuid() != 0:
        yield ME
        return
    for name in USUAL_NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        yield Account(uid=entry.pw_uid, gid=entry.pw_gid)
    # Below a 0700 folder no other account gets in, and in a rootless sandbox no other uid is mapped:
    # in a namespace of its own PostgreSQL sees an ordinary user while the files stay root's.
    unshare = shutil.which("unshare")
    if unshare:
        yield Account(prefix=(unshare, *NAMESPACE))
