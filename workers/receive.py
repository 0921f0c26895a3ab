"""What a ticket for the inbox does: work off provider events, one transaction each, marking the event with what it caused."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kernel.db import Database, raw
from kernel.settings import Settings
from outbox.dispatch import MessageEvent, ObjectEvent, StatusEvent
from outbox.handlers import HEARERS, NotYet, handler_of, is_hint
from outbox.inbox import event_of
from outbox.references import attempt_of
from outbox.store import reconcile
from outbox.tables import InboxRow
from workers.settling import due, work_off


class Receiver:
    """Works off the inbox with the worker role's database."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """The settings prove the references in status events."""
        self._settings = settings
        self._database = database

    def receive(self) -> None:
        """Work until nothing is due."""
        while self._one():
            pass

    def _one(self) -> bool:
        with self._database.transaction() as session:
            row = session.scalar(due("new"))
            if row is None:
                return False
            work_off(session, row, lambda: self._apply(session, row))
        return True

    def _apply(self, session: Session, row: InboxRow) -> str:
        match event_of(row):
            case StatusEvent() as event:
                if not reconcile(raw(session), event, attempt_of(self._settings.secrets, event.reference)):
                    msg = "it names no message of ours"  # or is ahead of our own commit
                    raise NotYet(msg)
            case MessageEvent() as event:
                for hear in HEARERS:
                    hear(session, event)
            case ObjectEvent() as event:
                handler = handler_of(event)
                if is_hint(event):
                    return "hint"
                handler(session, event)
        return "done"
