"""Letting a terminal in: the code that it shows, what it will be able to do, and a button that a signed-in person presses."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.resolve import is_operator
from crm.access import logins
from kernel.tenancy import Workspace
from outbox.events import Actor, note
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import NoVerdict
from surfaces.portal.visit import Visit, endpoint

PATH = "/portal/confirm"
LETS_IN = {"confirm": True, "refuse": False}


def routes(door: Door) -> list[BaseRoute]:
    """Read, answer."""
    return [Route(PATH, endpoint(door, look)), Route(PATH, endpoint(door, answer), methods=["POST"])]


def look(visit: Visit) -> Response:
    """What would be let in, and to what; asks for nothing to be written."""
    name = visit.request.query_params.get("login", "")
    with inside(visit) as it:
        login = logins.read(visit.settings, name)
        return page(
            "confirm.html",
            answered=None,
            code=logins.code_of(visit.settings, login.id),
            login=name,
            nonce=it.nonce(f"confirm:{login.id.hex}"),
            person=it.person,
            operates=is_operator(it.person, visit.settings),
            business=it.session.get_one(Workspace, it.person.workspace_id).name,
            **it.frame,
        )


def answer(visit: Visit) -> Response:
    """Let it in or turn it away, once."""
    with inside(visit) as it:
        login = logins.read(visit.settings, visit.form.get("login", ""))
        it.check(f"confirm:{login.id.hex}")
        lets_in = LETS_IN.get(visit.form.get("verdict", ""))
        if lets_in is None:
            raise NoVerdict
        logins.answer(it.session, it.person, login, lets_in=lets_in)
        deed = "terminal.let_in" if lets_in else "terminal.turned_away"
        note(it.session, Actor(it.person.workspace_id, it.person.as_caller()), deed, str(it.person.id), origin=visit.origin)
        return page("confirm.html", answered=lets_in, **it.frame)
