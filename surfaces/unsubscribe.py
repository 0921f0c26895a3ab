"""Taking oneself off the letters of a business: opening the link asks, one POST does it (RFC 8058), and nobody signs in for it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm.contacts.consents import leave_letters
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.errors import SaysoError
from kernel.tenancy import Workspace
from outbox.unsubscribing import PATH, unsubscriber
from surfaces.door import Door
from surfaces.faults import told
from surfaces.portal.looks import page, refusal_page

WORD = ("List-Unsubscribe", "One-Click")
"""What a mail program posts, and our own button too."""
MOST_FIELDS = 20
CUSTOMER = Caller("public", None, "the customer")
SAID = "took themselves off by the link in a letter"


class LinkOver(SaysoError):
    """This link is not one of ours, or too old."""

    code = "link_over"
    status = 404
    next_step = "Answer to the letter instead, and say that you want no more of them."


def routes(door: Door) -> list[BaseRoute]:
    """Ask, and do."""
    path = PATH + "{token}"
    return [Route(path, partial(_ask, door), methods=["GET"]), Route(path, partial(_take_off, door), methods=["POST"])]


async def _ask(door: Door, request: Request) -> Response:
    """A page with one button; it asks the database nothing, so whatever opens the link changes nothing."""
    known = unsubscriber(door.settings.secrets, request.path_params["token"])
    return page("unsubscribe.html", word=WORD, address=known[1]) if known else refusal_page(LinkOver(), "/")


async def _take_off(door: Door, request: Request) -> Response:
    """Obey the one-click form, from wherever it comes: the link itself is what proves whose wish it is."""
    known = unsubscriber(door.settings.secrets, request.path_params["token"])
    if known is None or not await _is_one_click(request):
        return refusal_page(LinkOver(), "/")
    await door.step(_obey, door, *known)
    return page("unsubscribed.html", address=known[1])


async def _is_one_click(request: Request) -> bool:
    """Whether the form says so, in either of the ways in which mail programs write it (RFC 8058 §3.2)."""
    try:
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            return form.get(WORD[0]) == WORD[1]
    except (HTTPException, MultiPartException):
        return False


def _obey(door: Door, workspace: UUID, address: str) -> None:
    with told(), door.database.transaction(workspace=workspace) as session:
        if session.get(Workspace, workspace):
            leave_letters(Call(session, CUSTOMER, workspace, now(), door.settings), address, SAID)
