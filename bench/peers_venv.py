"""The peers' own venv, made once from bench/requirements.txt; without it only ours is measured, and the page says why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from kernel.settings import CHECKOUT

REQUIREMENTS = CHECKOUT / "bench" / "requirements.txt"


def peers_python(home: Path) -> tuple[Path, str]:
    """Its python, and why it cannot be used ('' when it can)."""
    venv = home / "venv"
    python, stamp = venv / "bin" / "python", venv / "stamp"
    if stamp.exists() and stamp.read_text() == REQUIREMENTS.read_text():
        return python, ""
    print("bench: installing the peers (once)", flush=True)
    for words in ([sys.executable, "-m", "venv", "--clear", str(venv)], [str(python), "-m", "pip", "install", "-q", "-r", str(REQUIREMENTS)]):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            return python, (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    stamp.write_text(REQUIREMENTS.read_text())
    return python, ""
