"""Editing before approving: a form with the words, then a page of the changes, whose button decides; in the portal and behind a link."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.edits import Draft, Revision, draft, revise
from approvals.links import Presented, open_link, prove
from approvals.people import Person
from approvals.votes import Decision, Via
from kernel.errors import NotFound, SaysoError
from kernel.keys import show, token_hash
from surfaces.door import Door
from surfaces.portal import forms, sheet
from surfaces.portal.guard import inside
from surfaces.portal.looks import page
from surfaces.portal.pages import approval as in_portal
from surfaces.portal.pages import link as behind_link
from surfaces.portal.refusals import NoVerdict
from surfaces.portal.sheet import Sheet
from surfaces.portal.verdicts import decision_of, digest_in
from surfaces.portal.visit import Visit, endpoint, go


@dataclass(frozen=True, slots=True)
class Seat:
    """Where somebody edits: the open transaction, who it is, which request, and how this place differs from the other."""

    visit: Visit
    session: Session
    person: Person
    approval: UUID
    is_live: bool
    via: Via
    token: str
    place: dict[str, Any]
    """What the templates are told of it."""

    @property
    def bound_to(self) -> tuple[str, str]:
        """What a form here is good for."""
        return token_hash(self.token).hex(), f"edit:{show('apr', self.approval)}"

    def prove(self, decision: Decision) -> Person:
        """Who decides: whoever is signed in, or the link's person once the code is right. Raises NoCode and what `links.prove` raises."""
        if self.via == "portal":
            return self.person
        presented = Presented(self.token, behind_link.code_of(self.visit))
        return prove(self.session, self.visit.settings.secrets, presented, decision)


Opening = Callable[[Visit], AbstractContextManager[Seat]]
Shown = Callable[[Visit, Opening], Response]


def routes_at(door: Door, end: str, behind: Opening, looking: Shown, doing: Shown) -> list[BaseRoute]:
    """The page and what is done with it, in both places; `behind` opens the one behind the link."""
    return [
        Route(path, endpoint(door, partial(_at, page_of, opening)), methods=[method])
        for path, opening in ((f"/a/{end}", behind), (f"{in_portal.PATH}/{end}", _in_portal))
        for method, page_of in (("GET", looking), ("POST", doing))
    ]


def _at(page_of: Shown, opening: Opening, visit: Visit) -> Response:
    return page_of(visit, opening)


@contextmanager
def _in_portal(visit: Visit) -> Iterator[Seat]:
    """Whoever is signed in."""
    with inside(visit) as it:
        approval = visit.named("apr")
        place = {"layout": "inside.html", "action": f"{in_portal.PREFIX}{show('apr', approval)}", "needs_code": False, **it.frame}
        yield Seat(visit, it.session, it.person, approval, is_live=True, via="portal", token=it.token, place=place)


def routes(door: Door) -> list[BaseRoute]:
    """The form, and what is done with it, in both places."""
    return routes_at(door, "edit", _behind_link, _show, _do)


@contextmanager
def _behind_link(visit: Visit) -> Iterator[Seat]:
    token = behind_link.token_of(visit)
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        opened = open_link(session, token)
        place = {"layout": "frame.html", "action": "/a", "needs_code": True}
        yield Seat(visit, session, opened.person, opened.link.approval_id, is_live=opened.is_live, via="link", token=token, place=place)


def _do(visit: Visit, opening: Opening) -> Response:
    """Show what the words would change, or decide over them; a refusal shows the page again, with the words kept and the reason on top."""
    try:
        with opening(visit) as seat:
            forms.check_nonce(visit.settings, visit.form, *seat.bound_to)
            stands = _decide(seat) if "verdict" in visit.form else None
    except NotFound:
        raise
    except SaysoError as refused:
        return _show(visit, opening, refused)
    if stands is None:
        return _show(visit, opening)
    return go(f"{in_portal.PREFIX}{show('apr', stands)}") if seat.via == "portal" else behind_link.decided(visit, seat.token)


def _decide(seat: Seat) -> UUID:
    decision = decision_of(seat.visit, seat.approval, seat.via)
    if decision.verdict != "approved":
        raise NoVerdict
    wanted = Revision(decision, seat.visit.form, digest_in(seat.visit, "edited"))
    return revise(seat.session, seat.visit.settings, seat.prove(decision), wanted)


def _show(visit: Visit, opening: Opening, refused: SaysoError | None = None) -> Response:
    """The form or the page of changes; once nobody can decide here any more, the request as it stands."""
    with opening(visit) as seat:
        shown = sheet.read(seat.session, seat.person.workspace_id, seat.approval)
        if shown.is_decidable and shown.shown.is_editable and seat.is_live and seat.person.may_vote:
            return _page(seat, shown, refused)
    if refused is None:
        return go(seat.place["action"])
    return in_portal.show_sheet(visit, refused, sheet.overtaken) if seat.via == "portal" else behind_link.show_sheet(visit, seat.token, refused)


def _page(seat: Seat, shown: Sheet, refused: SaysoError | None) -> Response:
    form = seat.visit.form
    asked = draft(seat.session, seat.person.workspace_id, seat.approval, {})
    made, refused = _made(seat, refused)
    is_form = made is None or not form or form.get("step") == "again"
    return page(
        "edit.html" if is_form else "changes.html",
        refused.status if refused else 200,
        sheet=shown,
        made=made,
        fields=[(field, form.get(field, words)) for field, words, _ in asked.words],
        refused=refused,
        person=seat.person,
        nonce=forms.nonce(seat.visit.settings, *seat.bound_to),
        **seat.place,
    )


def _made(seat: Seat, refused: SaysoError | None) -> tuple[Draft | None, SaysoError | None]:
    """What the words of the form make; None beside the reason why they cannot be sent."""
    try:
        return draft(seat.session, seat.person.workspace_id, seat.approval, seat.visit.form), refused
    except SaysoError as unfit:
        return None, unfit
