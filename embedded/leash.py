"""A server process that dies with its owner, however the owner dies."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedded.account import ME, Account
from embedded.environment import clean_environment
from embedded.errors import EmbeddedError

PAUSE = 0.01
START_PATIENCE = 60
STOP_PATIENCE = 15
LOG_LIMIT = 4_000_000
LOG_TAIL = 2_000

# The owner alone has the other end of standard input: end of file means it is gone, kill -9 included.
LEASH = """
exec 3<&0
signal=$1
shift
"$@" </dev/null 3<&- &
server=$!
(
    read -r owner <&3
    kill -s "$signal" "$server"
) 2>/dev/null &
watcher=$!
exec 3<&-
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
"""


@dataclass(frozen=True)
class Launch:
    """What to run, and how to tell that it answers."""

    name: str
    words: Sequence[str]
    folder: Path
    stop_signal: str
    answers: Callable[[], bool]
    account: Account = ME


class Leashed:
    """One running server."""

    def __init__(self, launch: Launch, log: Path, hold: int) -> None:
        self._launch = launch
        self._log = log
        self._log_start = _make_room(log)
        self._process = _spawn(launch, log, hold)

    def wait_until_ready(self) -> None:
        """Return once the server answers; raise with the end of its log when it does not."""
        deadline = time.monotonic() + START_PATIENCE
        while self._process.poll() is None and time.monotonic() < deadline:
            if self._launch.answers():
                return
            time.sleep(PAUSE)
        message = f"{self._launch.name} did not start; {self._log} ends:\n{self._log_tail()}"
        raise EmbeddedError(message)

    @property
    def has_ended(self) -> bool:
        """Whether the server is gone although nobody stopped it."""
        return self._process.poll() is not None

    def release(self) -> None:
        """Let go of the leash: the server begins an orderly stop."""
        if self._process.stdin:
            self._process.stdin.close()

    def stop(self) -> None:
        """Return when the server is gone."""
        self.release()
        try:
            self._process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _log_tail(self) -> str:
        written = self._log.read_bytes()[self._log_start :]
        return written[-LOG_TAIL:].decode(errors="replace")


def _spawn(launch: Launch, log: Path, hold: int) -> subprocess.Popen[bytes]:
    account = launch.account
    with os.fdopen(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        return subprocess.Popen(
            ["/bin/sh", "-c", LEASH, "sh", launch.stop_signal, *account.prefix, *launch.words],
            cwd=launch.folder,
            env=clean_environment(),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=(hold,),
            # Ctrl-C reaches every process of the terminal's group: the servers must outlive their clients.
            start_new_session=True,
            user=account.uid,
            group=account.gid,
            extra_groups=account.groups,
        )


def _make_room(log: Path) -> int:
    if not log.exists():
        return 0
    if log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.old"))
        return 0
    return log.stat().st_size
