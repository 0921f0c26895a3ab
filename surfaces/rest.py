"""REST: `POST /api/{operation}` for every operation of the registry, with the arguments as the body."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from surfaces.auth import identify
from surfaces.door import Door
from surfaces.intake import arguments
from surfaces.waiting import settled


def routes(door: Door) -> list[BaseRoute]:
    """The one route that serves them all."""
    return [Route("/api/{operation}", partial(_call, door), methods=["POST"])]


async def _call(door: Door, request: Request) -> Response:
    known = await identify(door, request)
    done = await settled(door, known, request.path_params["operation"], await arguments(request))
    return JSONResponse(done.body())
