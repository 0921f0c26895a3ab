"""What a ticket for the inbox does: work off provider events, one transaction each, marking the event with what it caused."""

from __future__ import annotations

import logging

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kernel.clock import now
from kernel.db import Database, raw
from kernel.failpoints import Instant, reach
from kernel.settings import Settings
from outbox.dispatch import MessageEvent, ObjectEvent, StatusEvent
from outbox.handlers import HANDLERS, HEARERS, NotForUs, NotYet
from outbox.inbox import event_of
from outbox.references import attempt_of
from outbox.retries import backoff
from outbox.store import reconcile
from outbox.tables import InboxRow

log = logging.getLogger("sayso.receive")
MOST_TRIES = 10


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
            row = session.scalar(_due().limit(1).with_for_update(skip_locked=True))
            if row is None:
                return False
            try:
                with session.begin_nested():
                    self._apply(session, row)
                reach(Instant.EVENT_BEFORE_COMMIT)
            except NotForUs as reason:
                _settle(row, "ignored", str(reason))
            except NotYet as reason:
                _again(row, str(reason))
            except Exception as fault:
                log.exception("event %s of %s failed", row.id, row.provider)
                _again(row, type(fault).__name__)
        return True

    def _apply(self, session: Session, row: InboxRow) -> None:
        match event_of(row):
            case StatusEvent() as event:
                if not reconcile(raw(session), event, attempt_of(self._settings.secrets, event.reference)):
                    msg = "it names no message of ours"  # or is ahead of our own commit
                    raise NotYet(msg)
            case MessageEvent() as event:
                for hear in HEARERS:
                    hear(session, event)
            case ObjectEvent() as event:
                handler = HANDLERS.get(event.type)
                if handler is None:
                    msg = "nobody here listens for this type"
                    raise NotForUs(msg)
                handler(session, event)
        _settle(row, "done")


def _due() -> Select[InboxRow]:
    return select(InboxRow).where(InboxRow.state == "new", InboxRow.due_at <= func.now()).order_by(InboxRow.due_at)


def _settle(row: InboxRow, state: str, reason: str = "") -> None:
    row.state, row.reason, row.done_at = state, reason, now()


def _again(row: InboxRow, reason: str) -> None:
    row.tries += 1
    if row.tries >= MOST_TRIES:
        _settle(row, "dead", reason)
        return
    row.reason, row.due_at = reason, func.now() + func.make_interval(0, 0, 0, 0, 0, 0, backoff(row.tries))
