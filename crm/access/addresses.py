"""Where a person is written to: a new address is proved by a code, told at the old one, and in force a day later unless somebody keeps the old."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from approvals.letters import SYSTEM, post
from approvals.people import Person
from crm.access.tables import AddressChange
from crm.access.throttle import Limit, count
from kernel.clock import now, zone_of
from kernel.db import bind
from kernel.errors import Conflict, Forbidden, NotFound
from kernel.keys import keyed_hash, new_code, new_id, new_token, same, show, token_hash
from kernel.seal import derived
from kernel.settings import Settings
from kernel.tenancy import Workspace
from outbox.content import Content
from outbox.events import Actor, note
from outbox.kinds.address_code import AddressCode, AddressCodeSms
from outbox.kinds.notice import Notice
from outbox.kinds.notice_sms import NoticeSms

Field = Literal["email", "phone"]
CODE_LASTS = timedelta(minutes=15)
COOLS = timedelta(hours=24)
"""The database's own day, for what pages say; it is the database that keeps it."""
MOST_TRIES = 5
PURPOSE = "address-code"
BY_PERSON = Limit("address change", 5, timedelta(hours=1))
AT_ONCE = 50


class SameAddress(Conflict):
    """That is where you are written to already, or somebody of the business has it."""

    code = "same_address"
    next_step = "Type another address."


class WrongAddressCode(Forbidden):
    """That is not the code, or it is over."""

    code = "wrong_address_code"
    next_step = "Type the six digits of the newest message at the new address; a code is good for a quarter of an hour and five tries."
    keeps = True


class ChangeOver(NotFound):
    """This change is over: it was made, kept back or replaced before."""

    code = "change_over"
    next_step = "Sign in to the portal to see where you are written to."


def waiting(session: Session, person: Person) -> AddressChange | None:
    """The person's change that is under way."""
    return session.scalar(select(AddressChange).where(AddressChange.person_id == person.id, AddressChange.ended_at.is_(None)))


def ask(session: Session, settings: Settings, person: Person, field: Field, new: str) -> None:
    """Send a code to the new address; an earlier change of this person's is over. Raises TooOften, SameAddress.

    The database takes it only in a transaction that presents the person's own portal session.
    """
    count(session, settings.secret, BY_PERSON, person.id.hex)
    taken = select(Person.id).where(Person.workspace_id == person.workspace_id, Person.ended_at.is_(None), _has(field, new))
    if session.scalar(taken):
        raise SameAddress
    _end(session, person, "replaced")
    code, change = new_code(), new_id()
    row = {"id": change, "workspace_id": person.workspace_id, "person_id": person.id, "field": field, "new": new}
    session.execute(insert(AddressChange).values(**row, code_hash=_hash(settings.secret, change, code)))
    post(session, settings, person.workspace_id, [_code_letter(person, field, new, code)], now() + CODE_LASTS)
    note(session, person.as_actor(), "person.address_asked", show("per", person.id), field=field)


def _has(field: Field, address: str) -> ColumnElement[bool]:
    return func.lower(Person.email) == address.lower() if field == "email" else Person.phone == address


def _hash(secret: bytes, change: UUID, code: str) -> bytes:
    return keyed_hash(derived(secret, PURPOSE), change.hex, code)


def _code_letter(person: Person, field: Field, new: str, code: str) -> Content:
    if field == "phone":
        return AddressCodeSms(to=new, body=f"Sayso: your code to be written to at this number is {code}. If you did not ask, do nothing.")
    body = f"Hello {person.name},\n\nYour code to be written to at this address: {code}\n\nIf you did not ask for it, do nothing.\n"
    return AddressCode(to=new, subject="Your code to use this address with Sayso", body=body)


