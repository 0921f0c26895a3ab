"""Approval by link: opening it changes nothing; deciding takes the form, its nonce and the code that stood beside the link."""

from __future__ import annotations

import re

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.links import MOST_TRIES, CodeLocked, LinkEnded, LinkUnknown, Opened, Presented, decide_by_link, open_link
from kernel.errors import SaysoError
from kernel.keys import token_hash
from surfaces.door import Door
from surfaces.portal import forms, sheet
from surfaces.portal.cookies import LINK
from surfaces.portal.looks import page
from surfaces.portal.refusals import ForeignForm, LinkAbsent, NoCode
from surfaces.portal.sheet import Sheet
from surfaces.portal.verdicts import decision_of
from surfaces.portal.visit import Visit, endpoint, go

TOKEN = re.compile(r"[\w-]{16,64}", re.ASCII)
CODE = re.compile(r"[0-9]{6}")
BLANKS = re.compile(r"[\s-]")


def routes(door: Door) -> list[BaseRoute]:
    """Arrive, read, decide."""
    return [
        Route("/a/{token}", endpoint(door, arrive)),
        Route("/a", endpoint(door, read)),
        Route("/a", endpoint(door, decide), methods=["POST"]),
    ]


def arrive(visit: Visit) -> Response:
    """Move the token from the address into a cookie; asks the database nothing."""
    token = visit.request.path_params["token"]
    if not TOKEN.fullmatch(token):
        raise LinkUnknown
    answer = go("/a")
    LINK.give(answer, visit.settings, token)
    return answer


def read(visit: Visit) -> Response:
    """Show what would be sent, or what became of it."""
    return _show(visit, _token(visit))


def decide(visit: Visit) -> Response:
    """Decide once; a refusal shows the page as it stands now, with the reason on top."""
    token = _token(visit)
    try:
        _decide(visit, token)
    except ForeignForm:
        raise
    except SaysoError as refused:
        return _show(visit, token, refused)
    return go("/a")


def _decide(visit: Visit, token: str) -> None:
    forms.check_nonce(visit.settings, visit.form, token_hash(token).hex())
    code = BLANKS.sub("", visit.form.get("code", ""))
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        approval = open_link(session, token).link.approval_id
        decision = decision_of(visit, approval, "link")
        if not CODE.fullmatch(code):
            raise NoCode
        decide_by_link(session, visit.settings.secrets, Presented(token, code), decision)


def _token(visit: Visit) -> str:
    token = LINK.read(visit)
    if not token:
        raise LinkAbsent
    return token


def _show(visit: Visit, token: str, refused: SaysoError | None = None) -> Response:
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        opened = open_link(session, token)
        shown = sheet.read(session, opened.link.workspace_id, opened.link.approval_id)
    refused = _as_it_stands(refused, opened, shown)
    return page(
        "link.html",
        refused.status if refused else 200,
        sheet=shown,
        person=opened.person,
        refused=refused,
        may_decide=shown.is_decidable and opened.is_live and opened.person.may_decide,
        may_read=opened.link.tries < MOST_TRIES and opened.link.expires_at > shown.now,
        nonce=forms.nonce(visit.settings, token_hash(token).hex()),
    )


def _as_it_stands(refused: SaysoError | None, opened: Opened, shown: Sheet) -> SaysoError | None:
    """What the page must say on top: the decision that came first, the refusal, or why this link is dead."""
    if not shown.is_open:
        return refused and sheet.overtaken(shown)
    if refused or opened.is_live:
        return refused
    return CodeLocked() if opened.link.tries >= MOST_TRIES else LinkEnded()
