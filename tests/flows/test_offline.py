"""Cut off from every network but its own loopback, the demo plays to its end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOOPBACK_UP = "import fcntl, socket, struct; s = socket.socket(); fcntl.ioctl(s, 0x8914, struct.pack('16sh14x', b'lo', 0x49))"
"""SIOCSIFFLAGS: UP, LOOPBACK and RUNNING, for machines without the `ip` command."""
UNREACHABLE = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
PLAY = f'"$1" -c "{LOOPBACK_UP}" && ! "$1" -c "{UNREACHABLE}" 2>/dev/null && exec "$1" -m processes.command demo'


def cut_off() -> list[str]:
    """How to run something without a network here: as root plainly, else in a user namespace."""
    found = shutil.which("unshare")
    for flags in (["--net"], ["--map-root-user", "--net"]):
        if found and subprocess.run([found, *flags, "true"], capture_output=True, check=False).returncode == 0:
            return [found, *flags]
    pytest.fail("no network namespace can be made here: install util-linux's `unshare`, or allow user namespaces")


def test_the_demo_plays_when_there_is_no_network(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    command = [*cut_off(), "sh", "-c", PLAY, "sh", sys.executable]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Done in" in done.stdout
    assert done.stdout.count("delivered") >= 4
