"""Dead letters: what failed for good, why, and another try with the bytes that were approved."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals import standstill
from approvals.resolve import replay
from kernel.errors import SaysoError
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.pages.batches import fresh
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/dead"


def routes(door: Door) -> list[BaseRoute]:
    """See them, replay one."""
    return [Route(PATH, endpoint(door, look)), Route(f"{PATH}/{{id}}", endpoint(door, again), methods=["POST"])]


def look(visit: Visit) -> Response:
    """All of them, the newest first."""
    return _show(visit)


def again(visit: Visit) -> Response:
    """Replay one; a refusal shows the page as it stands now, with the reason on top."""
    try:
        _again(visit)
    except SaysoError as refused:
        return _show(visit, refused)
    return go(PATH)


def _again(visit: Visit) -> None:
    intent = visit.named("int")
    with inside(visit) as it:
        it.check(f"dead:{show('int', intent)}")
        replay(it.session, it.person, intent)


def _show(visit: Visit, refused: SaysoError | None = None) -> Response:
    with inside(visit) as it:
        letters = standstill.stuck(it.session, it.person.workspace_id, "failed")
        named = [(show("int", letter.intent_id), letter) for letter in letters]
        return page(
            "dead.html",
            refused.status if refused else 200,
            letters=[(name, letter, it.nonce(f"dead:{name}")) for name, letter in named],
            batch=fresh(it),
            picks_all=visit.request.query_params.get("pick") == "all",
            refused=refused,
            may_act=it.person.may_decide,
            zone=it.zone,
            **it.frame,
        )
