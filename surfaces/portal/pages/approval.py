"""One approval in the portal: the same sheet as behind a link, decided, and stopped, by a signed-in owner or manager."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.decide import decide as settle
from approvals.halting import halted, rests
from approvals.versions import newest
from kernel.errors import NotFound, SaysoError
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal import sheet
from surfaces.portal.guard import inside
from surfaces.portal.hands import HANDS
from surfaces.portal.looks import page
from surfaces.portal.runs import Hand
from surfaces.portal.sheet import Told
from surfaces.portal.verdicts import decision_of
from surfaces.portal.visit import Page, Visit, endpoint, go

PREFIX = "/portal/approvals/"
PATH = f"{PREFIX}{{id}}"


def routes(door: Door) -> list[BaseRoute]:
    """Read, decide, stop and pause."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(PATH, endpoint(door, decide), methods=["POST"]),
        *(Route(f"{PATH}/{hand}", endpoint(door, handled(hand)), methods=["POST"]) for hand in HANDS),
    ]


def look(visit: Visit) -> Response:
    """Show it."""
    return show_sheet(visit)


def decide(visit: Visit) -> Response:
    """Decide once; a refusal shows the page as it stands now, with the reason on top."""
    return _do(visit, _decide, sheet.overtaken)


def handled(hand: Hand) -> Page:
    """Stop, pause or let go on what was approved and is not handed over yet; else the page says what became of it."""
    return lambda visit: _do(visit, lambda visit: _handle(visit, hand), sheet.as_told)


def _do(visit: Visit, deed: Callable[[Visit], None], told: Told) -> Response:
    try:
        deed(visit)
    except NotFound:
        raise
    except SaysoError as refused:
        return show_sheet(visit, refused, told)
    return go(f"{PREFIX}{show('apr', visit.named('apr'))}")


def _decide(visit: Visit) -> None:
    with inside(visit) as it:
        it.check(show("apr", visit.named("apr")))
        settle(it.session, it.person, decision_of(visit, visit.named("apr"), "portal"))


def _handle(visit: Visit, hand: Hand) -> None:
    with inside(visit) as it:
        it.check(f"{hand}:{show('apr', visit.named('apr'))}")
        HANDS[hand](it.session, it.person, visit.named("apr"), visit.settings)


def show_sheet(visit: Visit, refused: SaysoError | None = None, told: Told = sheet.as_told) -> Response:
    """The page as it stands now, with what was refused on top."""
    with inside(visit) as it:
        shown = sheet.read(it.session, it.person.workspace_id, visit.named("apr"))
        refused = refused and told(shown, refused)
        run = shown.run(is_paused=rests(it.session, it.person.workspace_id, shown.shown.approval_id))
        return page(
            "approval.html",
            refused.status if refused else 200,
            sheet=shown,
            person=it.person,
            refused=refused,
            may_decide=shown.is_decidable and it.person.may_vote,
            may_read=True,
            stands=show("apr", newest(it.session, shown.shown.approval_id)) if shown.state == "superseded" else None,
            nonce=it.nonce(shown.id),
            run=run,
            hands={hand: it.nonce(f"{hand}:{shown.id}") for hand in shown.hands(run)} if it.person.may_vote else {},
            halted=halted(it.session, it.person.workspace_id, shown.shown.approval_id),
            **it.frame,
        )
