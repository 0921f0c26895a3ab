"""My own page: where and when I am written to; a new address takes a code, a word to the old one, and a day."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from approvals.postbox import Wish, wishes_of
from approvals.reach import NoPhone, Wanted, wish
from crm.access import addresses
from crm.access.addresses import ChangeOver, Field, SameAddress, WrongAddressCode
from crm.access.throttle import TooOften
from kernel.arguments import fitted
from kernel.db import raw
from kernel.errors import InvalidArguments, SaysoError
from kernel.keys import token_hash
from outbox.content import as_address, as_e164
from surfaces.door import Door
from surfaces.portal import forms
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import NoAddress, WishIncomplete
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/me"
KEEP = "/portal/keep/{token}"
BLANKS = re.compile(r"[\s-]")
LONGEST_ADDRESS = 320


def routes(door: Door) -> list[BaseRoute]:
    """See, wish, ask for a new address, prove it, keep the old one: signed in, or by the link in the warning."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(f"{PATH}/reach", endpoint(door, wish_so), methods=["POST"]),
        Route(f"{PATH}/address", endpoint(door, ask), methods=["POST"]),
        Route(f"{PATH}/code", endpoint(door, prove), methods=["POST"]),
        Route(f"{PATH}/keep", endpoint(door, keep_mine), methods=["POST"]),
        Route(KEEP, endpoint(door, offer)),
        Route(KEEP, endpoint(door, keep), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """Where and when I am written to."""
    return _show(visit)


def wish_so(visit: Visit) -> Response:
    """Choose the channel and the quiet hours."""
    return _do(visit, "reach", lambda it: wish(it.session, it.person, _wanted(visit)))


def ask(visit: Visit) -> Response:
    """Ask for another address; a code goes there."""
    return _do(visit, "address", lambda it: addresses.ask(it.session, visit.settings, it.person, *_address(visit)))


def prove(visit: Visit) -> Response:
    """Type the code that came to the new address."""
    code = BLANKS.sub("", visit.form.get("code", ""))
    return _do(visit, "code", lambda it: addresses.confirm(it.session, visit.settings, it.person, code))


def keep_mine(visit: Visit) -> Response:
    """Keep the old address after all."""
    return _do(visit, "keep", lambda it: addresses.keep_mine(it.session, it.person))


def _do(visit: Visit, subject: str, deed: Callable[[Inside], None]) -> Response:
    try:
        with inside(visit) as it:
            it.check(f"me:{subject}")
            deed(it)
    except (NoPhone, WishIncomplete, NoAddress, SameAddress, WrongAddressCode, TooOften, ChangeOver) as refused:
        return _show(visit, refused)
    return go(PATH)


def offer(visit: Visit) -> Response:
    """One button, so that a scanner that opens the link changes nothing; asks the database nothing."""
    return page("keep.html", nonce=forms.nonce(visit.settings, token_hash(visit.request.path_params["token"]).hex(), "keep"))


def keep(visit: Visit) -> Response:
    """Keep the old address, as whoever reads it wishes."""
    token = visit.request.path_params["token"]
    forms.check_nonce(visit.settings, visit.form, token_hash(token).hex(), "keep")
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        addresses.keep(session, token)
    return page("kept.html")


def _wanted(visit: Visit) -> Wanted:
    said = {"channel": visit.form.get("channel", ""), "quietFrom": visit.form.get("quiet_from") or None, "quietTo": visit.form.get("quiet_to") or None}
    try:
        return fitted(Wanted, said)
    except InvalidArguments:
        raise WishIncomplete from None


def _address(visit: Visit) -> tuple[Field, str]:
    field: Field = "phone" if visit.form.get("field") == "phone" else "email"
    said = visit.form.get("address", "").strip()[:LONGEST_ADDRESS]
    try:
        return field, as_e164(BLANKS.sub("", said)) if field == "phone" else as_address(said)
    except ValueError:
        raise NoAddress from None


def _show(visit: Visit, refused: SaysoError | None = None) -> Response:
    with inside(visit) as it:
        subjects = ("reach", "address", "code", "keep")
        return page(
            "me.html",
            refused.status if refused else 200,
            refused=refused,
            person=it.person,
            wish=wishes_of(raw(it.session), it.person.workspace_id).get(it.person.id, Wish()),
            change=addresses.waiting(it.session, it.person),
            cools=addresses.COOLS,
            nonces={subject: it.nonce(f"me:{subject}") for subject in subjects},
            zone=it.zone,
            **it.frame,
        )
