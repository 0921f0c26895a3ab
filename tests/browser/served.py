"""An application behind a real socket, so that a real browser can reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from processes.serving import bind, server
from tests.fixtures.waiting import until

STARTED_S = 10


@contextmanager
def served(make: Callable[[str], Starlette]) -> Iterator[str]:
    """Serve what `make` builds for its address, and lend that address."""
    listening = bind("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    running = server(make(address))
    thread = Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        until(lambda: running.started, STARTED_S, "the server did not start")
        yield address
    finally:
        running.should_exit = True
        thread.join(STARTED_S)
        listening.close()


def showing(html: str) -> Callable[[str], Starlette]:
    """Somebody else's page, for `served`."""

    async def page(_request: Request) -> Response:
        return HTMLResponse(html)

    return lambda _address: Starlette(routes=[Route("/", page)])
