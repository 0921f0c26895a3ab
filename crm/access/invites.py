"""Inviting somebody into the team: an agent proposes, an owner confirms in the portal, and only then is the invited person written to.

Managers decide what leaves. If an agent's word alone made one, an agent could make itself an approver.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from approvals.letters import draft, hand_over, post
from approvals.people import Person, Rank, everybody
from crm.access.registration import CodeExpired, TriesSpent, WrongCode
from crm.access.tables import Invite
from crm.access.team import AlreadyHere
from crm.access.throttle import Limit, TooOften, count, network_of
from kernel.clock import now
from kernel.db import bind, raw
from kernel.errors import Conflict, NotFound
from kernel.keys import keyed_hash, new_code, new_id, new_token, show, token_hash
from kernel.seal import derived
from kernel.settings import Settings
from kernel.tenancy import Workspace
from outbox.events import Actor, note
from outbox.kinds.notice import Notice
from outbox.kinds.team_invite import InviteCode, TeamInvite

CODE_LASTS = timedelta(minutes=10)
"""The database's own ten minutes, for what letters and answers say."""
PURPOSE = "invite-code"
BY_WORKSPACE = Limit("invite", 20, timedelta(days=1))
BY_TOKEN = Limit("invite code", 3, timedelta(hours=1))
BY_ORIGIN = Limit("invite origin", 20, timedelta(hours=1))
ASK_CODE = text("SELECT workspace_id, address, business FROM ask_invite_code(:code, :letter)")
ACCEPT = "SELECT outcome, tries_left, workspace, role FROM accept_invite(%s, %s, %s)"
ONCE_MORE = "Ask the person for the six digits of the letter, and call accept_team_invite_verify again with the same token."
AGAIN = "Ask for a new code: accept_team_invite_request."


class TooManyInvites(TooOften):
    """This business was asked to invite twenty people within a day."""

    code = "too_many_invites"
    next_step = "Let an owner confirm or decline what waits in the portal under Settings, Team, and ask again tomorrow."


class AlreadyInvited(Conflict):
    """Somebody with this e-mail address is invited already, or waits for an owner's word."""

    code = "already_invited"
    next_step = "See list_team_members; an owner confirms or declines it in the portal under Settings, Team."


class InviteOver(NotFound):
    """This invitation was used, is over, or was asked for too many codes."""

    code = "invite_over"
    next_step = "Ask whoever invited you for a new one."


