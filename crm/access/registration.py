"""Founding a business from outside: a six-digit code proves an address, and the database founds workspace, owner and first key in one step.

Whatever address is asked about, the same is done and the same is answered; only the letter differs, and only its reader sees it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from approvals.letters import SYSTEM, draft, hand_over
from crm.access.keys import PREFIX, SCOPES, IssuedKey
from crm.access.throttle import Limit, TooOften, count, network_of
from kernel.clock import now
from kernel.db import bind, raw
from kernel.errors import Conflict, Forbidden, NotFound
from kernel.keys import keyed_hash, new_code, new_id, new_secret, show, token_hash
from kernel.seal import derived
from kernel.settings import Settings
from outbox.events import Actor, note
from outbox.kinds.registration_code import RegistrationCode

DOORSTEP = UUID("00000000-0000-7000-8000-000000000001")
"""The workspace of letters to strangers, `doorstep()` in the database: nobody belongs to it, and no key."""
CODE_LASTS = timedelta(minutes=10)
"""The database's own ten minutes, for what letters and answers say; it is the database that keeps them."""
PURPOSE = "registration-code"
BY_ORIGIN = (Limit("registration origin", 3, timedelta(hours=1)), Limit("registration origin, a day", 20, timedelta(days=1)))
FIRST_KEY = "first agent"
AGAIN = "Ask for a new code: register_organisation_request."
BEGIN = text("SELECT begin_registration(:asked, :address, :organisation, :industry, :country, :zone, :code_hash, :letter)")
FOUND = "SELECT outcome, tries_left FROM found_registered(%s, %s, %s, %s, %s, %s)"


class RegistrationClosed(Forbidden):
    """This server takes no new businesses."""

    code = "registration_closed"
    next_step = "Ask whoever runs it to found one on the host: sayso workspace NAME EMAIL."


class AskedTooOften(TooOften):
    """A business was asked for too often: three times an hour and twenty a day, for an address and for where it comes from."""

    next_step = "The newest letter still works for its ten minutes; else wait an hour."


class WrongCode(Forbidden):
    """That is not the code."""

    code = "wrong_code"
    next_step = "Ask the person for the six digits of the letter, and call register_organisation_verify again with the same requestId."
    keeps = True


class CodeExpired(Forbidden):
    """This code is older than ten minutes."""

    code = "code_expired"
    next_step = AGAIN


class TriesSpent(Forbidden):
    """This code was guessed at five times and is over."""

    code = "tries_spent"
    next_step = AGAIN


class CodeUsed(Conflict):
    """This code was used already."""

    code = "code_used"
    next_step = "If the key was not kept, the owner signs in to the portal and makes another under Settings, Keys."


class NoSuchRequest(NotFound):
    """There is no such request."""

    code = "no_such_request"
    next_step = AGAIN


OVER = {"unknown": NoSuchRequest, "used": CodeUsed, "expired": CodeExpired, "spent": TriesSpent}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a stranger says of the business to be founded."""

    address: str
    organisation: str
    industry: str | None = None
    country: str | None = None
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Registered:
    """A business that was founded just now; the key's secret is seen here and never again."""

    workspace: UUID
    owner: UUID
    key: IssuedKey


def ask(session: Session, settings: Settings, wish: Wish, origin: str) -> UUID:
    """Post a code to the address; answers the request that it belongs to. Raises RegistrationClosed, AskedTooOften."""
    if not settings.takes_strangers:
        raise RegistrationClosed
    _count(session, settings, origin)
    request, letter, code = new_id(), new_id(), new_code()
    row = {"asked": request, "code_hash": _hash(settings.secret, request, code), "letter": letter}
    said = {"address": wish.address, "organisation": wish.organisation, "industry": wish.industry, "country": wish.country, "zone": wish.zone}
    told = session.scalar(BEGIN, {**row, **said})
    if told == "too_often":
        raise AskedTooOften
    bind(session, DOORSTEP)
    words = _letter(settings, wish, code, is_owner=told == "known")
    hand_over(session, settings, [draft(settings, DOORSTEP, words, now() + CODE_LASTS, letter)])
    return request


def _count(session: Session, settings: Settings, origin: str) -> None:
    try:
        for limit in BY_ORIGIN:
            count(session, settings.secret, limit, network_of(origin))
    except TooOften:
        raise AskedTooOften from None


def _hash(secret: bytes, request: UUID, code: str) -> bytes:
    return keyed_hash(derived(secret, PURPOSE), request.hex, code)


def _letter(settings: Settings, wish: Wish, code: str, *, is_owner: bool) -> RegistrationCode:
    """What the reader of the address learns; the business's name is a stranger's word, and stays out of it."""
    known = (
        f"You own a business here already: sign in at {settings.base_url}/portal/sign-in\n"
        f"An agent gets its key there, under Settings, Keys. The code founds nothing new; it only lets the agent know.\n"
    )
    new = "With it your agent founds your business here and gets a first key. You sign in with this address; there is no password.\n"
    body = (
        f"Hello,\n\nsomebody, probably your agent, asked to found a business on Sayso with this e-mail address.\n\n"
        f"The code: {code}\n\nIt works once, within ten minutes.\n"
        f"{known if is_owner else new}\nIf you did not ask for it, do nothing.\n"
    )
    return RegistrationCode(to=wish.address, subject="Your code for Sayso", body=body)


def verify(session: Session, settings: Settings, request: UUID, code: str) -> Registered | None:
    """Found the business of the request with its owner and first key; None where an owner has the address already. Raises what is in OVER, WrongCode.

    Whoever asks is nobody; that the code is right, and that all that is made is new, is the database's word.
    """
    secret, made = f"{PREFIX}{new_secret()}", Registered(new_id(), new_id(), IssuedKey(new_id(), ""))
    key = {"id": str(made.key.id), "name": FIRST_KEY, "hash": token_hash(secret).hex(), "last_four": secret[-4:], "scopes": list(SCOPES)}
    proofs = [_hash(each, request, code) for each in settings.secrets]
    given = (request, proofs, made.workspace, made.owner, Jsonb(key), settings.default_plan)
    outcome, left = raw(session).execute(FOUND, given).fetchone() or ("unknown", 0)
    if outcome in OVER:
        raise OVER[outcome]
    if outcome == "wrong":
        raise _wrong(left)
    if outcome == "existing":
        return None
    bind(session, made.workspace)
    note(session, Actor(made.workspace, SYSTEM), "workspace.registered", show("org", made.workspace))
    return Registered(made.workspace, made.owner, IssuedKey(made.key.id, secret))


def _wrong(left: int) -> WrongCode:
    if left:
        return WrongCode(f"That is not the code; {left} {'tries are' if left > 1 else 'try is'} left.", triesLeft=left)
    return WrongCode("That is not the code, and it was the last try.", next_step=AGAIN, triesLeft=0)
