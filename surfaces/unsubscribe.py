"""Taking oneself off the letters of a business: opening the link asks, one POST does it (RFC 8058), and nobody signs in for it."""

from __future__ import annotations

from functools import partial
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals import gate
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
    try:
        fields = dict(parse_qsl((await request.body()).decode("ascii", "replace"), max_num_fields=MOST_FIELDS))
    except ValueError:
        fields = {}
    if known is None or fields.get(WORD[0]) != WORD[1]:
        return refusal_page(LinkOver(), "/")
    await door.step(_obey, door, *known)
    return page("unsubscribed.html", address=known[1])


def _obey(door: Door, workspace: UUID, address: str) -> None:
    with told(), door.database.transaction(workspace=workspace) as session:
        if session.get(Workspace, workspace):
            call = Call(session, CUSTOMER, workspace, now(), door.settings)
            gate.suppress(call, "email", address, SAID, "customer")
