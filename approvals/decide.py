"""The decision: one conditional update bound to the digest that was shown; the first one wins, the loser is told who and when.

Only a person gets here, by a link or the portal; there is no operation, tool or route for it that a key could call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from approvals.people import Person
from approvals.requests import intents_of
from approvals.tables import Approval, Link
from kernel.db import after_commit, raw
from kernel.errors import Conflict, Forbidden, NotFound, SaysoError
from outbox import wake
from outbox.events import Actor, note
from outbox.grants import give
from outbox.states import Move, State, move

Verdict = Literal["approved", "rejected"]
Via = Literal["link", "portal"]


class AlreadyDecided(Conflict):
    """This was decided already."""

    code = "already_decided"
    next_step = "Nothing to do: read the decision on this page."


class ApprovalExpired(Conflict):
    """This request expired before it was decided, so it will never be sent."""

    code = "approval_expired"
    next_step = "Ask the agent to request it again."


class DigestChanged(Conflict):
    """What you were shown is not what is stored."""

    code = "digest_changed"
    next_step = "Open the page again and read it anew; nothing was decided."


class MayNotDecide(Forbidden):
    """Only an owner or a manager decides."""

    code = "may_not_decide"
    next_step = "Ask an owner or a manager of the workspace."


@dataclass(frozen=True, slots=True)
class Decision:
    """Who says what about which bytes, by which way, from which address, and why."""

    approval: UUID
    digest: bytes
    verdict: Verdict
    via: Via
    origin: str = ""
    reason: str | None = None


def decide(session: Session, person: Person, decision: Decision) -> None:
    """Decide, grant or reject, end the links and write the audit, all in the caller's transaction.

    Raises NotFound, MayNotDecide, AlreadyDecided, ApprovalExpired, DigestChanged; then nothing was written.
    """
    if not person.may_decide:
        raise MayNotDecide
    _settle(session, person, decision)
    intents = intents_of(session, decision.approval)
    if decision.verdict == "approved":
        lanes = {moved.lane for moved in give(raw(session), intents, "approval", decision.approval)}
        after_commit(session, lambda: wake.ring(lanes))
    else:
        move(raw(session), [Move(intent, (State.HELD,), State.REJECTED) for intent in intents])
    end_links(session, decision.approval)
    subject = str(decision.approval)
    detail = {"digest": decision.digest.hex(), "via": decision.via, "origin": decision.origin}
    note(session, Actor(person.workspace_id, person.as_caller()), f"approval.{decision.verdict}", subject, **detail)


def _settle(session: Session, person: Person, decision: Decision) -> None:
    mine = (Approval.id == decision.approval, Approval.workspace_id == person.workspace_id)
    settled = session.execute(
        update(Approval)
        .where(*mine, Approval.state == "pending", Approval.digest == decision.digest, Approval.expires_at > func.now())
        .values(
            state=decision.verdict,
            decided_at=func.now(),
            decided_by=person.id,
            decided_by_name=person.name,
            decided_via=decision.via,
            decided_from=decision.origin,
            reason=decision.reason,
        )
        .returning(Approval.id),
    ).scalar()
    if settled is None:
        raise why_not(session.scalar(select(Approval).where(*mine)), decision)
    session.expire_all()


def why_not(row: Approval | None, decision: Decision) -> SaysoError:
    """Why this decision cannot be made, as the refusal to answer."""
    if row is None:
        return NotFound()
    if row.state == "pending":
        return DigestChanged() if row.digest != decision.digest else ApprovalExpired()
    if row.state in ("approved", "rejected") and row.decided_at:
        when = row.decided_at.strftime("%Y-%m-%d %H:%M UTC")
        return AlreadyDecided(f"{row.decided_by_name} {row.state} this on {when}.", state=row.state)
    return ApprovalExpired() if row.state == "expired" else AlreadyDecided(f"This request was {row.state}.", state=row.state)


def end_links(session: Session, approval: UUID) -> None:
    """Every link of an approval dies with its decision, withdrawal or expiry."""
    session.execute(update(Link).where(Link.approval_id == approval, Link.ended_at.is_(None)).values(ended_at=func.now()))
