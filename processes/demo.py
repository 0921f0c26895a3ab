"""`sayso demo`: the story of a first say-so on a throw-away system of its own, with its ledger at the end."""

from __future__ import annotations

import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread

import anyio
from rich.console import Console
from rich.table import Table

from kernel import clock, log
from kernel.settings import Settings, command, load
from processes.house import House, house
from processes.serving import bind
from processes.story import Letter, Scene, Told, tell
from processes.up import LOG
from providers.sandbox import NOTHING_LEFT, read

START_SECONDS = 20.0
HERE = "127.0.0.1"


def main() -> None:
    """Play, print, clean up; a broken story exits with 1 and keeps its log."""
    home = Path(tempfile.mkdtemp(prefix="sayso-demo-"))
    home.chmod(0o711)  # as root, the account that runs PostgreSQL must get in
    began = clock.monotonic()
    try:
        with (home / LOG).open("w", encoding="utf-8") as stream:
            log.setup(stream=stream)
            told = _play(home)
    except BaseException:
        print(f"\nThe demo did not finish; its log is {home / LOG}", file=sys.stderr)
        raise
    _print_ledger(told)
    print(f"\nDone in {clock.monotonic() - began:.1f} s. {NOTHING_LEFT.capitalize()}. To keep one running: {command()} up")
    shutil.rmtree(home, ignore_errors=True)


def _play(home: Path) -> Told:
    listening = bind(HERE, 0)
    settings = _throw_away(home, listening.getsockname()[1])
    _say("Starting a private PostgreSQL and Valkey, web, worker and clock …")
    with house(settings, listening) as ready, _serving(ready):
        _say(f"Sayso answers at {settings.base_url}.")
        return anyio.run(partial(tell, _scene(ready)))


def _throw_away(home: Path, port: int) -> Settings:
    """Sandbox and servers of its own, whatever the environment says: a demo must not touch anybody's data."""
    return load(
        SAYSO_DATA_DIR=home,
        SAYSO_DATABASE_URL="",
        SAYSO_REDIS_URL="",
        SAYSO_BASE_URL=f"http://{HERE}:{port}",
        SAYSO_ENV="development",
        SAYSO_WHATSAPP="sandbox",
        SAYSO_SMS="sandbox",
        SAYSO_EMAIL="sandbox",
        SAYSO_PAYMENTS="sandbox",
        SAYSO_NOTICE_PAUSE_SECONDS=0,  # the story reads a letter of its own for each request
        SAYSO_NOTICES_PER_HOUR=100,
        SAYSO_SECRET_KEY=secrets.token_urlsafe(32),
        TWILIO_AUTH_TOKEN=secrets.token_urlsafe(24),
        STRIPE_WEBHOOK_SECRET=f"whsec_{secrets.token_urlsafe(24)}",
    )


def _scene(ready: House) -> Scene:
    if ready.founded is None:
        msg = "a throw-away system had a workspace already"
        raise RuntimeError(msg)
    return Scene(
        base_url=ready.settings.base_url,
        api_key=ready.founded.key.secret,
        twilio_token=ready.settings.twilio_auth_token.get_secret_value(),
        stripe_secret=ready.settings.stripe_webhook_secret.get_secret_value(),
        mailbox=lambda: [Letter(m.recipient, m.subject or "", m.body) for m in read(ready.settings.data_dir) if m.kind == "notice"],
        say=_say,
    )


@contextmanager
def _serving(ready: House) -> Iterator[None]:
    thread = Thread(target=ready.server.run, kwargs={"sockets": [ready.socket]}, name="serving")
    thread.start()
    ends = clock.monotonic() + START_SECONDS
    try:
        while not ready.server.started and thread.is_alive() and clock.monotonic() < ends:
            clock.pause(0.02)
        yield
    finally:
        ready.server.should_exit = True
        thread.join()


def _say(words: str) -> None:
    print(f"  ✓ {words}" if not words.endswith("…") else f"  · {words}", flush=True)


def _print_ledger(told: Told) -> None:
    table = Table(title="Ledger", title_justify="left", show_lines=False)
    for column in ("send", "state", "asked by", "decided by", "digest shown", "digest sent", "attempts"):
        table.add_column(column, overflow="fold")
    for status in told.ledger:
        approval, send = status["approval"], status["sends"][0]
        who = approval["decidedBy"] and f"{approval['decidedBy']} ({approval['state']}, {approval['decidedVia']})"
        digests = (approval["digest"][:12], (send["digestSent"] or "-")[:12])
        table.add_row(f"{send['channel']} → {send['recipient']}", send["state"], approval["askedBy"], who or "-", *digests, str(send["attempts"]))
    Console(width=None if sys.stdout.isatty() else 150).print(table)
