"""Who decides for whom: everybody sees it, whoever may decide lets somebody do it until a day, and takes it back."""

from __future__ import annotations

from datetime import date

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals import delegations
from approvals.delegations import NoSuchDay, NotForYou
from approvals.people import everybody
from crm.access.team import find
from kernel.errors import NotFound, SaysoError
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint, go, id_of

PATH = "/portal/settings/delegations"


def routes(door: Door) -> list[BaseRoute]:
    """See, give, take back."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(PATH, endpoint(door, give), methods=["POST"]),
        Route(f"{PATH}/{{id}}/end", endpoint(door, end), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """Who decides for whom."""
    return _show(visit)


def give(visit: Visit) -> Response:
    """Let somebody decide in my place."""
    try:
        with inside(visit) as it:
            it.for_deciders()
            it.check("delegate")
            to = find(it.session, it.person.workspace_id, id_of("per", visit.form.get("to", ""), NotFound))
            delegations.delegate(it.session, visit.settings, it.person, to, _day(visit))
    except (NoSuchDay, NotForYou) as refused:
        return _show(visit, refused)
    return go(PATH)


def end(visit: Visit) -> Response:
    """Take it back."""
    with inside(visit) as it:
        it.for_deciders()
        which = visit.named("dlg")
        it.check(f"undelegate:{show('dlg', which)}")
        delegations.revoke(it.session, it.person, which)
    return go(PATH)


def _day(visit: Visit) -> date:
    try:
        return date.fromisoformat(visit.form.get("until", ""))
    except ValueError:
        raise NoSuchDay from None


def _show(visit: Visit, refused: SaysoError | None = None) -> Response:
    with inside(visit) as it:
        people = {person.id: person for person in everybody(it.session, it.person.workspace_id)}
        given = delegations.live(it.session, it.person.workspace_id)
        mine = [one for one in given if it.person.may_decide and (one.from_person == it.person.id or it.person.rank == "owner")]
        return page(
            "delegations.html",
            refused.status if refused else 200,
            refused=refused,
            given=[(show("dlg", one.id), one, people[one.from_person].name, people[one.to_person].name) for one in given],
            nonces={show("dlg", one.id): it.nonce(f"undelegate:{show('dlg', one.id)}") for one in mine},
            others=[(show("per", one.id), one.name) for one in people.values() if one.ended_at is None and one.id != it.person.id],
            nonce=it.nonce("delegate") if it.person.may_decide else None,
            zone=it.zone,
            **it.frame,
        )
