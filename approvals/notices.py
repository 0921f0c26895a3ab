"""Telling the deciders: the first request at once, with a link and the code that stands beside it; what follows soon, the clock gathers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from approvals.escalations import told_by_now
from approvals.letters import post
from approvals.links import Envelope, Invitation, invite
from approvals.people import Person, deciders, stand_ins
from approvals.postbox import Wish, take_turns, wishes_of
from approvals.requests import shown
from approvals.tables import Approval, Link
from approvals.versions import newest
from approvals.wording import Asked, about_one
from kernel.call import Call
from kernel.clock import now, zone_of
from kernel.db import raw
from kernel.settings import Settings
from kernel.tenancy import Workspace
from outbox.content import Preview

LASTS = timedelta(hours=24)
"""The longest a link lives; a request may live longer."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is written to, where they wish it, and the business that asks."""

    person: Person
    workspace: Workspace
    wish: Wish


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who may decide, and who of them is told at once: what must be read before anything is written."""

    deciders: Sequence[Person]
    at_once: Sequence[Reader]

    def without(self, person: UUID) -> Sequence[Reader]:
        """Who is told at once, but for this one."""
        return [reader for reader in self.at_once if reader.person.id != person]


def audience(call: Call, ends: datetime) -> Audience:
    """Whom a request concerns that ends then; a turn is taken for each who is told at once."""
    workspace, line = call.session.get_one(Workspace, call.workspace), raw(call.session)
    people, wishes, zone = deciders(call.session, call.workspace), wishes_of(line, call.workspace), zone_of(workspace.zone)
    first = told_by_now(call.session, call.workspace, people, timedelta(0))
    told = [*(person for person in people if person.id in first), *stand_ins(call.session, call.workspace)]
    awake = [person for person in told if wishes.get(person.id, Wish()).lets(call.moment, zone, ends)]
    turns = take_turns(line, call.settings, call.workspace, [person.id for person in awake])
    return Audience(people, [Reader(person, workspace, wishes.get(person.id, Wish())) for person in awake if person.id in turns])


def tell_deciders(call: Call, approval: Approval, preview: Sequence[Preview], to: Sequence[Reader]) -> None:
    """Write to each of them, with a link of their own; it needs no approval, and the database lets it go nowhere else."""
    for reader in to:
        tell_one(call.session, call.settings, reader, Asked(approval.id, approval.asked_by_name, preview, approval.expires_at), approval)


def tell_one(session: Session, settings: Settings, reader: Reader, asked: Asked, approval: Approval) -> None:
    """One letter about one request, with a new link."""
    until = min(approval.expires_at, now() + LASTS)
    invitation = Invitation.new()
    letter = about_one(settings.base_url, reader.person, reader.wish.channel, [asked], invitation.told(reader.workspace, until))
    (notice,) = post(session, settings, reader.workspace.id, [letter], until)
    invite(session, settings.secret, approval, reader.person, Envelope(until, invitation, notice))


def tell_again(session: Session, settings: Settings, link: Link) -> None:
    """A new link to its person, where the request still waits for them; else nothing. Whoever asks learns neither."""
    person, workspace = session.get_one(Person, link.person_id), session.get_one(Workspace, link.workspace_id)
    row = session.get_one(Approval, newest(session, link.approval_id))
    if row.state != "pending" or row.expires_at <= now() or not person.may_vote:
        return
    wish = wishes_of(raw(session), workspace.id).get(person.id, Wish())
    (told,) = shown(session, [row])
    asked = Asked(row.id, row.asked_by_name, told.preview, row.expires_at, many=told.bulk.count if told.bulk else 0)
    tell_one(session, settings, Reader(person, workspace, wish), asked, row)
