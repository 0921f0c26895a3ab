"""The decision: votes bound to the digest that was shown; the one that completes it wins, the loser is told who and when.

Only a person gets here, by a link or the portal; there is no operation, tool or route for it that a key could call.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals.endings import end_links, tell
from approvals.limits import keep_within, put_off
from approvals.manifests import UNDO
from approvals.people import Person
from approvals.permitted import check_still_allowed
from approvals.policing import held
from approvals.requests import intents_of, traceparent_of
from approvals.tables import Approval, ManifestRow
from approvals.votes import Decision, cast, has_voted, settle
from approvals.wanted import check_still_wanted
from kernel.clock import now
from kernel.db import after_commit, raw
from kernel.errors import Conflict, Forbidden, NotFound, SaysoError
from kernel.traces import Span
from outbox import wake
from outbox.grants import give
from outbox.states import Move, State, move

MINUTE = "%Y-%m-%d %H:%M UTC"
SIGN_IN = "Sign in to the portal, or open the newest message about this request."


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


class AlreadyVoted(Conflict):
    """You said so already; it still waits for somebody else."""

    code = "already_voted"
    next_step = "Nothing more to do for you: another owner or manager must approve too."


def decide(session: Session, person: Person, decision: Decision) -> bool:
    """Vote; where that decides, grant or reject, end the links and write the audit, all in the caller's transaction.

    The transaction must carry the credential of the person's portal session, or of the person's link with its try counted.
    Answers whether it is decided: False while it needs more people. Raises NotFound, MayNotDecide, AlreadyDecided, AlreadyVoted,
    ApprovalExpired, DigestChanged, LimitReached, PolicyRefused, OptedOut, WindowClosed; then nothing was written.
    """
    if not person.may_vote:
        raise MayNotDecide
    with Span("decision", parent=traceparent_of(session, decision.approval), verdict=decision.verdict, via=decision.via):
        return _vote(session, person, decision)


def _vote(session: Session, person: Person, decision: Decision) -> bool:
    line = raw(session)
    vote = cast(line, person, decision)
    if vote is None:
        raise _refusal(session, person, decision)
    is_settled = settle(line, decision, vote)
    session.expire_all()
    if is_settled:
        _carry_out(session, person.workspace_id, decision)
    detail = {"digest": decision.digest.hex(), "via": decision.via, "origin": decision.origin, "vote": str(vote)}
    tell(session, person.as_actor(), decision.verdict if is_settled else "voted", decision.approval, **detail)
    return is_settled


def _carry_out(session: Session, workspace: UUID, decision: Decision) -> None:
    intents = intents_of(session, decision.approval)
    if decision.verdict == "approved":
        is_bulk = session.get(ManifestRow, decision.approval) is not None
        if not is_bulk:
            check_still_wanted(session, intents)
        settings = held(session, workspace)
        check_still_allowed(session, workspace, settings, intents)
        keep_within(session, workspace, settings, intents)
        pause = UNDO if is_bulk else None
        granted = put_off(session, workspace, settings, give(raw(session), intents, "approval", decision.approval, pause))
        lanes = {moved.lane for moved in granted}
        after_commit(session, lambda: wake.ring(lanes))
    else:
        move(raw(session), [Move(intent, (State.HELD,), State.REJECTED) for intent in intents])
    end_links(session, [decision.approval])


def _refusal(session: Session, person: Person, decision: Decision) -> SaysoError:
    mine = (Approval.id == decision.approval, Approval.workspace_id == person.workspace_id)
    row = session.scalar(select(Approval).where(*mine).execution_options(populate_existing=True))
    if row and row.state == "pending" and has_voted(raw(session), person, decision):
        return AlreadyVoted()
    return why_not(row, decision)


def why_not(row: Approval | None, decision: Decision) -> SaysoError:
    """Why this decision cannot be made, as the refusal to answer."""
    if row is None:
        return NotFound()
    if row.state == "pending":
        return _undecided(row, decision)
    if row.state in ("approved", "rejected") and row.decided_at:
        return AlreadyDecided(f"{row.decided_by_name} {row.state} this on {row.decided_at.strftime(MINUTE)}.", state=row.state)
    if row.state == "superseded" and row.ended_at:
        return AlreadyDecided(f"{row.ended_by_name} changed its words on {row.ended_at.strftime(MINUTE)}.", state=row.state)
    return ApprovalExpired() if row.state == "expired" else AlreadyDecided(f"This request was {row.state}.", state=row.state)


def _undecided(row: Approval, decision: Decision) -> SaysoError:
    if row.digest != decision.digest:
        return DigestChanged()
    return ApprovalExpired() if row.expires_at <= now() else MayNotDecide("Nothing here proves that it is you who decides.", next_step=SIGN_IN)
