"""Why something was sent, or how it was decided: who asked, who decided, what was called and heard, in the order it happened."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.histories import recall
from kernel.errors import NotFound
from kernel.keys import read
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint

PATH = "/portal/approvals/{id}/why"
DEEDS: dict[str, str] = {
    "approval.requested": "asked for it",
    "approval.voted": "approved it, and somebody else had to as well",
    "approval.approved": "approved it",
    "approval.rejected": "rejected it",
    "approval.withdrawn": "took it back",
    "approval.expired": "let it expire, for nobody decided in time",
    "approval.superseded": "replaced it by an edited one",
    "approval.edited": "changed the words of what was asked for",
    "approval.stopped": "stopped it before it left",
    "intent.cancelled": "cancelled it",
    "doubt.resolved": "settled the doubt",
    "dead_letter.replayed": "had it tried again",
}
"""What is written of a request and its sends, as an owner says it."""


def routes(door: Door) -> list[BaseRoute]:
    """The page."""
    return [Route(PATH, endpoint(door, show))]


def show(visit: Visit) -> Response:
    """Tell it."""
    try:
        approval = read("apr", visit.request.path_params["id"])
    except ValueError:
        raise NotFound from None
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
