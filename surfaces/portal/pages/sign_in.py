"""Signing in and out: an e-mailed code or a one-time link from the host, a pressed button for either, and a session cookie."""

from __future__ import annotations

import re

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm.access import codes
from crm.access.sessions import enter, leave
from crm.access.throttle import TooOften
from kernel.clock import now
from kernel.errors import SaysoError
from kernel.keys import show, token_hash
from kernel.settings import command
from outbox.content import as_address
from surfaces.door import Door
from surfaces.portal import forms
from surfaces.portal.cookies import ASKED, SESSION
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import NoAddress, StaleForm
from surfaces.portal.visit import LOGIN, Visit, endpoint, evenly, go, id_of

ENTER = "/portal/enter/{token}"
CODE = f"{LOGIN}/code"
CHOOSE = f"{LOGIN}/choose"
LONGEST_ADDRESS = 320
BLANKS = re.compile(r"[\s-]")


def routes(door: Door) -> list[BaseRoute]:
    """Ask for a code, type it, choose; enter by a link; leave."""
    return [
        Route(LOGIN, endpoint(door, begin)),
        Route(LOGIN, evenly(endpoint(door, send)), methods=["POST"]),
        Route(CODE, endpoint(door, wait)),
        Route(CODE, evenly(endpoint(door, prove)), methods=["POST"]),
        Route(CHOOSE, endpoint(door, offer)),
        Route(CHOOSE, endpoint(door, choose), methods=["POST"]),
        Route(ENTER, endpoint(door, ask)),
        Route(ENTER, endpoint(door, let_in), methods=["POST"]),
        Route("/portal/leave", endpoint(door, let_out), methods=["POST"]),
    ]


def begin(visit: Visit) -> Response:
    """Ask for the address."""
    return _ask_address(visit)


def send(visit: Visit) -> Response:
    """Post a code to whoever has the address; the answer is the same when nobody has."""
    try:
        forms.check_nonce(visit.settings, visit.form, "sign-in")
        address = _address(visit)
        with visit.door.database.transaction() as session:
            browser = codes.ask(session, visit.settings, address, visit.origin, now())
    except (StaleForm, NoAddress, TooOften) as refused:
        return _ask_address(visit, refused)
    answer = go(CODE)
    ASKED.give(answer, visit.settings, browser)
    return answer


def wait(visit: Visit) -> Response:
    """Ask for the code; says nothing of whether one was posted."""
    return _ask_code(visit) if ASKED.read(visit) else go(LOGIN)


def prove(visit: Visit) -> Response:
    """Look at the code: right, and the only workspace opens; wrong, and the page says so, and no more."""
    browser = ASKED.read(visit)
    try:
        forms.check_nonce(visit.settings, visit.form, token_hash(browser).hex(), "code")
        code = BLANKS.sub("", visit.form.get("code", ""))
        with visit.door.database.transaction(credential=token_hash(browser)) as session:
            places = codes.prove(session, visit.settings, browser, code, now())
            token = codes.come_in(session, browser, places[0].workspace_id, now(), visit.origin) if len(places) == 1 else None
    except (StaleForm, codes.WrongSignInCode) as refused:
        return _ask_code(visit, refused)
    return _welcome(visit, token) if token else go(CHOOSE)


def offer(visit: Visit) -> Response:
    """The workspaces of somebody who belongs to several."""
    browser = ASKED.read(visit)
    with visit.door.database.transaction(credential=token_hash(browser)) as session:
        places = codes.places(session)
    if not places:
        return go(LOGIN)
    nonce = forms.nonce(visit.settings, token_hash(browser).hex(), "choose")
    return page("choose.html", places=[(show("org", place.workspace_id), place.name) for place in places], nonce=nonce)


def choose(visit: Visit) -> Response:
    """Begin a session in the chosen one."""
    browser = ASKED.read(visit)
    forms.check_nonce(visit.settings, visit.form, token_hash(browser).hex(), "choose")
    workspace = id_of("org", visit.form.get("verdict", ""), codes.SignInEnded)
    with visit.door.database.transaction(credential=token_hash(browser)) as session:
        token = codes.come_in(session, browser, workspace, now(), visit.origin)
    return _welcome(visit, token)


def _welcome(visit: Visit, token: str) -> Response:
    answer = go("/portal")
    SESSION.give(answer, visit.settings, token)
    ASKED.take(answer, visit.settings)
    return answer


def _address(visit: Visit) -> str:
    try:
        return as_address(visit.form.get("address", "").strip()[:LONGEST_ADDRESS])
    except ValueError:
        raise NoAddress from None


def _ask_address(visit: Visit, refused: SaysoError | None = None) -> Response:
    nonce = forms.nonce(visit.settings, "sign-in")
    return page("sign_in.html", refused.status if refused else 200, refused=refused, nonce=nonce, command=command())


def _ask_code(visit: Visit, refused: SaysoError | None = None) -> Response:
    nonce = forms.nonce(visit.settings, token_hash(ASKED.read(visit)).hex(), "code")
    stays = f"{command()} mailbox" if visit.settings.email == "sandbox" else None
    return page("sign_in_code.html", refused.status if refused else 200, refused=refused, nonce=nonce, again=LOGIN, mailbox=stays)


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
