"""`/metrics` on the web process, behind a token of its own; without one set there is no such page."""

from __future__ import annotations

from functools import partial

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kernel.errors import AuthRequired
from kernel.keys import same
from kernel.settings import Settings
from surfaces.door import Door
from surfaces.faults import UnknownPath

TYPE = "text/plain; version=0.0.4; charset=utf-8"


class TokenNeeded(AuthRequired):
    """This page needs the token for metrics."""

    code = "metrics_token_needed"
    next_step = "Send `Authorization: Bearer` with the SAYSO_METRICS_TOKEN of the server; a person's session or an agent's key does not open it."


def routes(door: Door) -> list[BaseRoute]:
    """One address, for whoever scrapes."""
    return [Route("/metrics", partial(_metrics, door), methods=["GET"])]


def lets_in(settings: Settings, authorization: str) -> bool:
    """Whether this header carries the token that is set; compared in constant time."""
    token = settings.metrics_token.get_secret_value()
    kind, _, given = authorization.partition(" ")
    return bool(token) and kind.lower() == "bearer" and same(given.strip().encode(), token.encode())


async def _metrics(door: Door, request: Request) -> Response:
    if door.exposition is None or not door.settings.metrics_token.get_secret_value():
        raise UnknownPath
    if not lets_in(door.settings, request.headers.get("authorization", "")):
        raise TokenNeeded
    # In a thread of its own, not one of the door's: when the database hangs, those are all taken.
    return Response(await run_sync(door.exposition), media_type=TYPE)
