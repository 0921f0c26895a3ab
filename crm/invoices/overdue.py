"""Overdue invoices: at each stage a reminder is drafted once, and a person decides it; what is paid or void meanwhile is not said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row, scalar_row
from sqlalchemy import update

from approvals.floods import TooManyPending
from crm.invoices.messages import ask_to_remind, drop_all
from crm.invoices.shapes import locked
from crm.invoices.tables import Invoice
from crm.reminders.asking import LONGEST_WAIT, SYSTEM
from kernel.call import Asking, Call
from kernel.clock import now
from kernel.db import Database, raw
from kernel.errors import SaysoError
from kernel.keys import show
from kernel.settings import Settings
from outbox.events import happened

SUMMARY = "This invoice is overdue. It was drafted by itself; nobody asked for it."
STAGES = {3: "Reminder", 10: "Second reminder", 24: "Last reminder"}
"""So many days after the due date, and what the letter is called."""
NO_MORE = len(STAGES)
GIVEN_UP_DAYS = 60
"""What is overdue for longer is nobody's to write about by itself."""
AT_ONCE = 200
# Days are those of the business; the dates beside them, a day wider, are for the index.
# An invoice that comes to light late begins at the stage that it has reached: one reminder, not all of them.
LATE = """
SELECT n.id, n.workspace_id, stage.reached FROM invoice_now n JOIN workspace w ON w.id = n.workspace_id JOIN account a ON a.id = n.account_id
CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE w.zone)::date - n.due_date AS days) late
CROSS JOIN LATERAL (SELECT count(*)::int AS reached FROM unnest(%(stages)s::int[]) s WHERE s <= late.days) stage
WHERE n.due_date BETWEEN current_date - %(most)s - 1 AND current_date AND late.days <= %(most)s AND n.voided_at IS NULL
    AND stage.reached > n.chased AND a.email IS NOT NULL AND n.status = 'sent'
ORDER BY n.due_date, n.id LIMIT %(limit)s
"""
WAS_REJECTED = """
SELECT EXISTS (SELECT FROM invoice_send s JOIN every_delivery d ON d.intent_id = s.intent_id
    WHERE s.invoice_id = %s AND s.says = 'overdue' AND d.state = 'rejected')
"""


@dataclass(frozen=True, slots=True)
class Late:
    """An invoice and the stage that it has reached."""

    id: UUID
    workspace_id: UUID
    reached: int


def late(line: psycopg.Connection[Any]) -> Sequence[Late]:
    """The invoices of every workspace that came to a stage nobody was asked about yet."""
    wanted = {"stages": list(STAGES), "most": GIVEN_UP_DAYS, "limit": AT_ONCE}
    return line.cursor(row_factory=class_row(Late)).execute(LATE, wanted).fetchall()


def ask(gate: Database, settings: Settings, one: Late) -> None:
    """Draft the reminder of this stage once; any number of clocks may do so at the same time."""
    try:
        with gate.transaction(one.workspace_id) as session:
            _ask(Call(session, SYSTEM, one.workspace_id, now(), settings), one)
    except TooManyPending:
        return  # there is room again once somebody has decided
    except SaysoError as refused:
        with gate.transaction(one.workspace_id) as session:
            call = Call(session, SYSTEM, one.workspace_id, now(), settings)
            if _reach(call, one.id, one.reached):
                happened(call, "invoice.not_chased", show("inv", one.id), why=refused.sentence)


def _ask(call: Call, one: Late) -> None:
    row = locked(call, one.id)
    if row["status"] != "sent" or not row["is_late"]:
        return
    rejected = raw(call.session).cursor(row_factory=scalar_row).execute(WAS_REJECTED, (one.id,)).fetchone()
    if not _reach(call, one.id, NO_MORE if rejected else one.reached) or rejected:
        return
    drop_all(call, one.id, None, "overdue")
    ask_to_remind(call.asking_for(Asking(summary=SUMMARY, expires_in=LONGEST_WAIT)), row, list(STAGES.values())[one.reached - 1])
    happened(call, "invoice.overdue", show("inv", one.id), stage=one.reached)


def _reach(call: Call, invoice: UUID, stage: int) -> bool:
    """Whether this is the first to come to the stage."""
    mine = update(Invoice).where(Invoice.id == invoice, Invoice.workspace_id == call.workspace, Invoice.chased < stage)
    return call.session.execute(mine.values(chased=stage).returning(Invoice.id)).first() is not None