@dataclass(frozen=True, slots=True)
class Guest:
    """Who shall belong, as what, and how long the letter is good."""

    address: str
    role: str
    name: str | None
    hours: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody who came in by an invitation; `person` is None where they belonged already."""

    workspace: UUID
    person: UUID | None
    role: str


def propose(session: Session, settings: Settings, actor: Actor, guest: Guest) -> Invite:
    """Ask the owners to have somebody in the team; nobody else is written to. Raises TooManyInvites, AlreadyHere, AlreadyInvited."""
    try:
        count(session, settings.secret, BY_WORKSPACE, actor.workspace.hex)
    except TooOften:
        raise TooManyInvites from None
    people = [person for person in everybody(session, actor.workspace) if person.ended_at is None]
    if any(person.email.lower() == guest.address.lower() for person in people):
        raise AlreadyHere(next_step="See list_team_members.")
    if any(invite.address.lower() == guest.address.lower() for invite in waiting(session, actor.workspace)):
        raise AlreadyInvited
    row = {"address": guest.address, "name": guest.name, "role": guest.role, "hours": guest.hours, "asked_by_name": actor.caller.shown()}
    new = session.scalar(insert(Invite).values(id=new_id(), workspace_id=actor.workspace, **row).returning(Invite.id))
    invite = session.get_one(Invite, new)
    post(session, settings, actor.workspace, [_asking(settings, owner, invite) for owner in people if owner.rank == Rank.OWNER])
    note(session, actor, "invite.proposed", show("ivt", invite.id), role=guest.role)
    return invite


def _asking(settings: Settings, owner: Person, invite: Invite) -> Notice:
    body = (
        f"Hello {owner.name},\n\n"
        f"an agent asks you to have {invite.address} in the team as {invite.role}.\n"
        f"Nobody is invited until an owner confirms it: {settings.base_url}/portal/settings/team\n\n"
        f"If you do not know who that is, decline it there.\n"
    )
    return Notice(to=owner.email, subject="An agent asks you to invite somebody", body=body)


def waiting(session: Session, workspace: UUID) -> list[Invite]:
    """The invitations that wait for an owner or for the invited person, oldest first."""
    mine = select(Invite).where(Invite.workspace_id == workspace, Invite.ended_at.is_(None), Invite.expires_at > func.now())
    return list(session.scalars(mine.order_by(Invite.asked_at, Invite.id)))


def find(session: Session, workspace: UUID, invite: UUID) -> Invite:
    """One of those. Raises NotFound."""
    found = next((each for each in waiting(session, workspace) if each.id == invite), None)
    if found is None:
        raise NotFound
    return found


def confirm(session: Session, settings: Settings, owner: Person, invite: UUID) -> None:
    """Write to the invited person. Raises NotFound when it was settled already.

    The database takes it only in a transaction that presents an owner's own portal session.
    """
    found, token, letter = find(session, owner.workspace_id, invite), new_token(), new_id()
    fresh = (Invite.id == found.id, Invite.confirmed_at.is_(None))
    told = session.scalar(update(Invite).where(*fresh).values(token_hash=token_hash(token), letter_id=letter).returning(Invite.id))
    if told is None:
        raise NotFound
    business = session.get_one(Workspace, owner.workspace_id).name
    words = TeamInvite(to=found.address, subject="You are invited to a business on Sayso", body=_words(settings, owner, business, found, token))
    hand_over(session, settings, [draft(settings, owner.workspace_id, words, now() + timedelta(hours=found.hours), letter)])
    note(session, owner.as_actor(), "invite.confirmed", show("ivt", found.id), role=found.role)


def _words(settings: Settings, owner: Person, business: str, invite: Invite, token: str) -> str:
    return (
        f"Hello {invite.name or ''}".rstrip() + f",\n\n{owner.name} invites you to {business} as {invite.role}.\n\n"
        f"Come in: {settings.base_url}/portal/join/{token}\n"
        f"You will get a code at this address. It is good for {invite.hours} hours.\n\n"
        f"If an agent is to do it for you, give it this token: {token}\n"
        f"If you do not know who that is, do nothing.\n"
    )


def decline(session: Session, owner: Person, invite: UUID) -> None:
    """End it, confirmed or not. Raises NotFound."""
    found = find(session, owner.workspace_id, invite)
    mine = (Invite.id == found.id, Invite.ended_at.is_(None))
    if session.scalar(update(Invite).where(*mine).values(ended_at=func.now(), ended_as="declined").returning(Invite.id)) is None:
        raise NotFound
    note(session, owner.as_actor(), "invite.declined", show("ivt", found.id))


def ask_code(session: Session, settings: Settings, token: str, origin: str) -> str:
    """Post a code to the invited address; answers that address. Raises TooOften, InviteOver."""
    count(session, settings.secret, BY_ORIGIN, network_of(origin))
    count(session, settings.secret, BY_TOKEN, token_hash(token).hex())
    code, letter = new_code(), new_id()
    bind(session, None, token_hash(token))
    found = session.execute(ASK_CODE, {"code": _hash(settings.secret, token, code), "letter": letter}).one_or_none()
    if found is None:
        raise InviteOver
    bind(session, found.workspace_id)
    body = f"Hello,\n\nyour code to come in to {found.business}: {code}\n\nIt works once, within ten minutes. If you did not ask for it, do nothing.\n"
    words = InviteCode(to=found.address, subject="Your code for Sayso", body=body)
    hand_over(session, settings, [draft(settings, found.workspace_id, words, now() + CODE_LASTS, letter)])
    return str(found.address)


def _hash(secret: bytes, token: str, code: str) -> bytes:
    return keyed_hash(derived(secret, PURPOSE), token, code)


def accept(session: Session, settings: Settings, token: str, code: str, name: str | None) -> Joined:
    """Let the invited person belong, as what an owner confirmed. Raises InviteOver, CodeExpired, TriesSpent, WrongCode."""
    bind(session, None, token_hash(token))
    proofs, person = [_hash(secret, token, code) for secret in settings.secrets], new_id()
    met: tuple[Any, ...] = raw(session).execute(ACCEPT, (proofs, person, name)).fetchone() or ("over", 0, None, None)
    outcome, left, workspace, role = met
    if outcome == "wrong":
        said = f"That is not the code; {left} left." if left else "That is not the code, and it was the last try."
        raise WrongCode(said, next_step=ONCE_MORE if left else AGAIN, triesLeft=left)
    if outcome not in ("accepted", "existing"):
        raise {"expired": CodeExpired, "spent": TriesSpent}.get(outcome, InviteOver)(next_step=InviteOver.next_step if outcome == "over" else AGAIN)
    bind(session, workspace)
    made = person if outcome == "accepted" else None
    if made:
        note(session, Actor(workspace, session.get_one(Person, made).as_caller()), "person.joined", show("per", made), role=role)
    return Joined(workspace, made, role)
