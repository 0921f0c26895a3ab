"""Everybody whom one decision reaches: searched, page by page, with what became of each; before it, whoever decides may leave some out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from approvals import recipients
from approvals.bundles import MOST_TRIES
from approvals.links import LinkEnded, open_link
from approvals.recipients import Found, Recipient, Wanted
from approvals.strikes import MOST, Shorter, Strike, strike, without
from approvals.versions import newest
from kernel.errors import NotFound, SaysoError
from kernel.keys import show, token_hash
from surfaces.door import Door
from surfaces.portal import contacts, forms, sheet
from surfaces.portal.looks import page
from surfaces.portal.pages import approval as in_portal
from surfaces.portal.pages import link as behind_link
from surfaces.portal.pages.edit import Opening, Seat, routes_at
from surfaces.portal.refusals import NoVerdict
from surfaces.portal.runs import GROUPS, STATES
from surfaces.portal.sheet import Sheet
from surfaces.portal.verdicts import decision_of, digest_in
from surfaces.portal.visit import Visit, go

LONGEST = 120
DIGITS = 9


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks to see: whose name or address holds these words, in which group, behind which place, and who would be left out."""

    words: str = ""
    group: str = ""
    after: int = -1
    struck: tuple[int, ...] = ()

    def address(self, **other: Any) -> str:
        """The address that asks for the same but for this."""
        then = replace(self, **other)
        given = {"q": then.words, "state": then.group, "after": str(then.after) if then.after >= 0 else "", "without": ",".join(map(str, then.struck))}
        return f"?{urlencode({name: value for name, value in given.items() if value})}"

    def without(self, place: int) -> str:
        """The address at which this one too would be left out."""
        return self.address(struck=tuple(sorted({*self.struck, place})))

    def within(self, place: int) -> str:
        """The address at which this one would be in it again."""
        return self.address(struck=tuple(one for one in self.struck if one != place))


def routes(door: Door) -> list[BaseRoute]:
    """The list, and deciding over a shorter one, in both places."""
    return routes_at(door, "recipients", _behind_link, _show, _do)


@contextmanager
def _behind_link(visit: Visit) -> Iterator[Seat]:
    """Whoever may read the request behind the link may read whom it goes to. Raises LinkEnded."""
    token = behind_link.token_of(visit)
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        opened = open_link(session, token)
        stands = newest(session, opened.link.approval_id)
        shown = sheet.read(session, opened.link.workspace_id, stands)
        if opened.link.tries >= MOST_TRIES or opened.link.expires_at <= shown.now:
            raise LinkEnded
        is_live = opened.is_live and stands == opened.link.approval_id
        place = {"layout": "frame.html", "action": "/a", "needs_code": True}
        yield Seat(visit, session, opened.person, stands, is_live=is_live, via="link", token=token, place=place)


def _do(visit: Visit, opening: Opening) -> Response:
    """Decide over the shorter list; a refusal shows the page again, with the reason on top."""
    try:
        with opening(visit) as seat:
            forms.check_nonce(visit.settings, visit.form, *_bound_to(seat))
            decision = decision_of(visit, seat.approval, seat.via)
            if decision.verdict != "approved":
                raise NoVerdict
            wanted = Strike(decision, _places(visit.form.get("without", "")), digest_in(visit, "edited"))
            stands = strike(seat.session, visit.settings, seat.prove(decision), wanted)
    except (NotFound, LinkEnded):
        raise
    except SaysoError as refused:
        return _show(visit, opening, refused)
    return go(f"{in_portal.PREFIX}{show('apr', stands)}") if seat.via == "portal" else behind_link.decided(visit, seat.token)


def _bound_to(seat: Seat) -> tuple[str, str]:
    return token_hash(seat.token).hex(), f"recipients:{show('apr', seat.approval)}"


def _show(visit: Visit, opening: Opening, refused: SaysoError | None = None) -> Response:
    with opening(visit) as seat:
        shown = sheet.read(seat.session, seat.person.workspace_id, seat.approval)
        if shown.shown.manifest is None:
            return go(seat.place["action"])
        return _page(seat, shown, refused)


def _page(seat: Seat, shown: Sheet, refused: SaysoError | None) -> Response:
    asked = _asked(seat.visit)
    may_strike = shown.is_decidable and seat.is_live and seat.person.may_vote
    shorter, refused = _shorter(seat, asked.struck, refused) if may_strike and asked.struck else (None, refused)
    found = _found(seat, asked)
    struck = recipients.at(seat.session, seat.person.workspace_id, seat.approval, asked.struck) if shorter else []
    return page(
        "recipients.html",
        refused.status if refused else 200,
        sheet=shown,
        asked=asked,
        found=found,
        groups=[(name, said) for name, said, _ in GROUPS],
        named=_named(seat, [*found.rows, *struck]),
        struck=struck,
        shorter=shorter,
        may_strike=may_strike,
        refused=refused,
        nonce=forms.nonce(seat.visit.settings, *_bound_to(seat)),
        **seat.place,
    )


def _found(seat: Seat, asked: Asked) -> Found:
    workspace = seat.person.workspace_id
    addresses = contacts.addresses_of(seat.session, workspace, asked.words) if asked.words else []
    wanted = Wanted(asked.words, addresses, STATES.get(asked.group, ()), asked.after)
    return recipients.listed(seat.session, workspace, seat.approval, wanted)


def _named(seat: Seat, rows: Sequence[Recipient]) -> dict[str, str]:
    found = contacts.contacts_of(seat.session, seat.person.workspace_id, {row.send.recipient for row in rows})
    return {address: contact.name for address, contact in found.items()}


def _shorter(seat: Seat, places: tuple[int, ...], refused: SaysoError | None) -> tuple[Shorter | None, SaysoError | None]:
    """The list without those at these places; None beside the reason why it cannot be."""
    try:
        made = without(seat.session, seat.person.workspace_id, seat.approval, places)
    except SaysoError as unfit:
        return None, unfit
    return (made if made.struck else None), refused


def _asked(visit: Visit) -> Asked:
    query = visit.request.query_params
    group = query.get("state", "")
    after = query.get("after", "")
    place = int(after) if after.isascii() and after.isdigit() and len(after) <= DIGITS else -1
    words = query.get("q", "").replace("\x00", "").strip()[:LONGEST]
    return Asked(words, group if group in STATES else "", place, _places(visit.form.get("without", query.get("without", ""))))


def _places(written: str) -> tuple[int, ...]:
    """The places that are named; what is none counts as not given, and so does what is too much."""
    named = {int(one) for one in written.split(",")[: MOST + 1] if one.isascii() and one.isdigit() and len(one) <= DIGITS}
    return tuple(sorted(named))
