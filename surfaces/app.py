"""The web application: every surface behind the same limits, headers and log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from kernel.errors import SaysoError
from surfaces import discovery, health, metrics, rest, unsubscribe, webhooks
from surfaces.door import Door
from surfaces.faults import MethodRefused, UnknownPath, explained
from surfaces.intake import refusal
from surfaces.limits import LastResort, LimitBody, SafeHeaders, TrimHeaders
from surfaces.mcp_http import McpEndpoint

FOR_PROGRAMS = ("/api", "/mcp", "/webhooks", "/.well-known", "/healthz", "/readyz", "/metrics", "/openapi.json")


def create_app(door: Door, extra_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Everything this door serves; start it with its lifespan, or `/mcp` has no task group."""
    mcp = McpEndpoint(door)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with mcp.running():
            yield

    surfaces = [*rest.routes(door), *discovery.routes(door), *health.routes(door), *metrics.routes(door), *webhooks.routes(door), *unsubscribe.routes(door)]
    app = Starlette(
        routes=[Route("/mcp", mcp, methods=["POST"]), *surfaces, *extra_routes],
        middleware=_middleware(door),
        exception_handlers={SaysoError: _refuse, HTTPException: _outside},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # it would redirect to whatever Host the caller claims
    return app


def _middleware(door: Door) -> list[Middleware]:
    https = door.settings.base_url.startswith("https://")
    return [Middleware(SafeHeaders, https=https), Middleware(LastResort), Middleware(TrimHeaders), Middleware(LimitBody)]


async def _refuse(_request: Request, error: Exception) -> Response:
    return refusal(explained(error))


async def _outside(request: Request, error: Exception) -> Response:
    """No such path, or no such method there: JSON for programs, a sentence for people."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    refused: SaysoError = MethodRefused() if status == MethodRefused.status else UnknownPath()
    if not request.url.path.startswith(FOR_PROGRAMS):
        return PlainTextResponse(f"{refused.sentence} {refused.advice}\n", status, headers)
    answer = refusal(refused)
    answer.status_code = status
    answer.headers.update(headers)
    return answer
