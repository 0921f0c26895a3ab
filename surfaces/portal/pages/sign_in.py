"""Signing in and out: a one-time link that only a pressed button uses up, and a session cookie."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm.access.sessions import enter, leave
from kernel.clock import now
from kernel.keys import token_hash
from surfaces.door import Door
from surfaces.portal import forms
from surfaces.portal.cookies import SESSION
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.visit import LOGIN, Visit, endpoint, go

ENTER = "/portal/enter/{token}"


def routes(door: Door) -> list[BaseRoute]:
    """Say how, ask, enter, leave."""
    return [
        Route(LOGIN, endpoint(door, say_how)),
        Route(ENTER, endpoint(door, ask)),
        Route(ENTER, endpoint(door, let_in), methods=["POST"]),
        Route("/portal/leave", endpoint(door, let_out), methods=["POST"]),
    ]


def say_how(_visit: Visit) -> Response:
    """How to sign in."""
    return page("login.html")


def ask(visit: Visit) -> Response:
    """One button, so that a scanner that opens the link does not use it up; asks the database nothing."""
    return page("enter.html", nonce=forms.nonce(visit.settings, _hash(visit).hex()))


def let_in(visit: Visit) -> Response:
    """Use the link up and begin a session."""
    forms.check_nonce(visit.settings, visit.form, _hash(visit).hex())
    with visit.door.database.transaction(credential=_hash(visit)) as session:
        _person, token = enter(session, visit.request.path_params["token"], now())
    answer = go("/portal")
    SESSION.give(answer, visit.settings, token)
    return answer


def let_out(visit: Visit) -> Response:
    """End the session."""
    with inside(visit) as it:
        it.check("leave")
        leave(it.session, it.token)
    answer = go(LOGIN)
    SESSION.take(answer, visit.settings)
    return answer


def _hash(visit: Visit) -> bytes:
    return token_hash(visit.request.path_params["token"])
