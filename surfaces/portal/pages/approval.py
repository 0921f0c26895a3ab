"""One approval in the portal: the same sheet as behind a link, decided by a signed-in owner or manager."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.decide import decide as settle
from kernel.errors import NotFound, SaysoError
from kernel.keys import read, show
from surfaces.door import Door
from surfaces.portal import sheet
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import ForeignForm, NotSignedIn
from surfaces.portal.verdicts import decision_of
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/approvals/{id}"


def routes(door: Door) -> list[BaseRoute]:
    """Read and decide."""
    return [Route(PATH, endpoint(door, look)), Route(PATH, endpoint(door, decide), methods=["POST"])]


def look(visit: Visit) -> Response:
    """Show it."""
    return _show(visit)


def decide(visit: Visit) -> Response:
    """Decide once; a refusal shows the page as it stands now, with the reason on top."""
    try:
        _decide(visit)
    except (ForeignForm, NotSignedIn, NotFound):
        raise
    except SaysoError as refused:
        return _show(visit, refused)
    return go(visit.request.url.path)


def _decide(visit: Visit) -> None:
    with inside(visit) as it:
        it.check(show("apr", _approval(visit)))
        settle(it.session, it.person, decision_of(visit, _approval(visit), "portal"))


def _show(visit: Visit, refused: SaysoError | None = None) -> Response:
    with inside(visit) as it:
        shown = sheet.read(it.session, it.person.workspace_id, _approval(visit))
        refused = refused if shown.is_open else refused and sheet.overtaken(shown)
        return page(
            "approval.html",
            refused.status if refused else 200,
            sheet=shown,
            person=it.person,
            refused=refused,
            may_decide=shown.is_decidable and it.person.may_decide,
            may_read=True,
            nonce=it.nonce(shown.id),
            **it.frame,
        )


def _approval(visit: Visit) -> UUID:
    try:
        return read("apr", visit.request.path_params["id"])
    except ValueError:
        raise NotFound from None
