"""What waits and is not true any more: cancelled with the reason, by whoever changed what it speaks of, in the same transaction."""

from __future__ import annotations

from uuid import UUID

from psycopg.rows import scalar_row
from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals.endings import end
from approvals.tables import Approval, ApprovalItem
from approvals.versions import newest_of
from kernel.db import raw
from kernel.keys import show
from outbox.events import Actor, happened_in, note
from outbox.states import WAITING, take_back

STILL_HELD = """
SELECT EXISTS (SELECT FROM approval_item m JOIN delivery d ON d.intent_id = m.intent_id WHERE m.approval_id = %s AND d.state = 'held')
"""


def drop_moot(session: Session, by: Actor, intent: UUID, why: str | None = None) -> bool:
    """Cancel what has not been dialled yet, whoever asked for it and whatever its words are by now; False when it has left already, or is over.

    It wins or loses against the claim by the row's lock. False also of what is being called or in doubt: it is marked, and
    cancelled as soon as that call proves not taken.
    """
    intent = (newest_of(session, by.workspace, intent) or (None, intent))[1]
    _lock_approval(session, intent)
    marked, cancelled = take_back(raw(session), {intent: why}, tuple(WAITING))
    told = {"why": why} if why else {}
    if not cancelled:
        if marked:
            note(session, by, "intent.withdrawn", str(intent), **told)
        return False
    _withdraw_if_empty(session, by, intent)
    happened_in(session, by.workspace, "send.cancelled", show("int", intent))
    note(session, by, "intent.cancelled", str(intent), **told)
    return True


def _lock_approval(session: Session, intent: UUID) -> None:
    """The approval before its deliveries, as a decision locks them: else the two would deadlock."""
    asked = select(Approval.id).join(ApprovalItem, ApprovalItem.approval_id == Approval.id)
    session.execute(asked.where(ApprovalItem.intent_id == intent).with_for_update(key_share=True, of=Approval))


def _withdraw_if_empty(session: Session, by: Actor, intent: UUID) -> None:
    """A pending request whose last held intent was cancelled has nothing left to decide."""
    asked = select(Approval.id).join(ApprovalItem, ApprovalItem.approval_id == Approval.id)
    approval = session.scalar(asked.where(ApprovalItem.intent_id == intent, Approval.state == "pending"))
    if approval and not raw(session).cursor(row_factory=scalar_row).execute(STILL_HELD, (approval,)).fetchone():
        end(session, by, [approval], "withdrawn")
