"""Why something was sent, or how it was decided: who asked, who decided, what was called and heard, in the order it happened."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.histories import recall
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint
from surfaces.portal.words import DEEDS

PATH = "/portal/approvals/{id}/why"


def routes(door: Door) -> list[BaseRoute]:
    """The page."""
    return [Route(PATH, endpoint(door, show))]


def show(visit: Visit) -> Response:
    """Tell it."""
    approval = visit.named("apr")
    with inside(visit) as it:
        told = recall(it.session, it.person.workspace_id, approval=approval)
        return page(
            "why.html",
            id=visit.request.path_params["id"],
            told=told,
            why=told.history,
            title="Why was this sent?" if any(send.sent_at for send in told.history.sends) else "How was this decided?",
            deeds=DEEDS,
            zone=it.zone,
            **it.frame,
        )
