"""Expiry fails closed: what nobody decided in time is never sent."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from approvals.endings import end
from approvals.letters import SYSTEM
from approvals.tables import Approval, ApprovalItem
from kernel.db import raw
from outbox.events import Actor
from outbox.states import Move, State, move

AT_ONCE = 200


def expire(session: Session) -> int:
    """Expire the overdue approvals with their intents and links; answers how many."""
    overdue = select(Approval.id, Approval.workspace_id).where(Approval.state == "pending", Approval.expires_at <= func.now())
    gone = session.execute(overdue.limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for approval, workspace in gone:
        end(session, Actor(workspace, SYSTEM), [approval], "expired")
        intents = session.scalars(select(ApprovalItem.intent_id).where(ApprovalItem.approval_id == approval))
        move(raw(session), [Move(intent, (State.HELD,), State.EXPIRED) for intent in intents])
    return len(gone)