def confirm(session: Session, settings: Settings, person: Person, code: str) -> None:
    """Take the right code: the old address is told, and the day begins. Raises WrongAddressCode; a try is counted before the code is looked at."""
    mine = (AddressChange.person_id == person.id, AddressChange.ended_at.is_(None), AddressChange.confirmed_at.is_(None))
    young = (AddressChange.asked_at > now() - CODE_LASTS, AddressChange.tries < MOST_TRIES)
    tried = session.scalar(update(AddressChange).where(*mine, *young).values(tries=AddressChange.tries + 1).returning(AddressChange.id))
    change = session.get(AddressChange, tried, populate_existing=True) if tried else None
    if change is None or not any(same(change.code_hash, _hash(secret, change.id, code)) for secret in settings.secrets):
        raise WrongAddressCode
    token = new_token()
    session.execute(update(AddressChange).where(AddressChange.id == change.id).values(confirmed_at=func.now(), keep_hash=token_hash(token)))
    post(session, settings, person.workspace_id, _warnings(session, settings, person, change, token), now() + COOLS)
    note(session, person.as_actor(), "person.address_confirmed", show("per", person.id), field=change.field)


def _warnings(session: Session, settings: Settings, person: Person, change: AddressChange, token: str) -> list[Content]:
    """What the old addresses are told: the e-mail address always, the old phone where that is what changes."""
    zone = zone_of(session.get_one(Workspace, person.workspace_id).zone)
    what, keep = {"email": "e-mail address", "phone": "phone number"}[change.field], f"{settings.base_url}/portal/keep/{token}"
    at = (now() + COOLS).astimezone(zone).strftime("%A %d %B, %H:%M (%Z)")
    body = f"Hello {person.name},\n\nYour {what} for Sayso is to change. The new one is used from {at} on.\n\nWas that not you? Keep the old one: {keep}\n"
    told: list[Content] = [Notice(to=person.email, subject=f"Your {what} is to change", body=body)]
    if change.field == "phone" and person.phone:
        told.append(NoticeSms(to=person.phone, body=f"Sayso: your phone number is to change in 24 hours. Not you? {keep}"))
    return told


def _end(session: Session, person: Person, how: str) -> bool:
    mine = (AddressChange.person_id == person.id, AddressChange.ended_at.is_(None))
    return session.scalar(update(AddressChange).where(*mine).values(ended_at=func.now(), ended_as=how).returning(AddressChange.id)) is not None


def keep_mine(session: Session, person: Person) -> None:
    """The person, signed in, keeps the old address. Raises ChangeOver."""
    if not _end(session, person, "cancelled"):
        raise ChangeOver
    note(session, person.as_actor(), "person.address_kept", show("per", person.id))


def keep(session: Session, token: str) -> None:
    """Whoever reads the old address keeps it. Raises ChangeOver.

    The transaction must have been opened with `credential=token_hash(token)`.
    """
    change = session.scalar(select(AddressChange).where(AddressChange.keep_hash == token_hash(token), AddressChange.ended_at.is_(None)))
    if change is None:
        raise ChangeOver
    bind(session, change.workspace_id)
    keep_mine(session, session.get_one(Person, change.person_id))


def apply(session: Session) -> int:
    """Put in force what was proved a day ago; answers how many. The database refuses what has not waited so long."""
    ripe = (AddressChange.ended_at.is_(None), AddressChange.confirmed_at <= func.now() - COOLS)
    changes = session.scalars(select(AddressChange).where(*ripe).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for change in changes:
        _apply(session, change)
    return len(changes)


def _apply(session: Session, change: AddressChange) -> None:
    field: Field = "email" if change.field == "email" else "phone"
    others = select(Person.id).where(Person.workspace_id == change.workspace_id, Person.ended_at.is_(None), _has(field, change.new))
    is_free = session.scalar(others.where(Person.id != change.person_id)) is None
    moved = None
    if is_free:
        mine = (Person.id == change.person_id, Person.ended_at.is_(None))
        moved = session.scalar(update(Person).where(*mine).values({field: change.new}).returning(Person.id))
    how = "applied" if moved else "cancelled"
    session.execute(update(AddressChange).where(AddressChange.id == change.id).values(ended_at=func.now(), ended_as=how))
    note(session, Actor(change.workspace_id, SYSTEM), f"person.address_{how}", show("per", change.person_id), field=field)
