"""The ledger: everything that was asked for, who decided it, and what really left; of everybody or of one recipient."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals import listings
from kernel.keys import show as show_id
from surfaces.door import Door
from surfaces.portal import sheet
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.pages.waiting import asked_id
from surfaces.portal.visit import Visit, endpoint

PATH = "/portal/ledger"
LONGEST_ADDRESS = 320
PRINTED = re.compile(r"[\s().-]")


def routes(door: Door) -> list[BaseRoute]:
    """The ledger."""
    return [Route(PATH, endpoint(door, show))]


def show(visit: Visit) -> Response:
    """The newest first, a page at a time."""
    recipient = _address_in(visit.request.query_params.get("to", ""))
    before = asked_id(visit, "apr", "before")
    with inside(visit) as it:
        found = listings.ledger(it.session, it.person.workspace_id, recipient or None, before)
        return page(
            "ledger.html",
            sheets=sheet.sheets(it.session, it.person.workspace_id, found.items),
            recipient=recipient,
            then=found.then and _address(recipient, before=show_id("apr", found.then)),
            start=_address(recipient) if before else None,
            **it.frame,
        )


def _address_in(typed: str) -> str:
    """What was typed, as addresses are kept: a phone number without its blanks and brackets."""
    typed = typed.replace("\x00", "").strip()[:LONGEST_ADDRESS]
    return PRINTED.sub("", typed) if typed.startswith("+") else typed


def _address(recipient: str, **given: str) -> str:
    query = urlencode({**({"to": recipient} if recipient else {}), **given})
    return f"{PATH}?{query}" if query else PATH
