"""Whom an agent asks to have in the team: an owner reads it, and confirms or declines it."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm.access import invites
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.pages.team import PATH, RANKS
from surfaces.portal.visit import Visit, endpoint, go

INVITE = f"{PATH}/invites/{{id}}"


def routes(door: Door) -> list[BaseRoute]:
    """Read it, settle it."""
    return [Route(INVITE, endpoint(door, ask)), Route(INVITE, endpoint(door, settle), methods=["POST"])]


def ask(visit: Visit) -> Response:
    """Who it is, what they would be let do, who asked; and two buttons."""
    with inside(visit) as it:
        it.for_owners()
        found = invites.find(it.session, it.person.workspace_id, visit.named("ivt"))
        name = show("ivt", found.id)
        means = {rank.value: words for rank, words in RANKS.items()}[found.role]
        return page("team_invite.html", invite=found, means=means, action=f"{PATH}/invites/{name}", nonce=it.nonce(f"invite:{name}"), zone=it.zone, **it.frame)


def settle(visit: Visit) -> Response:
    """Confirm it, and the invited person is written to; or end it."""
    with inside(visit) as it:
        it.for_owners()
        invite = visit.named("ivt")
        it.check(f"invite:{show('ivt', invite)}")
        if visit.form.get("verdict") == "confirm":
            invites.confirm(it.session, visit.settings, it.person, invite)
        else:
            invites.decline(it.session, it.person, invite)
    return go(PATH)
