"""Paying an invoice by link: who is paid, for what and how much; no sign-in, and opening it changes nothing."""

from __future__ import annotations

import re
from datetime import timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm.access.throttle import Limit, TooOften, count
from crm.invoices import paying
from crm.invoices.paying import LinkUnknown, NothingToPay, Payable
from kernel.errors import RateLimited, SaysoError
from kernel.keys import token_hash
from kernel.money import as_decimal
from surfaces.door import Door
from surfaces.portal import forms
from surfaces.portal.looks import page
from surfaces.portal.visit import Visit, endpoint, go

TOKEN = re.compile(r"[\w-]{16,64}", re.ASCII)
DEEDS = ("again", "pretend")
LOOK_AGAIN_S = 2
PRESSES = Limit("payment page", 20, timedelta(hours=1))


class PressedTooOften(RateLimited):
    """The button of this page was pressed too often."""

    code = "pressed_too_often"
    next_step = "Wait an hour, or ask the business for another way to pay."
    keeps = True


def routes(door: Door) -> list[BaseRoute]:
    """Read, come back, have the page made anew, pretend to pay."""
    return [
        Route("/pay/done", endpoint(door, done)),
        Route("/pay/{token}", endpoint(door, read)),
        Route("/pay/{token}", endpoint(door, press), methods=["POST"]),
    ]


def done(_visit: Visit) -> Response:
    """Where the provider sends the customer back to."""
    return page("pay_done.html")


def read(visit: Visit) -> Response:
    """What is to be paid, and the way there."""
    return _show(visit)


def press(visit: Visit) -> Response:
    """A page at the provider in place of the old one, or the sandbox's pretended payment."""
    deed = visit.form.get("deed", "")
    forms.check_nonce(visit.settings, visit.form, token_hash(_token(visit)).hex(), deed)
    try:
        _do(visit, deed)
    except (NothingToPay, PressedTooOften) as refused:
        return _show(visit, refused)
    return go(f"/pay/{_token(visit)}{'?asked' if deed == 'pretend' else ''}")


def _do(visit: Visit, deed: str) -> None:
    token = _token(visit)
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        found = paying.follow(session, token)
        try:
            count(session, visit.settings.secret, PRESSES, found.invoice.hex)
        except TooOften:
            raise PressedTooOften from None
        back = f"{visit.settings.base_url}/pay/done"
        if deed == "pretend":
            paying.pretend(session, visit.settings, found, back)
        elif deed == "again":
            paying.prepare(session, visit.settings, paying.CUSTOMER, found, back)


def _show(visit: Visit, refused: SaysoError | None = None) -> Response:
    token = _token(visit)
    with visit.door.database.transaction(credential=token_hash(token)) as session:
        found = paying.follow(session, token)
    nonces = {deed: forms.nonce(visit.settings, token_hash(token).hex(), deed) for deed in DEEDS}
    state = _state(found)
    waits = state == "coming" or (state == "pretend" and "asked" in visit.request.query_params)
    amount = f"{as_decimal(found.owed_minor, found.currency)} {found.currency}"
    shown = {"found": found, "amount": amount, "state": state, "nonces": nonces, "waits": waits and LOOK_AGAIN_S}
    return page("pay.html", refused.status if refused else 200, refused=refused, **shown)


def _state(found: Payable) -> str:
    """What the page offers: nothing any more, a new page, waiting, the sandbox's button, or the way to the provider."""
    if not found.is_open:
        return found.status
    if not found.is_young:
        return "old"
    if found.lane == "payments:sandbox":
        return "pretend"
    return "ready" if found.url else "coming"


def _token(visit: Visit) -> str:
    token = str(visit.request.path_params["token"])
    if not TOKEN.fullmatch(token):
        raise LinkUnknown
    return token
