"""Approval by link: opening it changes nothing; deciding takes the form, its nonce and the code that stood beside the link."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.bundles import MOST_TRIES, CodeLocked
from approvals.halting import halted, rests
from approvals.links import LinkEnded, LinkUnknown, Opened, Presented, decide_by_link, open_link
from approvals.notices import tell_again
from approvals.versions import newest
from crm.access.throttle import Limit, TooOften, count, network_of
from kernel.errors import SaysoError
from kernel.keys import token_hash
from surfaces.door import Door
from surfaces.portal import forms, sheet
from surfaces.portal.cookies import DECIDED, LINK, LIST
from surfaces.portal.hands import HANDS
from surfaces.portal.looks import page
from surfaces.portal.refusals import LinkAbsent, NoCode, StaleForm
from surfaces.portal.runs import Hand
from surfaces.portal.sheet import Sheet, Told
from surfaces.portal.verdicts import decision_of
from surfaces.portal.visit import Page, Visit, endpoint, evenly, go

TOKEN = re.compile(r"[\w-]{16,64}", re.ASCII)
CODE = re.compile(r"[0-9]{6}")
RENEWALS = Limit("new link", 3, timedelta(hours=1))
RENEWALS_HERE = Limit("new link origin", 40, timedelta(hours=1))
BLANKS = re.compile(r"[\s-]")


def routes(door: Door) -> list[BaseRoute]:
    """Arrive, read, decide, stop and pause, ask for a new link."""
    return [
        Route("/a/{token}", endpoint(door, arrive)),
        Route("/a", endpoint(door, read)),
        Route("/a", endpoint(door, decide), methods=["POST"]),
        *(Route(f"/a/{hand}", endpoint(door, handled(hand)), methods=["POST"]) for hand in HANDS),
        Route("/a/again", evenly(endpoint(door, renew)), methods=["POST"]),
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
    return show_sheet(visit, token_of(visit))


def decide(visit: Visit) -> Response:
    """Decide once; a refusal shows the page as it stands now, with the reason on top."""
    token = token_of(visit)
    try:
        _decide(visit, token)
    except SaysoError as refused:
        return show_sheet(visit, token, refused)
    return decided(visit, token)


def decided(visit: Visit, token: str) -> Response:
    """Back to the page, in a browser that from now on is known as the one where the code was typed."""
    answer = go("/a")
    DECIDED.give(answer, visit.settings, forms.nonce(visit.settings, token_hash(token).hex(), "decided"))
    return answer


def handled(hand: Hand) -> Page:
    """Stop, pause or let go on what was approved here and is not handed over yet; only the browser in which the code was typed may."""
    return lambda visit: _handle(visit, token_of(visit), hand)


def _handle(visit: Visit, token: str, hand: Hand) -> Response:
    try:
        _do(visit, token, hand)
    except SaysoError as refused:
        return show_sheet(visit, token, refused, sheet.as_told)
    return go("/a")


def renew(visit: Visit) -> Response:
    """Send a new link to wherever this one's person is written to; the answer is the same whatever became of it."""
    token = token_of(visit)
    forms.check_nonce(visit.settings, visit.form, token_hash(token).hex(), "again")
    with suppress(LinkUnknown, LinkEnded, TooOften):
        _renew(visit, token)
    return page("renewed.html")


def _renew(visit: Visit, token: str) -> None:
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        count(session, visit.settings.secret, RENEWALS_HERE, network_of(visit.origin))
        link = open_link(session, token).link
        count(session, visit.settings.secret, RENEWALS, link.person_id.hex)
        tell_again(session, visit.settings, link)


def _do(visit: Visit, token: str, hand: Hand) -> None:
    forms.check_nonce(visit.settings, visit.form, token_hash(token).hex(), hand)
    if not _decided_here(visit, token):
        raise LinkEnded
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        opened = open_link(session, token)
        HANDS[hand](session, opened.person, newest(session, opened.link.approval_id), visit.settings)


def _decided_here(visit: Visit, token: str) -> bool:
    """Whether the code was typed in this browser, in the last half hour: a scanner that opens the link and presses buttons has no such cookie."""
    try:
        forms.check_nonce(visit.settings, {"nonce": DECIDED.read(visit)}, token_hash(token).hex(), "decided")
    except StaleForm:
        return False
    return True


def _decide(visit: Visit, token: str) -> None:
    forms.check_nonce(visit.settings, visit.form, token_hash(token).hex())
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        approval = open_link(session, token).link.approval_id
        decision = decision_of(visit, approval, "link")
        decide_by_link(session, visit.settings.secrets, Presented(token, code_of(visit)), decision)


def code_of(visit: Visit) -> str:
    """The code that was typed. Raises NoCode."""
    code = BLANKS.sub("", visit.form.get("code", ""))
    if not CODE.fullmatch(code):
        raise NoCode
    return code


def token_of(visit: Visit) -> str:
    """The link that this browser has open. Raises LinkAbsent."""
    token = LINK.read(visit)
    if not token:
        raise LinkAbsent
    return token


def show_sheet(visit: Visit, token: str, refused: SaysoError | None = None, told: Told = sheet.overtaken) -> Response:
    """The page as it stands now, of the version that stands, with what was refused on top."""
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        opened = open_link(session, token)
        stands = newest(session, opened.link.approval_id)
        shown = sheet.read(session, opened.link.workspace_id, stands)
        stopped = halted(session, opened.link.workspace_id, stands)
        run = shown.run(is_paused=rests(session, opened.link.workspace_id, stands))
    is_decided_here = _decided_here(visit, token)
    refused = told(shown, refused) if refused else None if is_decided_here else _closed(opened, shown)
    hands = shown.hands(run) if opened.may_vote and is_decided_here else []
    return page(
        "link.html",
        refused.status if refused else 200,
        sheet=shown,
        person=opened.person,
        refused=refused,
        may_decide=shown.is_decidable and opened.is_live and opened.may_vote,
        stands=None,
        may_read=opened.link.tries < MOST_TRIES and opened.link.expires_at > shown.now,
        nonce=forms.nonce(visit.settings, token_hash(token).hex()),
        run=run,
        hands={hand: forms.nonce(visit.settings, token_hash(token).hex(), hand) for hand in hands},
        again_nonce=forms.nonce(visit.settings, token_hash(token).hex(), "again") if shown.is_open and not opened.is_live else None,
        has_list=bool(LIST.read(visit)),
        halted=stopped,
    )


def _closed(opened: Opened, shown: Sheet) -> SaysoError | None:
    """Why this link cannot decide although the request waits."""
    if opened.is_live or not shown.is_open:
        return None
    return CodeLocked() if opened.link.tries >= MOST_TRIES else LinkEnded()
