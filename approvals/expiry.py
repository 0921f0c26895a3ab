"""Expiry fails closed: what nobody decided in time is never sent."""

from __future__ import annotations

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from approvals.decide import end_links
from approvals.notices import SYSTEM
from approvals.tables import Approval, ApprovalItem
from kernel.db import raw
from outbox.events import Actor, note
from outbox.states import Move, State, move

AT_ONCE = 200


def expire(session: Session) -> int:
    """Expire the overdue approvals with their intents and links; answers how many."""
    overdue = select(Approval.id).where(Approval.state == "pending", Approval.expires_at <= func.now())
    some = overdue.limit(AT_ONCE).with_for_update(skip_locked=True).scalar_subquery()
    gone = session.execute(
        update(Approval).where(Approval.id.in_(some)).values(state="expired").returning(Approval.id, Approval.workspace_id),
    ).all()
    for approval, workspace in gone:
        intents = session.scalars(select(ApprovalItem.intent_id).where(ApprovalItem.approval_id == approval))
        move(raw(session), [Move(intent, (State.HELD,), State.EXPIRED) for intent in intents])
        end_links(session, approval)
        note(session, Actor(workspace, SYSTEM), "approval.expired", str(approval))
    return len(gone)
