"""Standing approvals in the portal: what was approved is allowed for the future within limits; everybody sees them, deciders make and revoke them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals import standing
from approvals.policing import current
from approvals.requests import read as read_request
from approvals.standing import NotRepeatable, Terms
from kernel.clock import now
from kernel.errors import InvalidArguments
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import TermsIncomplete
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/standing"
REVOKE = f"{PATH}/{{id}}/revoke"
ALLOW = "/portal/approvals/{id}/allow"
MOST = 100
LONGEST_NUMBER = 6


def routes(door: Door) -> list[BaseRoute]:
    """See them, make one of what was approved, ask before revoking one, revoke it."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(ALLOW, endpoint(door, ask)),
        Route(ALLOW, endpoint(door, allow), methods=["POST"]),
        Route(REVOKE, endpoint(door, ask_again)),
        Route(REVOKE, endpoint(door, revoke), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """All of them, newest first."""
    with inside(visit) as it:
        found = standing.listed(it.session, it.person.workspace_id, MOST)
        return page(
            "standing.html",
            found=[(show("sta", one.id), one, many, lives) for one, many, lives in found],
            person=it.person,
            now=now(),
            zone=it.zone,
            **it.frame,
        )


def ask(visit: Visit) -> Response:
    """What allowing this means, and the form with its limits."""
    return _form(visit)


def allow(visit: Visit) -> Response:
    """Allow it; a refusal shows the form again, with the reason on top."""
    approval = visit.named("apr")
    try:
        with inside(visit) as it:
            it.for_deciders()
            it.check(f"allow:{show('apr', approval)}")
            standing.make(it.session, it.person, approval, terms_of(visit, it.zone))
    except (InvalidArguments, NotRepeatable) as refused:
        return _form(visit, refused)
    return go(PATH)


def terms_of(visit: Visit, zone: ZoneInfo) -> Terms:
    """The limits that were typed in; a day counts to its end on the business's own clock."""
    said = visit.form.get("per_day", "").strip()
    try:
        last = date.fromisoformat(visit.form.get("until", "").strip())
        until = datetime.combine(last, time(), zone) + timedelta(days=1)
    except (ValueError, OverflowError):
        raise TermsIncomplete from None
    if not (said.isascii() and said.isdigit() and len(said) <= LONGEST_NUMBER):
        raise TermsIncomplete
    return Terms(int(said), until, visit.form.get("whom") != "anybody")


def _form(visit: Visit, refused: InvalidArguments | NotRepeatable | None = None) -> Response:
    with inside(visit) as it:
        it.for_deciders()
        approval = visit.named("apr")
        shown = read_request(it.session, it.person.workspace_id, approval)
        standing.repeatable(it.session, it.person.workspace_id, approval)
        name, settings = show("apr", approval), current(it.session, it.person.workspace_id)["standing"]
        return page(
            "standing_new.html",
            refused.status if refused else 200,
            id=name,
            preview=shown.preview[0],
            limits=settings,
            last_day=(now().astimezone(it.zone) + timedelta(days=30)).date(),
            refused=refused,
            nonce=it.nonce(f"allow:{name}"),
            **it.frame,
        )


def ask_again(visit: Visit) -> Response:
    """What revoking means, and the button that does it."""
    with inside(visit) as it:
        it.for_deciders()
        name = show("sta", standing.find(it.session, it.person.workspace_id, visit.named("sta")).id)
        return page("standing_revoke.html", action=f"{PATH}/{name}/revoke", nonce=it.nonce(f"revoke-standing:{name}"), **it.frame)


def revoke(visit: Visit) -> Response:
    """End one for good, and hold what waits under it."""
    with inside(visit) as it:
        it.for_deciders()
        named = visit.named("sta")
        it.check(f"revoke-standing:{show('sta', named)}")
        standing.revoke(it.session, it.person, named)
    return go(PATH)
