"""What waits for a decision: cards, the soonest to expire first, chosen by channel and agent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals import listings
from approvals.listings import Choice, Tally
from kernel.keys import digest_of
from kernel.keys import read as read_id
from kernel.keys import show as show_id
from surfaces.door import Door
from surfaces.portal import sheet, words
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint

PATH = "/portal"
MARK_DIGITS = 12


def routes(door: Door) -> list[BaseRoute]:
    """The portal's first page."""
    return [Route(PATH, endpoint(door, show))]


def show(visit: Visit) -> Response:
    """One card for each of those chosen, and how many there are of each sort."""
    choice, after = _choice(visit), asked_id(visit, "apr", "after")
    with inside(visit) as it:
        found = listings.waiting(it.session, it.person.workspace_id, choice, after)
        tallies = listings.tally(it.session, it.person.workspace_id)
        sheets = sheet.sheets(it.session, it.person.workspace_id, found.items)
        return page(
            "waiting.html",
            groups=[(heading, list(group)) for heading, group in groupby(sheets, lambda each: each.urgency)],
            marks=digest_of("".join(each.id for each in sheets).encode()).hex()[:MARK_DIGITS],
            then=found.then and _address(choice, found.then),
            start=_address(choice) if after else None,
            again=_address(choice),
            count=sum(each.many for each in tallies),
            choices=_choices(tallies, choice),
            may_decide=it.person.may_vote,
            **it.frame,
        )


def asked_id(visit: Visit, kind: str, name: str) -> UUID | None:
    """An id from the address; what is none counts as not given."""
    try:
        return read_id(kind, visit.request.query_params.get(name, ""))
    except ValueError:
        return None


def _choice(visit: Visit) -> Choice:
    channel = visit.request.query_params.get("channel", "")
    return Choice(channel if channel in words.SHORT_CHANNELS else None, asked_id(visit, "key", "agent"))


@dataclass(frozen=True, slots=True)
class Chip:
    """One choice to press."""

    label: str
    many: int
    url: str
    is_chosen: bool


def _choices(tallies: list[Tally], choice: Choice) -> list[list[Chip]]:
    """The choices of channels and of agents; none where there is nothing to choose between."""
    channels = dict.fromkeys(each.channel for each in tallies)
    askers = {each.asker: words.by(each.asked_by) for each in tallies}
    rows = [
        [_chip(tallies, choice, replace(choice, channel=channel), words.SHORT_CHANNELS.get(channel or "", "All")) for channel in (None, *channels)],
        [_chip(tallies, choice, replace(choice, asker=asker), askers[asker] if asker else "All agents") for asker in (None, *filter(None, askers))],
    ]
    return [row for row in rows if len(row) > len(("all", "one"))]


def _chip(tallies: Iterable[Tally], now: Choice, then: Choice, label: str) -> Chip:
    return Chip(label, sum(each.many for each in tallies if each.within(then)), _address(then), now == then)


def _address(choice: Choice, after: UUID | None = None) -> str:
    given = {"channel": choice.channel, "agent": choice.asker and show_id("key", choice.asker), "after": after and show_id("apr", after)}
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{PATH}?{query}" if query else PATH
