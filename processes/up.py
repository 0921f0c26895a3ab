"""`sayso up`: everything in one process on its own servers, until Ctrl-C."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from kernel import log
from kernel.settings import Settings, command, load
from processes import host, tracing
from processes.house import OWNER, House, house
from processes.serving import bind, serve

LOG = "sayso.log"
SANDBOX = "sandbox"


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    settings = load()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    listening = bind(settings.host, settings.port)
    with _stream(settings) as stream:
        log.setup(stream=stream)
        tracing.start("up")
        with house(settings, listening) as ready:
            words = welcome(ready)
            serve(ready.server, listening, lambda: print(words, flush=True))
            ready.raise_fallen()
    print("Sayso has stopped; what was approved and not yet sent goes on at the next start.")


@contextmanager
def _stream(settings: Settings) -> Iterator[TextIO]:
    """Where the log goes: in production where the host collects it, else into a file, since the terminal is for people."""
    if settings.env == "production":
        yield sys.stderr
        return
    (settings.data_dir / LOG).touch(mode=0o600)
    with (settings.data_dir / LOG).open("a", encoding="utf-8") as stream:
        yield stream


def welcome(ready: House) -> str:
    """What a person needs to begin: the address, a way in, the agent's key once, and the client's configuration."""
    base = ready.settings.base_url
    if ready.settings.env == "production":
        # The host keeps what is printed here: no key and no way in is shown.
        return f"Sayso is running at {base}. The first business is founded on this machine: {command()} workspace NAME OWNER_EMAIL"
    return "\n".join(
        [
            f"Sayso is running at {base}  (tools {base}/docs, log {ready.settings.data_dir / LOG})",
            "",
            f"Your way into the portal, once:  {host.login_links(OWNER)[0]}" if ready.founded else f"A way into the portal:  {command()} login-link {OWNER}",
            *_key(ready),
            "",
            "For an MCP client:",
            snippet(ready.settings),
            "",
            *whither(ready.settings),
            "Stop with Ctrl-C.",
        ],
    )


def _key(ready: House) -> list[str]:
    if ready.founded is None:
        return [f"The first agent's key was shown at the first start; a new one:  {command()} key {OWNER}"]
    return [f"The first agent's key, shown once:  export SAYSO_API_KEY={ready.founded.key.secret}"]


def snippet(settings: Settings) -> str:
    """The configuration of an MCP client, with the key left in the environment."""
    headers = {"Authorization": "Bearer ${env:SAYSO_API_KEY}"}
    return json.dumps({"mcpServers": {"sayso": {"url": f"{settings.base_url}/mcp", "headers": headers}}}, indent=2)


def whither(settings: Settings) -> list[str]:
    """What leaves this machine, by whom, and what stays: nobody may find that out from a customer."""
    by = settings.chosen
    leaves = ", ".join(f"{medium} by {name}" for medium, name in by.items() if name != SANDBOX)
    stays = ", ".join(medium for medium, name in by.items() if name == SANDBOX)
    reading = f"Read it with:  {command()} mailbox"
    if not leaves:
        return [f"Everything goes to the sandbox: nothing leaves this machine. {reading}"]
    return [f"Leaves this machine: {leaves}.", *([f"Stays in the sandbox: {stays}. {reading}"] if stays else [])]
