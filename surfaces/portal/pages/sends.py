"""One send: everything that happened to it, moment by moment, and where it stands now."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.histories import recall
from kernel.errors import NotFound
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.timeline import steps
from surfaces.portal.visit import Visit, endpoint
from surfaces.portal.words import FATES

PATH = "/portal/sends/{id}"
LOOK_AGAIN = 5
"""Seconds after which an unsettled one looks again."""


def routes(door: Door) -> list[BaseRoute]:
    """The page."""
    return [Route(PATH, endpoint(door, look))]


def look(visit: Visit) -> Response:
    """Tell it. Mail to our own people has no page: it may hold their secrets."""
    intent = visit.named("int")
    with inside(visit) as it:
        told = recall(it.session, it.person.workspace_id, intent=intent).history
        if not told.sends:
            raise NotFound
        (send,) = told.sends
        return page(
            "send.html",
            id=show("int", intent),
            approval=show("apr", told.approval_id),
            send=send,
            fate=FATES[send.state],
            steps=steps(told),
            refresh=None if send.is_settled else LOOK_AGAIN,
            zone=it.zone,
            **it.frame,
        )
