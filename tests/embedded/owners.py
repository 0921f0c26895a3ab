"""A process of its own that owns servers, for tests of how owners end."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).with_name("owner_script.py")
PATIENCE = 30


class Owner:
    """Told what to do over its standard input; answers in JSON, one line each."""

    def __init__(self, home: Path, variables: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(home)],
            env=os.environ | {"PYTHONPATH": str(ROOT)} | (variables or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def hear(self) -> dict[str, Any]:
        """Return what it says next."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the owner ended without a word"
        said: dict[str, Any] = json.loads(line)
        return said

    def ask(self, verb: str) -> dict[str, Any]:
        """Tell it to do something and return its answer."""
        assert self.process.stdin
        self.process.stdin.write(f"{verb}\n")
        self.process.stdin.flush()
        return self.hear()

    def family(self) -> list[psutil.Process]:
        """Return every process below it."""
        return family_of(self.process.pid)

    def kill(self) -> None:
        """End it without a chance to clean up."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Clean up after a test, whatever state it left."""
        family = self.family() if self.process.poll() is None else []
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        wait_until(lambda: all(is_gone(process) for process in family), "every server process is gone")


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Return once the condition holds; fail with its name when it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE} s: {what}"
        time.sleep(0.01)


def is_gone(process: psutil.Process) -> bool:
    """Tell whether it runs no more; a zombie counts, since in a container nobody may ever reap it."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def family_of(pid: int) -> list[psutil.Process]:
    """Return every process below one."""
    return psutil.Process(pid).children(recursive=True)


def programs_below(pid: int) -> dict[str, set[int]]:
    """Return the users below a process, by program; what ends meanwhile does not count."""
    found: dict[str, set[int]] = {}
    for process in family_of(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            found.setdefault(process.name(), set()).add(process.uids().effective)
    return found
