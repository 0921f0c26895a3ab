"""Serving HTTP with uvicorn: a socket bound before anything starts, and parts that live exactly as long as the server."""

from __future__ import annotations

import signal
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import anyio.to_thread
import uvicorn
from starlette.applications import Starlette
from typing_extensions import override

GRACE_SECONDS = 5
MOST_HEADER_BYTES = 64 * 1024


class Part(Protocol):
    """Something with a life."""

    def start(self) -> None:
        """Begin."""
        ...

    def stop(self) -> None:
        """End, in bounded time."""
        ...


class PortTaken(RuntimeError):
    """Another program listens there; the message names the remedy."""


def bind(host: str, port: int, variable: str = "PORT") -> socket.socket:
    """Take the port now, so that a taken one is a sentence and not a half-started system; 0 takes any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as fault:
        taken.close()
        msg = f"port {port} is taken ({fault.strerror}): stop the other program, or set {variable} to another number"
        raise PortTaken(msg) from fault
    return taken


def living_with(app: Starlette, parts: Sequence[Part]) -> Starlette:
    """Start the parts, in order, with the app, and stop them in reverse; uvicorn runs nothing of ours after its lifespan."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: Starlette) -> AsyncIterator[None]:
        async with inner(served):
            started: list[Part] = []
            try:
                for part in parts:
                    await anyio.to_thread.run_sync(part.start)
                    started.append(part)
                yield
            finally:
                for part in reversed(started):
                    await anyio.to_thread.run_sync(part.stop)

    app.router.lifespan_context = lifespan
    return app


class Server(uvicorn.Server):
    """uvicorn, telling when it listens: what is said before that sends people to a closed door."""

    announce: Callable[[], None] | None = None

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self.announce:
            self.announce()


def serve(running: Server, listening: socket.socket, announce: Callable[[], None] | None = None) -> None:
    """Serve until Ctrl-C or SIGTERM; both end in order and return here. `announce` is called once it listens."""
    running.announce = announce
    # uvicorn raises the signal again once it has stopped: without a handler of ours, SIGTERM would end the process right there.
    signal.signal(signal.SIGTERM, lambda *_: None)
    with suppress(KeyboardInterrupt):
        running.run(sockets=[listening])


def server(app: Starlette) -> Server:
    """A server for the app; an open stream cannot hold its stop for longer than the grace."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        http="h11",  # the other parser reads headers without end
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        date_header=True,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )
    return Server(config)
