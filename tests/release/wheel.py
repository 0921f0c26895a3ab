"""The wheel alone: installed in an empty environment it brings its servers, and the story of a first say-so passes.

    ./dev test-wheel

The program knows nothing of a checkout; only the story that is told to its public doors comes from here.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import anyio
import httpx2

from kernel.clock import monotonic
from kernel.settings import version
from processes.story import Letter, Scene, tell
from providers.sandbox import read
from tests.fixtures.stage import free_port
from tests.fixtures.waiting import until

READY_S = 60.0
INSTALLED_S = 600.0
KEY = re.compile(r"SAYSO_API_KEY=(sayso_mcp_\S+)")


def main() -> None:
    """Install, start, tell; the figures are printed."""
    wheel, lock = (Path(given).resolve() for given in sys.argv[1:])
    home = Path(tempfile.mkdtemp(prefix="sayso-wheel-"))
    home.chmod(0o711)  # as root, the account that runs PostgreSQL must get in
    try:
        began = monotonic()
        sayso = install(home / "venv", wheel, lock)
        said(f"installed in {monotonic() - began:.0f} s, {size_of(home / 'venv') / 1e6:.0f} MB")
        assert shown(sayso, "--version", home=home) == f"sayso {version()}", "the wheel is of another version than the checkout"
        began = monotonic()
        story(sayso, home)
        said(f"first approved message, and the rest of the story, {monotonic() - began:.0f} s after `sayso up`")
    finally:
        shutil.rmtree(home)


def install(venv: Path, wheel: Path, lock: Path) -> Path:
    """An environment with nothing but the locked packages and the wheel; answers its `sayso`."""
    python = str(venv / "bin" / "python")
    has_uv = find_spec("uv") is not None
    pip = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python] if has_uv else [python, "-m", "pip", "install", "-q"]
    run([sys.executable, "-m", "venv", *(["--without-pip"] if has_uv else []), str(venv)])
    run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(lock)])
    run([*pip, "--no-deps", "--no-index", str(wheel)])
    return venv / "bin" / "sayso"


def run(words: list[str]) -> None:
    """Run it, and fail when it does."""
    subprocess.run(words, check=True, timeout=INSTALLED_S)


def shown(sayso: Path, *words: str, home: Path) -> str:
    """What a command prints."""
    return subprocess.run([sayso, *words], cwd=home, env=bare(home), capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def bare(home: Path) -> dict[str, str]:
    """An environment in which nothing points back to the checkout."""
    return {"PATH": os.defpath, "HOME": str(home), "SAYSO_DATA_DIR": str(home / "data")}


def story(sayso: Path, home: Path) -> None:
    """Start `sayso up` as a newcomer does, and tell the story to it."""
    port, secret, token = free_port(), f"whsec_{secrets.token_urlsafe(24)}", secrets.token_urlsafe(24)
    base = f"http://127.0.0.1:{port}"
    # The story reads a letter of its own for each request.
    quick = {"PORT": str(port), "SAYSO_NOTICE_PAUSE_SECONDS": "0", "SAYSO_NOTICES_PER_HOUR": "100"}
    signed = {"STRIPE_WEBHOOK_SECRET": secret, "TWILIO_AUTH_TOKEN": token}
    with up(sayso, home, quick | signed) as words:
        assert "./dev" not in words, f"it names a command that is not there: {words}"
        found = KEY.search(words)
        assert found, f"no key was shown: {words}"
        until(lambda: answers(base), READY_S, "it did not answer")
        for path in ("/skills/comms-approval/SKILL.md", "/portal", "/docs"):
            assert httpx2.get(base + path, timeout=10, follow_redirects=True).is_success, f"{path} is missing"
        anyio.run(tell, Scene(base, found.group(1), secret, token, lambda: letters(home), said))


def letters(home: Path) -> list[Letter]:
    """The letters to our own people that the sandbox kept."""
    return [Letter(each.recipient, each.subject or "", each.body) for each in read(home / "data") if each.kind == "notice"]


def answers(base: str) -> bool:
    """Whether it is ready."""
    try:
        return httpx2.get(f"{base}/readyz", timeout=5).is_success
    except httpx2.TransportError:
        return False


@contextmanager
def up(sayso: Path, home: Path, quick: dict[str, str]) -> Iterator[str]:
    """`sayso up` until the block ends; lends what it said."""
    with subprocess.Popen([sayso, "up"], cwd=home, env=bare(home) | quick, stdout=subprocess.PIPE, text=True, start_new_session=True) as running:
        assert running.stdout
        words: list[str] = []
        while not words or ("Ctrl-C" not in words[-1] and words[-1]):
            words.append(running.stdout.readline())
        try:
            yield "".join(words)
        finally:
            os.killpg(running.pid, signal.SIGINT)
            running.communicate(timeout=40)
    assert running.returncode == 0, "it did not end in order"


def size_of(folder: Path) -> int:
    """The bytes of its files."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def said(words: str) -> None:
    """One line for whoever watches."""
    sys.stdout.write(f"  {words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
