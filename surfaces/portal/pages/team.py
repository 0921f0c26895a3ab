"""The people of a business: everybody sees them, an owner adds one, and ends one after a question."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.people import Rank, everybody
from crm.access import invites, team
from crm.access.team import AlreadyHere, LastOwner, Newcomer
from kernel.arguments import fitted
from kernel.errors import InvalidArguments, SaysoError
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import PersonIncomplete
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/settings/team"
END = f"{PATH}/{{id}}/end"
RANKS = {
    Rank.STAFF: "sees everything, decides nothing",
    Rank.MANAGER: "approves and rejects, pauses sending, makes keys",
    Rank.OWNER: "the same, and says who belongs",
}
"""What each role lets a person do, in plain words."""


def routes(door: Door) -> list[BaseRoute]:
    """See them, add one, ask before ending one, end one."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(PATH, endpoint(door, add), methods=["POST"]),
        Route(END, endpoint(door, ask)),
        Route(END, endpoint(door, end), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """Everybody who belongs, longest here first."""
    return _show(visit)


def add(visit: Visit) -> Response:
    """Add a person; a refusal shows the page again, with the reason on top."""
    try:
        with inside(visit) as it:
            it.for_owners()
            it.check("new-person")
            team.add(it.session, visit.settings, it.person, _newcomer(visit))
    except (AlreadyHere, PersonIncomplete) as refused:
        return _show(visit, refused)
    return go(PATH)


def ask(visit: Visit) -> Response:
    """What ending this person means, and the button that does it."""
    with inside(visit) as it:
        it.for_owners()
        person = team.find(it.session, it.person.workspace_id, visit.named("per"))
        name = show("per", person.id)
        is_me = person.id == it.person.id
        return page("team_end.html", person=person, is_me=is_me, action=f"{PATH}/{name}/end", nonce=it.nonce(f"end-person:{name}"), **it.frame)


def end(visit: Visit) -> Response:
    """End a person; the last owner stays."""
    try:
        with inside(visit) as it:
            it.for_owners()
            person = visit.named("per")
            it.check(f"end-person:{show('per', person)}")
            team.end(it.session, it.person, person)
    except LastOwner as refused:
        return _show(visit, refused)
    return go(PATH)


def _newcomer(visit: Visit) -> Newcomer:
    said = {name: visit.form.get(name, "").strip() for name in ("name", "address", "rank")}
    try:
        return fitted(Newcomer, said)
    except InvalidArguments:
        raise PersonIncomplete from None


def _show(visit: Visit, refused: SaysoError | None = None) -> Response:
    with inside(visit) as it:
        return page(
            "team.html",
            refused.status if refused else 200,
            refused=refused,
            people=[(show("per", person.id), person) for person in everybody(it.session, it.person.workspace_id) if person.ended_at is None],
            invites=[(show("ivt", invite.id), invite) for invite in invites.waiting(it.session, it.person.workspace_id)],
            person=it.person,
            ranks={rank.value: words for rank, words in RANKS.items()},
            nonce=_nonce(it),
            zone=it.zone,
            **it.frame,
        )


def _nonce(it: Inside) -> str | None:
    """For the form that adds somebody; only owners get one."""
    return it.nonce("new-person") if it.person.rank == Rank.OWNER else None
