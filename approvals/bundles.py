"""Bundles: one letter about several requests; its token opens their list, each has a link of its own, and one code is tried five times in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from approvals.people import Person
from approvals.tables import Bundle, Link
from kernel.db import bind, raw
from kernel.errors import Forbidden, NotFound
from kernel.keys import new_id, token_from, token_hash

MOST_TRIES = 5
TIE = "INSERT INTO bundle (id, workspace_id, person_id, token_hash, expires_at) VALUES (%s, %s, %s, %s, %s)"


class BundleEnded(NotFound):
    """This list is not one of ours, or its time is over."""

    code = "list_ended"
    next_step = "Open the newest message about your requests, or sign in to the portal."


class CodeLocked(Forbidden):
    """Too many wrong codes: this link is closed."""

    code = "code_locked"
    next_step = "Sign in to the portal to decide; the request is still pending."


def tie(session: Session, person: Person, token: str, until: datetime) -> UUID:
    """A new bundle for one person."""
    bundle = new_id()
    raw(session).execute(TIE, (bundle, person.workspace_id, person.id, token_hash(token), until))
    return bundle


def token_in(token: str, approval: UUID) -> str:
    """The token of the link to one of a bundle's requests; only who holds the bundle's can tell it."""
    return token_from(token, "link", approval.hex)


@dataclass(frozen=True, slots=True)
class Untied:
    """An open bundle: its person and the tokens of its links, by request."""

    person: Person
    tokens: Mapping[UUID, str]


def untie(session: Session, token: str) -> Untied:
    """Find a bundle by its token and show the transaction its workspace; changes nothing. Raises BundleEnded.

    The transaction must have been opened with `credential=token_hash(token)`.
    """
    bundle = session.scalar(select(Bundle).where(Bundle.token_hash == token_hash(token), Bundle.expires_at > func.now()))
    if bundle is None:
        raise BundleEnded
    bind(session, bundle.workspace_id)
    person = session.get_one(Person, bundle.person_id)
    if person.ended_at is not None:
        raise BundleEnded
    approvals = session.scalars(select(Link.approval_id).where(Link.bundle_id == bundle.id).order_by(Link.id))
    return Untied(person, {approval: token_in(token, approval) for approval in approvals})


def has_tries(session: Session, bundle: UUID | None) -> bool:
    """Whether a link of this bundle may still be tried."""
    return bundle is None or session.get_one(Bundle, bundle).tries < MOST_TRIES


def take_try(session: Session, bundle: UUID | None) -> None:
    """Take one of the tries that all links of a bundle have between them, before the code is looked at. Raises CodeLocked."""
    tried = update(Bundle).where(Bundle.id == bundle, Bundle.tries < MOST_TRIES).values(tries=Bundle.tries + 1).returning(Bundle.id)
    if bundle and session.scalar(tried) is None:
        raise CodeLocked


def give_back(session: Session, bundle: UUID | None) -> None:
    """The code was right: this one does not count."""
    if bundle:
        session.execute(update(Bundle).where(Bundle.id == bundle).values(tries=Bundle.tries - 1))
