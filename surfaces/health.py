"""Whether this process lives (`/healthz`), and whether it should be given traffic (`/readyz`, which names what is broken or missed)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from kernel.settings import version
from surfaces.door import Door

log = logging.getLogger("sayso.health")
PATIENCE = 3.0
ESSENTIAL = ("database", "migrations")
"""Without these a process cannot serve. Without the others it can: what is asked for is kept, and sent when they are back."""
IN_DATABASE = ("migrations", "worker", "clock")
"""What nobody can know while the database is away."""


def routes(door: Door) -> list[BaseRoute]:
    """The two probes."""
    return [Route("/healthz", _alive), Route("/readyz", partial(_ready, door))]


async def _alive(_request: Request) -> Response:
    return JSONResponse({"status": "ok", "version": version()})


async def _ready(door: Door, _request: Request) -> Response:
    found: dict[str, bool] = {}
    async with anyio.create_task_group() as group:
        for name, check in door.checks.items():
            group.start_soon(_ask, found, name, check)
    known = {name: holds for name, holds in found.items() if name not in IN_DATABASE or found.get("database", True)}
    broken = sorted(name for name, holds in known.items() if not holds)
    failing = [name for name in broken if name in ESSENTIAL]
    status = "failing" if failing else "degraded" if broken else "ready"
    degraded = [name for name in broken if name not in ESSENTIAL]
    return JSONResponse({"status": status, "failing": failing, "degraded": degraded, "checks": known}, 503 if failing else 200)


async def _ask(found: dict[str, bool], name: str, check: Callable[[], bool]) -> None:
    """In a thread of its own, not one of the door's: when the database hangs, those are all taken."""
    found[name] = False
    try:
        with anyio.move_on_after(PATIENCE):
            found[name] = await run_sync(check, abandon_on_cancel=True)
    except Exception:
        log.exception("the check of %s failed", name)
