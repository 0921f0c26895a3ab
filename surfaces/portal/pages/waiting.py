"""What waits for a decision, oldest first."""

from __future__ import annotations

from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.tables import Approval
from surfaces.door import Door
from surfaces.portal import sheet
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint


def routes(door: Door) -> list[BaseRoute]:
    """The portal's first page."""
    return [Route("/portal", endpoint(door, show))]


def show(visit: Visit) -> Response:
    """One card for each, and how many there are in all."""
    with inside(visit) as it:
        sheets = sheet.waiting(it.session, it.person.workspace_id)
        return page("waiting.html", sheets=sheets, count=_count(it), may_decide=it.person.may_decide, **it.frame)


def _count(it: Inside) -> int:
    mine = (Approval.workspace_id == it.person.workspace_id, Approval.state == "pending", Approval.expires_at > func.now())
    return it.session.scalar(select(func.count()).where(*mine)) or 0
