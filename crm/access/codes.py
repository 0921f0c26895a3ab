"""Signing in by an e-mailed code: eight digits, ten minutes, five tries, good in the browser that asked and in no other.

Whatever address is asked about, the same is counted and the same is answered; only mail tells, and only its reader.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from approvals.letters import post
from approvals.people import Person
from crm.access.sessions import begin
from crm.access.tables import SignInCode
from crm.access.throttle import Limit, count, network_of
from kernel.db import bind
from kernel.errors import Forbidden
from kernel.keys import keyed_hash, new_code, new_token, same, token_hash
from kernel.seal import derived
from kernel.settings import Settings
from outbox.events import Actor, note
from outbox.kinds.sign_in_code import SignInCode as Letter

CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
DIGITS = 8
PURPOSE = "sign-in-code"
BY_ADDRESS = Limit("sign-in address", 6)
BY_ORIGIN = Limit("sign-in origin", 40)
SOMEBODY = text("SELECT person_id, workspace_id FROM somebody_at(:address)")
PLACES = text("SELECT person_id, workspace_id, workspace_name FROM proved_places()")


class WrongSignInCode(Forbidden):
    """That is not the code, or it is over."""

    code = "wrong_sign_in_code"
    next_step = "Type the eight digits of the newest letter, in the browser that asked for it; a code is good for ten minutes and five tries."
    keeps = True


class SignInEnded(Forbidden):
    """This sign-in is over: it was used, or is older than ten minutes."""

    code = "sign_in_ended"
    next_step = "Ask for a new code."


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace that somebody who proved an address belongs to."""

    person_id: UUID
    workspace_id: UUID
    name: str


def ask(session: Session, settings: Settings, address: str, origin: str, moment: datetime) -> str:
    """Post a code to whoever has this address, if anybody; answers the secret for the browser that asked. Raises TooOften."""
    count(session, settings.secret, BY_ORIGIN, network_of(origin))
    count(session, settings.secret, BY_ADDRESS, address.lower())
    browser = new_token()
    somebody = session.execute(SOMEBODY, {"address": address}).one_or_none()
    if somebody:
        bind(session, somebody.workspace_id)
        _post_code(session, settings, session.get_one(Person, somebody.person_id), browser, moment)
    return browser


def _post_code(session: Session, settings: Settings, person: Person, browser: str, moment: datetime) -> None:
    code, until = new_code(DIGITS), moment + CODE_LASTS
    fresh = {"browser_hash": token_hash(browser), "code_hash": _hash(settings.secret, browser, code), "expires_at": until}
    row = insert(SignInCode).values(person_id=person.id, workspace_id=person.workspace_id, tries=0, **fresh)
    session.execute(row.on_conflict_do_update(index_elements=["person_id"], set_={**fresh, "tries": 0, "proved_at": None, "ended_at": None}))
    post(session, settings, person.workspace_id, [_letter(person, code)], until)


def _letter(person: Person, code: str) -> Letter:
    half = DIGITS // 2
    body = (
        f"Hello {person.name},\n\n"
        f"Your code to sign in: {code[:half]} {code[half:]}\n\n"
        f"It works once, within ten minutes, in the browser that asked for it.\n"
        f"Nobody will ever ask you for it. If you did not ask for it, do nothing: without it nobody comes in.\n"
    )
    return Letter(to=person.email, subject="Your code to sign in to Sayso", body=body)


def _hash(secret: bytes, browser: str, code: str) -> bytes:
    return keyed_hash(derived(secret, PURPOSE), browser, code)


def prove(session: Session, settings: Settings, browser: str, code: str, moment: datetime) -> list[Place]:
    """The workspaces that the right code opens. Raises WrongSignInCode, the same whatever is wrong; a try is counted before the code is looked at.

    The transaction must have been opened with `credential=token_hash(browser)`.
    """
    live = (SignInCode.browser_hash == token_hash(browser), SignInCode.expires_at > moment, SignInCode.proved_at.is_(None), SignInCode.ended_at.is_(None))
    tried = update(SignInCode).where(*live, SignInCode.tries < MOST_TRIES).values(tries=SignInCode.tries + 1).returning(SignInCode.code_hash)
    stored = session.scalar(tried)
    is_right = [same(stored or b"", _hash(secret, browser, code)) for secret in settings.secrets]
    if stored is None or not any(is_right):
        raise WrongSignInCode
    session.execute(update(SignInCode).where(*live).values(proved_at=moment))
    return places(session)


def places(session: Session) -> list[Place]:
    """The workspaces of whoever proved an address in this browser, by name; none when that is over."""
    return [Place(*row) for row in session.execute(PLACES)]


def come_in(session: Session, browser: str, workspace: UUID, moment: datetime, origin: str = "") -> str:
    """Use the proved code up; answers a new session's token for the person in this workspace. Raises SignInEnded."""
    chosen = next((place for place in places(session) if place.workspace_id == workspace), None)
    unused = (SignInCode.browser_hash == token_hash(browser), SignInCode.proved_at.is_not(None), SignInCode.ended_at.is_(None))
    used = session.scalar(update(SignInCode).where(*unused).values(ended_at=moment).returning(SignInCode.person_id))
    if chosen is None or used is None:
        raise SignInEnded
    bind(session, workspace)
    person = session.get_one(Person, chosen.person_id)
    note(session, Actor(workspace, person.as_caller()), "person.signed_in", str(person.id), origin=origin)
    return begin(session, person, "portal", moment)
