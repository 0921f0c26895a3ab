"""How a terminal is let in: it shows a code, a signed-in person compares it in the portal and confirms, the terminal fetches its session.

Until a person confirms, a login is a signed and dated value and no row: strangers may begin as many as they like.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from approvals.people import Person
from crm.access.sessions import begin
from crm.access.tables import TerminalLogin
from kernel import seal
from kernel.db import bind
from kernel.errors import Conflict, Forbidden
from kernel.keys import keyed_hash, new_id, new_secret, same, token_hash
from kernel.settings import Settings

LOGIN_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
PURPOSE = "terminal-login"
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so no words; nothing that looks like something else."""
CODE_LENGTH = 8


class LoginEnded(Forbidden):
    """This sign-in is over: it was used, turned away, tried too often, or is older than ten minutes."""

    code = "login_ended"
    next_step = "Begin again: sayso login."


class LoginAnswered(Conflict):
    """This sign-in was answered already."""

    code = "login_answered"
    next_step = "If it was not you, pause the workspace and tell the operator."


class WrongSecret(Forbidden):
    """This is not the terminal that began this sign-in."""

    code = "wrong_secret"
    next_step = "Begin again: sayso login."
    keeps = True


@dataclass(frozen=True, slots=True)
class Login:
    """One terminal's wish to be let in, as its signed name says it."""

    id: UUID
    secret_hash: bytes


@dataclass(frozen=True, slots=True)
class Started:
    """A new login; `secret` is seen here and never again."""

    name: str
    secret: str
    code: str


def start(settings: Settings) -> Started:
    """Begin a login; writes nothing."""
    login, secret = new_id(), new_secret()
    name = seal.sign(settings.secrets, PURPOSE, f"{login.hex}.{token_hash(secret).hex()}")
    return Started(name, secret, code_of(settings, login))


def read(settings: Settings, name: str) -> Login:
    """The login with this name. Raises LoginEnded when it is not ours or too old."""
    value = seal.verify(settings.secrets, PURPOSE, name, int(LOGIN_LASTS.total_seconds()))
    if value is None:
        raise LoginEnded
    login, _, secret_hash = value.partition(".")
    return Login(UUID(hex=login), bytes.fromhex(secret_hash))


def code_of(settings: Settings, login: UUID) -> str:
    """What terminal and portal both show, so that a person can see that they speak of the same: `BCDF-GHJK`."""
    digest = keyed_hash(seal.derived(settings.secret, PURPOSE), login.hex)
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:CODE_LENGTH])
    return f"{letters[:4]}-{letters[4:]}"


def answer(session: Session, person: Person, login: Login, *, lets_in: bool) -> None:
    """Let the terminal in as this person, or turn it away; once. Raises LoginAnswered."""
    row = {"id": login.id, "workspace_id": person.workspace_id, "person_id": person.id, "secret_hash": login.secret_hash}
    told = insert(TerminalLogin).values(**row, finished_at=None if lets_in else func.now()).on_conflict_do_nothing()
    bind(session, person.workspace_id, login.id.bytes)
    if session.scalar(told.returning(TerminalLogin.id)) is None:
        raise LoginAnswered


def finish(session: Session, login: Login, secret: str, now: datetime) -> tuple[Person, str] | None:
    """The person and a session's token, once; None while nobody has confirmed. Raises LoginEnded, WrongSecret."""
    bind(session, None, login.id.bytes)
    row = session.get(TerminalLogin, login.id)
    if not same(login.secret_hash, token_hash(secret)):
        raise _wrong(session, login)
    if row is None:
        return None
    unused = (TerminalLogin.id == login.id, TerminalLogin.finished_at.is_(None), TerminalLogin.tries < MOST_TRIES)
    if session.scalar(update(TerminalLogin).where(*unused).values(finished_at=func.now()).returning(TerminalLogin.id)) is None:
        raise LoginEnded
    bind(session, row.workspace_id)
    person = session.get_one(Person, row.person_id)
    return person, begin(session, person, "terminal", now)


def _wrong(session: Session, login: Login) -> Forbidden:
    """Count the try, where there is something to try for."""
    mine = (TerminalLogin.id == login.id, TerminalLogin.finished_at.is_(None), TerminalLogin.tries < MOST_TRIES)
    session.execute(update(TerminalLogin).where(*mine).values(tries=TerminalLogin.tries + 1))
    return WrongSecret()
