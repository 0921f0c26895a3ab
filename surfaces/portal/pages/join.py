"""Coming in by an invitation, for a person with its letter and no agent: ask for the code, type it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm.access import invites
from crm.access.registration import CodeExpired, TriesSpent, WrongCode
from crm.access.throttle import TooOften
from kernel.arguments import fitted
from kernel.errors import InvalidArguments, SaysoError
from kernel.keys import token_hash
from kernel.operation import Asked
from outbox.content import one_line, readable
from surfaces.door import Door
from surfaces.portal import forms
from surfaces.portal.looks import page
from surfaces.portal.refusals import JoinCodeRefused, StaleForm
from surfaces.portal.visit import Visit, endpoint, go

JOIN = "/portal/join/{token}"
CODE = f"{JOIN}/code"


class Newcomer(Asked):
    """What is typed."""

    name: Annotated[str, AfterValidator(one_line), AfterValidator(readable)] | None = Field(None, max_length=80)
    code: str = Field(pattern=r"^[0-9]{6}$")


def routes(door: Door) -> list[BaseRoute]:
    """Ask for a code, type it."""
    return [
        Route(JOIN, endpoint(door, offer)),
        Route(JOIN, endpoint(door, send), methods=["POST"]),
        Route(CODE, endpoint(door, wait)),
        Route(CODE, endpoint(door, accept), methods=["POST"]),
    ]


def offer(visit: Visit) -> Response:
    """One button, so that a scanner that opens the link sends nothing; asks the database nothing."""
    return page("join.html", nonce=_nonce(visit, "join"))


def send(visit: Visit) -> Response:
    """Post the code to the invited address."""
    forms.check_nonce(visit.settings, visit.form, _hash(visit), "join")
    with visit.door.database.transaction() as session:
        invites.ask_code(session, visit.settings, visit.request.path_params["token"], visit.origin)
    return go(f"{visit.request.url.path}/code")


def wait(visit: Visit) -> Response:
    """Ask for the code."""
    return _ask_code(visit)


def accept(visit: Visit) -> Response:
    """Let the person belong; a wrong code shows the page again."""
    try:
        forms.check_nonce(visit.settings, visit.form, _hash(visit), "code")
        said = fitted(Newcomer, {"name": visit.form.get("name", "").strip() or None, "code": visit.form.get("code", "").replace(" ", "")})
        with visit.door.database.transaction() as session:
            joined = invites.accept(session, visit.settings, visit.request.path_params["token"], said.code, said.name)
    except (WrongCode, CodeExpired, TriesSpent, InvalidArguments):
        return _ask_code(visit, JoinCodeRefused())
    except (StaleForm, TooOften) as refused:
        return _ask_code(visit, refused)
    return page("joined.html", role=joined.role)


def _ask_code(visit: Visit, refused: SaysoError | None = None) -> Response:
    again = visit.request.url.path.removesuffix("/code")
    return page("join_code.html", refused.status if refused else 200, refused=refused, nonce=_nonce(visit, "code"), again=again)


def _nonce(visit: Visit, subject: str) -> str:
    return forms.nonce(visit.settings, _hash(visit), subject)


def _hash(visit: Visit) -> str:
    return token_hash(visit.request.path_params["token"]).hex()
