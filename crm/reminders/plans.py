"""Reading and cancelling what rules plan; a reminder that was asked for already is cancelled as the send that it became."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from psycopg.rows import dict_row, scalar_row
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals import gate
from crm.reminders.rules import Listed
from crm.reminders.tables import Reminder
from kernel.call import Call
from kernel.clock import zone_of
from kernel.db import raw
from kernel.errors import NotFound
from kernel.keys import Wire, show
from kernel.operation import Answer
from kernel.tenancy import Workspace
from outbox.events import Actor, happened, note
from outbox.sends import IntentId

BookingId = Annotated[UUID, Wire("bkg")]
ReminderId = Annotated[UUID, Wire("rem")]
FIND = """
SELECT r.id AS reminder_id, r.booking_id, r.state AS status, r.due_at, r.about AS booking_start, r.why, r.intent_id,
    t.channel, a.name AS customer_name, v.body AS template
FROM reminder r JOIN reminder_rule u ON u.id = r.rule_id JOIN template_version v ON v.id = u.version_id JOIN template t ON t.id = v.template_id
JOIN booking b ON b.id = r.booking_id JOIN account a ON a.id = b.account_id
WHERE r.workspace_id = %(workspace)s AND CASE WHEN %(booking)s::uuid IS NULL THEN r.state = 'planned' ELSE r.booking_id = %(booking)s END
  AND (%(after)s::uuid IS NULL OR (r.due_at, r.id) > (SELECT x.due_at, x.id FROM reminder x WHERE x.id = %(after)s AND x.workspace_id = r.workspace_id))
ORDER BY r.due_at, r.id LIMIT %(limit)s
"""
SAMPLE = """
SELECT filled(%s, gaps_of(b.id)) FROM booking b
WHERE b.workspace_id = %s AND b.state IN ('pending', 'confirmed') AND b.starts_at > now() ORDER BY b.starts_at LIMIT 1
"""


class ReminderShown(Answer):
    """What a rule plans to say about a booking."""

    reminder_id: ReminderId
    booking_id: BookingId
    customer_name: str = Field(description="Who booked.")
    channel: str
    template: str = Field(description="The words with their gaps; they are filled when its moment comes.")
    due_at: datetime = Field(description="In the business's time zone.")
    booking_start: datetime = Field(description="The start that it is about.")
    status: Literal["planned", "asked", "cancelled", "skipped"] = Field(description="asked: it became the send intentId.")
    why: str | None = Field(None, description="Why it is not said.")
    intent_id: IntentId | None = None


def found(call: Call, limit: int, booking: UUID | None = None, after: UUID | None = None) -> list[ReminderShown]:
    """What is planned, soonest first; of one booking all, whatever became of it."""
    return _found(call.session, {"workspace": call.workspace, "booking": booking, "after": after, "limit": limit})


def ahead(session: Session, workspace: UUID, limit: int) -> list[ReminderShown]:
    """What is planned next."""
    return _found(session, {"workspace": workspace, "booking": None, "after": None, "limit": limit})


def _found(session: Session, wanted: dict[str, Any]) -> list[ReminderShown]:
    zone = zone_of(session.get_one(Workspace, wanted["workspace"]).zone)
    rows = raw(session).cursor(row_factory=dict_row).execute(FIND, wanted).fetchall()
    return [ReminderShown(**row | {name: row[name].astimezone(zone) for name in ("due_at", "booking_start")}) for row in rows]


def sample(session: Session, workspace: UUID, rule: Listed) -> str:
    """The words of a rule for the next booking there is; nothing without one."""
    said = raw(session).cursor(row_factory=scalar_row).execute(SAMPLE, (rule.body, workspace)).fetchone()
    return said or ""


def cancel(call: Call, reminder: UUID) -> None:
    """Take one back. Raises NotFound, AlreadyLeft."""
    row = call.session.scalar(select(Reminder).where(Reminder.id == reminder, Reminder.workspace_id == call.workspace).with_for_update())
    if row is None:
        raise NotFound("There is no such reminder in this workspace.", next_step="Find it with list_reminders.")
    if row.state in ("cancelled", "skipped"):
        return
    if row.intent_id and not gate.drop(call, row.intent_id):
        raise gate.late(call, row.intent_id)
    row.state, row.why = "cancelled", f"Cancelled by {call.caller.shown()}."
    happened(call, "reminder.cancelled", show("rem", reminder))
    note(call.session, Actor.of(call), "reminder.cancelled", show("rem", reminder))
