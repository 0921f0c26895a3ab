"""The ledger: everything that was asked for, who decided it, and what really left."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from surfaces.door import Door
from surfaces.portal import sheet
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint


def routes(door: Door) -> list[BaseRoute]:
    """The ledger."""
    return [Route("/portal/ledger", endpoint(door, show))]


def show(visit: Visit) -> Response:
    """The newest first."""
    with inside(visit) as it:
        return page("ledger.html", sheets=sheet.recent(it.session, it.person.workspace_id), **it.frame)
