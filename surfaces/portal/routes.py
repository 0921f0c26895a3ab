"""Every address of the portal: the pages found in `pages/`, the static files, and a calm answer for everything else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from kernel.discover import modules
from surfaces.door import Door
from surfaces.faults import UnknownPath
from surfaces.portal.assets import ASSETS, FOREVER, Asset
from surfaces.portal.visit import Endpoint, Visit, endpoint


def routes(door: Door) -> list[BaseRoute]:
    """The routes, most specific first: `/a/edit` must not be taken for a link's token."""
    found = [route for page in modules("surfaces.portal.pages") for route in page.routes(door)]
    found.sort(key=lambda route: "{" in route.path)
    assets = [Route(asset.url, _serve(asset)) for asset in ASSETS.values()]
    strays = [Route(f"{place}/{{rest:path}}", endpoint(door, _nothing_here)) for place in ("/a", "/pay", "/portal")]
    return [*assets, *found, *strays]


def _serve(asset: Asset) -> Endpoint:
    async def answer(request: Request) -> Response:
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, media_type=asset.media_type, headers={**FOREVER, "Content-Encoding": "gzip"})
        return Response(asset.plain, media_type=asset.media_type, headers=FOREVER)

    return answer


def _nothing_here(_visit: Visit) -> Response:
    raise UnknownPath(next_step="Go to what waits for a decision.")
