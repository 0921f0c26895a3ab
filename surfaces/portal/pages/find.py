"""Find: one field for a customer's name or address, an id of ours, the number of an invoice, or an id of a provider."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm.overview.finding import Hit, address_in, clean, find, was_sent_to
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint

PATH = "/portal/find"


def routes(door: Door) -> list[BaseRoute]:
    """One page."""
    return [Route(PATH, endpoint(door, look))]


def look(visit: Visit) -> Response:
    """What the words name."""
    words = clean(visit.request.query_params.get("q", ""))
    with inside(visit) as it:
        found = find(it.call, words)
        to = address_in(words) if words and was_sent_to(it.call, words) else None
        return page(
            "find.html",
            sought=words,
            hits=[(hit, _address(hit)) for hit in found],
            ledger=to and f"/portal/ledger?{urlencode({'to': to})}",
            zone=it.zone,
            **it.frame,
        )


def _address(hit: Hit) -> str | None:
    """Where it is shown; bills, bookings and money with their customer."""
    match hit.what:
        case "send":
            return f"/portal/sends/{show('int', hit.id)}"
        case "request":
            return f"/portal/approvals/{show('apr', hit.id)}"
        case _:
            return f"/portal/customers/{show('acc', hit.account)}" if hit.account else None
