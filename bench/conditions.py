"""On what, when and with which versions a run was made."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.ground import Ground
from bench.peers_venv import REQUIREMENTS
from kernel.settings import CHECKOUT

OURS = ("dramatiq", "psycopg", "sqlalchemy", "twilio", "urllib3", "uvloop")


@dataclass(frozen=True)
class Start:
    """What was so when the run began."""

    moment: float
    revision: str
    load: float


def begin() -> Start:
    """Remember it."""
    return Start(time.monotonic(), _revision(), os.getloadavg()[0])


def conditions(ground: Ground, start: Start, rounds: int) -> dict[str, str]:
    """What a reader needs to judge the figures."""
    with ground.line("postgres") as line:
        names = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "wal_level")
        shown = {name: line.execute(f"SHOW {name}".encode()).fetchone() for name in names}
    settings = ", ".join(f"{name.replace('server_version', 'PostgreSQL')} {row[0]}" for name, row in shown.items() if row)
    pins = [row.partition("[")[0] + "==" + row.partition("==")[2] if "[" in row else row for row in REQUIREMENTS.read_text().splitlines()]
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "took": f"{(time.monotonic() - start.moment) / 60:.1f} minutes, {rounds} round{'s' if rounds > 1 else ''}",
        "revision": start.revision if start.revision == _revision() else f"{start.revision}, and {_revision()} when it ended: measure again",
        "machine": f"{os.cpu_count()} × {_cpu()}, {_memory()}, {platform.system()} {platform.release().partition('-')[0]}",
        "load average": f"{start.load:.1f} when it began, {os.getloadavg()[0]:.1f} when it ended",
        "database": f"{settings}, over a Unix socket",
        "Python": platform.python_version(),
        "ours": ", ".join(f"{name} {version(name)}" for name in OURS),
        "peers": ", ".join(row.replace("==", " ") for row in pins if not row.startswith("#")),
    }


def _revision() -> str:
    asked = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or "unknown"


def _cpu() -> str:
    return next((row.partition(":")[2].strip() for row in Path("/proc/cpuinfo").read_text().splitlines() if row.startswith("model name")), "CPU")


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
