"""Stopping what was approved: what is not dialled yet is cancelled, what is being dialled is not dialled again; the row's lock decides which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals.decide import MayNotDecide
from approvals.people import Person
from approvals.requests import intents_of
from approvals.resolve import Subject, pause, resume
from approvals.tables import Approval
from kernel.db import raw
from kernel.errors import Conflict, NotFound
from kernel.keys import show
from kernel.settings import Settings
from outbox.events import note
from outbox.facts import Scope, stops
from outbox.states import take_back
from outbox.tables import Audit

STOPPED = "approval.stopped"
STOPPED_LATE = "approval.stopped_late"
NAMED = 20
"""So many of what was stopped the audit names one by one; it counts them all."""
RESTS = "Paused on its own page."


class NothingToStop(Conflict):
    """Too late: it was handed to the provider already, or had ended before."""

    code = "nothing_to_stop"
    next_step = "Read on this page what became of it."


class OnItsWay(NothingToStop):
    """It is with the provider at this moment, or may be: if the provider did not take it, it is cancelled and not sent again."""

    code = "on_its_way"
    keeps = True


def halt(session: Session, person: Person, approval: UUID) -> int:
    """Cancel what of an approved request still waits to be dialled; answers how much that was.

    What is being dialled, or in doubt, is not dialled again. Raises MayNotDecide, NotFound, NothingToStop, and OnItsWay when that was all.
    """
    if not person.may_vote:
        raise MayNotDecide
    mine = (Approval.id == approval, Approval.workspace_id == person.workspace_id)
    # The approval before its deliveries, as a decision locks them: else the two would deadlock.
    state = session.scalar(select(Approval.state).where(*mine).with_for_update(key_share=True))
    if state is None:
        raise NotFound
    intents = sorted(intents_of(session, approval)) if state == "approved" else []
    marked, stopped = take_back(raw(session), dict.fromkeys(intents))
    if not marked:
        raise NothingToStop
    if not stopped:
        note(session, person.as_actor(), STOPPED_LATE, str(approval))
        raise OnItsWay
    named = [show("int", one.intent_id) for one in stopped[:NAMED]]
    note(session, person.as_actor(), STOPPED, str(approval), intents=named, many=len(stopped))
    return len(stopped)


def rest(session: Session, person: Person, approval: UUID, settings: Settings) -> None:
    """Let what of an approved request still waits rest until it goes on. Raises MayNotOperate, NotFound, NothingToStop."""
    mine = (Approval.id == approval, Approval.workspace_id == person.workspace_id)
    if session.scalar(select(Approval.state).where(*mine)) != "approved":
        raise NothingToStop
    pause(session, person, _only(approval), RESTS, settings)


def go_on(session: Session, person: Person, approval: UUID, settings: Settings) -> None:
    """Let a request that rests leave again. Raises MayNotOperate, NotFound."""
    resume(session, person, _only(approval), RESTS, settings)


def rests(session: Session, workspace: UUID, approval: UUID) -> bool:
    """Whether a request is paused by itself."""
    return bool(stops(session, workspace, _only(approval).scope))


def _only(approval: UUID) -> Subject:
    return Subject("request", Scope(approval=approval))


@dataclass(frozen=True, slots=True)
class Halted:
    """Who stopped it, and when."""

    by: str
    at: datetime


def halted(session: Session, workspace: UUID, approval: UUID) -> Halted | None:
    """Who stopped an approved request, if somebody did."""
    mine = (Audit.workspace_id == workspace, Audit.subject == str(approval), Audit.action == STOPPED)
    row = session.execute(select(Audit.actor, Audit.at).where(*mine).order_by(Audit.id).limit(1)).first()
    return Halted(row.actor, row.at) if row else None
