"""The inbox: a provider's event is stored once, before it is answered, and worked off later."""

from __future__ import annotations

import dataclasses
from typing import Any

from psycopg.types.json import Json
from sqlalchemy.orm import Session

from kernel.db import raw
from kernel.keys import new_id
from outbox.dispatch import Event, ObjectEvent, StatusEvent
from outbox.tables import InboxRow

# No conflict target: naming one would need the SELECT right, which the web role does not have on this table.
STORE = "INSERT INTO inbox (id, provider, key, form, type, body) VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"


def store(session: Session, provider: str, event: Event) -> bool:
    """Keep an event; False when the same one was kept before."""
    form, kind = ("object", event.type) if isinstance(event, ObjectEvent) else ("status", event.status)
    row = (new_id(), provider, event.key, form, kind, Json(dataclasses.asdict(event)))
    return raw(session).execute(STORE, row).rowcount == 1


def event_of(row: InboxRow) -> Event:
    """The event that a row keeps."""
    body: dict[str, Any] = row.body
    return ObjectEvent(**body) if row.form == "object" else StatusEvent(**body)
