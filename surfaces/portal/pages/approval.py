"""One approval in the portal: the same sheet as behind a link, decided, and stopped, by a signed-in owner or manager."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.decide import decide as settle
from approvals.halting import halt, halted
from approvals.versions import newest
from kernel.errors import NotFound, SaysoError
from kernel.keys import read, show
from surfaces.door import Door
from surfaces.portal import sheet
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import ForeignForm, NotSignedIn
from surfaces.portal.sheet import Told
from surfaces.portal.verdicts import decision_of
from surfaces.portal.visit import Visit, endpoint, go

PREFIX = "/portal/approvals/"
PATH = f"{PREFIX}{{id}}"


def routes(door: Door) -> list[BaseRoute]:
    """Read, decide, stop."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(PATH, endpoint(door, decide), methods=["POST"]),
        Route(f"{PATH}/stop", endpoint(door, stop), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """Show it."""
    return show_sheet(visit)


def decide(visit: Visit) -> Response:
    """Decide once; a refusal shows the page as it stands now, with the reason on top."""
    return _do(visit, _decide, sheet.overtaken)


def stop(visit: Visit) -> Response:
    """Stop what was approved and is not handed over yet; else the page says what became of it."""
    return _do(visit, _stop, sheet.as_told)


def _do(visit: Visit, deed: Callable[[Visit], None], told: Told) -> Response:
    try:
        deed(visit)
    except (ForeignForm, NotSignedIn, NotFound):
        raise
    except SaysoError as refused:
        return show_sheet(visit, refused, told)
    return go(f"{PREFIX}{show('apr', approval_of(visit))}")


def _decide(visit: Visit) -> None:
    with inside(visit) as it:
        it.check(show("apr", approval_of(visit)))
        settle(it.session, it.person, decision_of(visit, approval_of(visit), "portal"))


def _stop(visit: Visit) -> None:
    with inside(visit) as it:
        it.check(f"stop:{show('apr', approval_of(visit))}")
        halt(it.session, it.person, approval_of(visit))


def show_sheet(visit: Visit, refused: SaysoError | None = None, told: Told = sheet.as_told) -> Response:
    """The page as it stands now, with what was refused on top."""
    with inside(visit) as it:
        shown = sheet.read(it.session, it.person.workspace_id, approval_of(visit))
        refused = refused and told(shown, refused)
        return page(
            "approval.html",
            refused.status if refused else 200,
            sheet=shown,
            person=it.person,
            refused=refused,
            may_decide=shown.is_decidable and it.person.may_decide,
            may_read=True,
            stands=show("apr", newest(it.session, shown.shown.approval_id)) if shown.state == "superseded" else None,
            nonce=it.nonce(shown.id),
            stop_nonce=it.nonce(f"stop:{shown.id}") if shown.may_stop and it.person.may_decide else None,
            halted=halted(it.session, it.person.workspace_id, shown.shown.approval_id),
            **it.frame,
        )


def approval_of(visit: Visit) -> UUID:
    """Which request the address names. Raises NotFound."""
    try:
        return read("apr", visit.request.path_params["id"])
    except ValueError:
        raise NotFound from None
