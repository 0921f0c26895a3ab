"""The plan: everybody sees what the business has and uses; an owner pays for another, and sees, changes or ends what is paid."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.people import Rank
from crm.plans import upgrading
from crm.plans.gate import plan_in, usages
from crm.plans.subscriptions import GRACE
from crm.plans.table import PLANS, PRICED_IN
from crm.plans.upgrading import BACK, Becomes, Wish
from kernel.call import Call
from kernel.errors import Conflict
from outbox.events import Actor, note
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import UnreadableForm
from surfaces.portal.visit import Visit, endpoint, go

LOOK_AGAIN_S = 2
PRETENDED: tuple[Becomes, ...] = ("active", "past_due", "canceled")
DEEDS: dict[str, Callable[[Call], object]] = {
    "upgrade-monthly": lambda call: upgrading.prepare(call, Wish(PLANS["pro"], "monthly")),
    "upgrade-yearly": lambda call: upgrading.prepare(call, Wish(PLANS["pro"], "yearly")),
    "visit": upgrading.visit,
    **{f"pretend-{becomes}": partial(upgrading.pretend, becomes=becomes) for becomes in PRETENDED},
}


def routes(door: Door) -> list[BaseRoute]:
    """See it, do something about it."""
    return [Route(BACK, endpoint(door, look)), Route(BACK, endpoint(door, act), methods=["POST"])]


def look(visit: Visit) -> Response:
    """The plan, what is used of it, and what an owner can do."""
    with inside(visit) as it:
        return _show(it)


def act(visit: Visit) -> Response:
    """Do it; the page then waits for the provider. A refusal shows the page again, with the reason on top."""
    deed = visit.form.get("deed", "")
    try:
        with inside(visit) as it:
            it.for_owners()
            it.check("plan")
            if deed not in DEEDS:
                raise UnreadableForm
            DEEDS[deed](it.call)
            note(it.session, Actor.of(it.call), f"plan.{deed.partition('-')[0]}", deed)
    except Conflict as refused:
        with inside(visit) as it:
            return _show(it, refused)
    return go(f"{BACK}?wait={deed}")


def _show(it: Inside, refused: Conflict | None = None) -> Response:
    call = it.call
    plan, paid = plan_in(call), upgrading.standing(it.session, call.workspace)
    shown: dict[str, Any] = {
        "plan": plan,
        "usages": usages(call, plan),
        "paid": paid,
        "until": paid["period_from"] + GRACE if paid and paid["state"] == "past_due" and paid["period_from"] else None,
        "ready": upgrading.page_of(it.session, call.workspace) if paid is None and plan.limits else None,
        "visit": upgrading.visit_of(it.session, call.workspace) if paid else None,
        "is_sandbox": call.settings.payments == "sandbox",
        "offers": [] if paid or not plan.limits else [each for each in PLANS.values() if upgrading.is_for_sale(call.settings, each)],
        "priced_in": PRICED_IN,
    }
    nonce = it.nonce("plan") if it.person.rank == Rank.OWNER else ""
    about = {"refused": refused, "nonce": nonce, "zone": it.zone, "waits": _waits(it, shown)}
    return page("plan.html", refused.status if refused else 200, **about, **shown, **it.frame)


def _waits(it: Inside, shown: dict[str, Any]) -> int | None:
    """Seconds until the page looks again by itself, while what was asked for is on its way."""
    deed, _, becomes = it.visit.request.query_params.get("wait", "").partition("-")
    page, visit, stands = shown["ready"], shown["visit"], shown["paid"]["state"] if shown["paid"] else "canceled"
    coming = {
        "upgrade": page and not page["url"] and not shown["is_sandbox"],
        "visit": visit and not visit["url"],
        "pretend": becomes in PRETENDED and becomes != stands,
    }
    return LOOK_AGAIN_S if coming.get(deed) else None
