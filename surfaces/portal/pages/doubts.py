"""Sends in doubt, each with its evidence, and the three ways in which a person settles one."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals import standstill
from approvals.resolve import VERDICTS, resolve
from kernel.errors import SaysoError
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.pages.batches import fresh
from surfaces.portal.refusals import NoVerdict
from surfaces.portal.verdicts import reason_of
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/doubts"


def routes(door: Door) -> list[BaseRoute]:
    """See them, settle one."""
    return [Route(PATH, endpoint(door, look)), Route(f"{PATH}/{{id}}", endpoint(door, settle), methods=["POST"])]


def look(visit: Visit) -> Response:
    """All of them, the first asked for first."""
    return _show(visit)


def settle(visit: Visit) -> Response:
    """Settle one; a refusal shows the page as it stands now, with the reason on top."""
    try:
        _settle(visit)
    except SaysoError as refused:
        return _show(visit, refused)
    return go(PATH)


def _settle(visit: Visit) -> None:
    intent = visit.named("int")
    with inside(visit) as it:
        it.check(f"doubt:{show('int', intent)}")
        verdict = next((known for known in VERDICTS if known == visit.form.get("verdict")), None)
        if verdict is None:
            raise NoVerdict
        resolve(it.session, it.person, intent, verdict, reason_of(visit))


def _show(visit: Visit, refused: SaysoError | None = None) -> Response:
    with inside(visit) as it:
        doubts = standstill.stuck(it.session, it.person.workspace_id, "in_doubt")
        named = [(show("int", doubt.intent_id), doubt) for doubt in doubts]
        return page(
            "doubts.html",
            refused.status if refused else 200,
            doubts=[(name, doubt, it.nonce(f"doubt:{name}")) for name, doubt in named],
            batch=fresh(it),
            picks_all=visit.request.query_params.get("pick") == "all",
            refused=refused,
            may_act=it.person.may_decide,
            zone=it.zone,
            **it.frame,
        )
