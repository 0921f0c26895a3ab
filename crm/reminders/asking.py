"""A reminder whose moment has come goes through the gate like any other send: frozen, judged, and answered by its rule's standing approval or a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row, dict_row
from sqlalchemy import update

from approvals.gate import Draft, freeze, hold, preview_of
from crm.reminders.tables import Reminder
from kernel.arguments import fitted
from kernel.call import Asking, Call, Caller
from kernel.clock import now
from kernel.db import Database, raw
from kernel.errors import SaysoError
from kernel.settings import Settings
from outbox.content import kind_saying

ACTION = "send_reminder"
AT_ONCE = 200
NO_ADDRESS = {True: "The customer has no e-mail address.", False: "The customer has no phone number."}
SYSTEM = Caller("system", None, "reminders")
SUMMARY = "A reminder about a booking, by a rule."
LONGEST_WAIT = timedelta(hours=72)
"""For so long a person may leave one undecided."""
DUE = "SELECT id, workspace_id FROM reminder WHERE state = 'planned' AND due_at <= now() ORDER BY due_at LIMIT %s"
# The booking's row first, as whoever changes the booking takes it: a reminder of a booking that is just being cancelled waits, and then finds out.
LOCK = "SELECT b.id FROM booking b JOIN reminder r ON r.booking_id = b.id WHERE r.id = %s FOR UPDATE OF b"
TAKE = "SELECT id, booking_id, until, until <= now() AS is_late FROM reminder WHERE id = %s AND state = 'planned' FOR UPDATE"
STANDING = """
SELECT s.id FROM standing s JOIN reminder r ON r.rule_id = s.rule_id WHERE r.id = %s AND s.revoked_at IS NULL ORDER BY s.expires_at DESC LIMIT 1
"""
WORDS = "SELECT channel, recipient, content, is_plain FROM reminder_words(%s)"
SEND = "INSERT INTO booking_send (workspace_id, booking_id, intent_id) VALUES (%s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder whose moment has come."""

    id: UUID
    workspace_id: UUID


def due(line: psycopg.Connection[Any]) -> Sequence[Due]:
    """The reminders of every workspace whose moment has come, the oldest first."""
    return line.cursor(row_factory=class_row(Due)).execute(DUE, (AT_ONCE,)).fetchall()


def ask(gate: Database, settings: Settings, one: Due) -> None:
    """Ask for it once, or say why not; any number of clocks may do so at the same time."""
    try:
        with gate.transaction(one.workspace_id) as session:
            _ask(Call(session, SYSTEM, one.workspace_id, now(), settings), one.id)
    except SaysoError as refused:
        with gate.transaction(one.workspace_id) as session:
            _skip(Call(session, SYSTEM, one.workspace_id, now(), settings), one.id, refused.sentence)


def _ask(call: Call, reminder: UUID) -> None:
    line = raw(call.session)
    line.execute(LOCK, (reminder,))
    taken = line.cursor(row_factory=dict_row).execute(TAKE, (reminder,)).fetchone()
    if taken is None:
        return
    standing = line.execute(STANDING, (reminder,)).fetchone()
    said = line.cursor(row_factory=dict_row).execute(WORDS, (reminder,)).fetchone()
    left_out = _why_not(taken, standing, said)
    if left_out or said is None or standing is None:
        _skip(call, reminder, left_out)
        return
    content = fitted(kind_saying(said["channel"], said["content"]), {"to": said["recipient"], **said["content"]})
    draft = freeze(call, Draft(content, expires_at=taken["until"]))
    call.session.execute(update(Reminder).where(Reminder.id == reminder).values(state="asked", intent_id=draft.id))
    # Names that are more than names are for a person to judge.
    under = standing[0] if said["is_plain"] else None
    asking = Asking(summary=SUMMARY, expires_in=min(taken["until"] - call.moment, LONGEST_WAIT), under=under)
    hold(call.asking_for(asking), ACTION, [draft], [preview_of(draft)])
    line.execute(SEND, (call.workspace, taken["booking_id"], draft.id))


def _why_not(taken: dict[str, Any], standing: object, said: dict[str, Any] | None) -> str:
    if taken["is_late"]:
        return "Its moment was over before it could be asked for."
    if standing is None:
        return "Its rule was turned off."
    if said is None:
        return "The booking is not as it was when this was planned."
    return "" if said["recipient"] else NO_ADDRESS[said["channel"] == "email"]


def _skip(call: Call, reminder: UUID, why: str) -> None:
    call.session.execute(update(Reminder).where(Reminder.id == reminder, Reminder.state == "planned").values(state="skipped", why=why))
