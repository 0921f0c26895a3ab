"""The inbox: a provider's event is stored once, before it is answered, and worked off later."""

from __future__ import annotations

import dataclasses
from typing import Any

from psycopg.types.json import Json
from sqlalchemy.orm import Session

from kernel.db import raw
from kernel.keys import new_id
from outbox.dispatch import Event, MessageEvent, ObjectEvent, StatusEvent
from outbox.tables import InboxRow

# No conflict target: naming one would need the SELECT right, which the web role does not have on this table.
STORE = "INSERT INTO inbox (id, provider, key, form, type, body) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
TAKE_UP = """
UPDATE inbox SET state = 'new', tries = 0, due_at = now(), waits_for = NULL, done_at = NULL WHERE waits_for = %s AND state IN ('new', 'hint', 'ignored', 'dead')
"""
TELL = "UPDATE inbox SET was_told = true WHERE provider = %s AND key = %s AND NOT was_told"
FORMS: dict[str, type[StatusEvent | ObjectEvent | MessageEvent]] = {"status": StatusEvent, "object": ObjectEvent, "message": MessageEvent}


def store(session: Session, provider: str, event: Event) -> bool:
    """Keep an event; False when the same one was kept before."""
    form, kind = _form(event)
    row = (new_id(), provider, event.key, form, kind, Json(dataclasses.asdict(event)))
    return raw(session).execute(STORE, row).rowcount == 1


def _form(event: Event) -> tuple[str, str]:
    match event:
        case ObjectEvent():
            return "object", event.type
        case MessageEvent():
            return "message", event.channel
        case StatusEvent():
            return "status", event.status


def event_of(row: InboxRow) -> Event:
    """The event that a row keeps."""
    body: dict[str, Any] = row.body
    return FORMS[row.form](**body)


def take_up(session: Session, what: str) -> None:
    """Try anew, and soon, every event that waits for this."""
    raw(session).execute(TAKE_UP, (what,))


def tell_once(session: Session, event: ObjectEvent) -> bool:
    """Note that the business is told of this event; False when it was before, for it may be replayed."""
    return raw(session).execute(TELL, (event.provider, event.key)).rowcount == 1
