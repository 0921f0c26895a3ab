"""Approval links: 128 random bits in the address, a six-digit code beside it; opening one changes nothing.

Stored as hashes, bound to approval, digest and person, dead after one decision, five wrong codes in all, or a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from approvals.bundles import MOST_TRIES, CodeLocked, give_back, has_tries, take_try
from approvals.decide import decide, why_not
from approvals.people import Person
from approvals.tables import Approval, Link
from approvals.votes import Decision
from approvals.wording import Secrets
from kernel.db import bind, raw
from kernel.errors import Forbidden, NotFound
from kernel.keys import keyed_hash, new_code, new_id, new_token, same, token_hash
from kernel.tenancy import Workspace

INVITE = """
INSERT INTO link (id, workspace_id, approval_id, person_id, digest, token_hash, code_hash, expires_at, notice_id, bundle_id, reminds)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


class LinkUnknown(NotFound):
    """This link is not one of ours."""

    code = "link_unknown"
    next_step = "Open the newest message about this request, or sign in to the portal."


class LinkEnded(Forbidden):
    """This link has been used, replaced or has expired."""

    code = "link_ended"
    next_step = "Open the newest message about this request, or sign in to the portal."


class WrongCode(Forbidden):
    """That is not the code that stood beside this link."""

    code = "wrong_code"
    next_step = "Type the six digits from the message that held this link."
    keeps = True


@dataclass(frozen=True, slots=True)
class Invitation:
    """The two secrets of a link, in clear once, for the message to its person."""

    token: str
    code: str

    @classmethod
    def new(cls) -> Self:
        """Two new secrets."""
        return cls(new_token(), new_code())

    def told(self, workspace: Workspace, until: datetime) -> Secrets:
        """As the letter tells them."""
        return Secrets(self.token, self.code, workspace, until)


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a link travels: until when it lives, its secrets, the letter that carries it, and the bundle it belongs to."""

    until: datetime
    invitation: Invitation = field(default_factory=Invitation.new)
    notice: UUID | None = None
    bundle: UUID | None = None
    reminds: bool = False


def invite(session: Session, secret: bytes, approval: Approval, person: Person, envelope: Envelope) -> Invitation:
    """Make a link for one person; the caller puts both secrets in a sealed notice and keeps neither."""
    given = envelope.invitation
    hashes = (token_hash(given.token), keyed_hash(secret, given.token, given.code))
    row = (new_id(), approval.workspace_id, approval.id, person.id, approval.digest, *hashes, envelope.until)
    raw(session).execute(INVITE, (*row, envelope.notice, envelope.bundle, envelope.reminds))
    return given


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that was found, its person, and whether it can still decide."""

    link: Link
    person: Person
    is_live: bool
    may_vote: bool


def open_link(session: Session, token: str) -> Opened:
    """Find a link by its token and show the transaction its workspace; changes nothing. Raises LinkUnknown, LinkEnded for somebody who left.

    The transaction must have been opened with `credential=token_hash(token)`.
    """
    link = session.scalar(select(Link).where(Link.token_hash == token_hash(token)))
    if link is None:
        raise LinkUnknown
    bind(session, link.workspace_id)
    person = session.get_one(Person, link.person_id)
    if person.ended_at is not None:
        raise LinkEnded
    live = session.scalar(select(Link.expires_at > func.now()).where(Link.id == link.id))
    is_live = bool(live) and link.ended_at is None and link.tries < MOST_TRIES and has_tries(session, link.bundle_id)
    return Opened(link, person, is_live, person.may_vote)


@dataclass(frozen=True, slots=True)
class Presented:
    """What came with the form: the token from the cookie and the code that was typed."""

    token: str
    code: str


def decide_by_link(session: Session, secrets: Sequence[bytes], presented: Presented, decision: Decision) -> UUID:
    """Decide as the link's person; answers the approval. Raises what `prove` and `decide` raise."""
    decide(session, prove(session, secrets, presented, decision), decision)
    return decision.approval


def prove(session: Session, secrets: Sequence[bytes], presented: Presented, decision: Decision) -> Person:
    """Answer the link's person once the code is right, the approval locked. A wrong code is counted even though it is refused.

    Raises LinkUnknown, AlreadyDecided, ApprovalExpired, LinkEnded, CodeLocked, WrongCode.
    """
    opened = open_link(session, presented.token)
    link = opened.link
    if link.approval_id != decision.approval:
        raise LinkUnknown
    # Approval before links, as every other writer locks them: two people deciding by their own links would deadlock.
    approval = session.get_one(Approval, link.approval_id, with_for_update={"key_share": True})
    if approval.state != "pending":
        raise why_not(approval, decision)
    take_try(session, link.bundle_id)
    _count_try(session, link)
    if not any(same(link.code_hash, keyed_hash(secret, presented.token, presented.code)) for secret in secrets):
        raise WrongCode(tries_left=MOST_TRIES - link.tries)
    give_back(session, link.bundle_id)
    return opened.person


def _count_try(session: Session, link: Link) -> None:
    """Take one of the five tries before looking at the code, so that fifty at once get five between them."""
    usable = (Link.id == link.id, Link.tries < MOST_TRIES, Link.ended_at.is_(None), Link.expires_at > func.now())
    counted = session.execute(update(Link).where(*usable).values(tries=Link.tries + 1).returning(Link.tries)).scalar()
    session.refresh(link)
    if counted is None:
        raise CodeLocked if link.tries >= MOST_TRIES and link.ended_at is None else LinkEnded
