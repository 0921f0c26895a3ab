"""Questions about objects: what an event only hints at is asked for under a lease, with no transaction open, and applied in one.

Each question takes a number before it is asked. A later number was asked later, so a handler keeps the number that it applied and
discards an answer with an older one, whatever the order in which answers come back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kernel.db import Database
from outbox.dispatch import Answers, Gone, NoWord, ObjectEvent, Provider
from outbox.handlers import handler_of
from outbox.inbox import event_of
from outbox.tables import InboxRow
from workers.rounds import Rounds
from workers.settling import MOST_TRIES, due, put_off, settle, work_off

log = logging.getLogger("sayso.questions")
PERIOD = 1.0
LEASE_S = 60
"""Longer than any question takes; one that took longer has lost its row, which harms nothing."""
NUMBER = text("SELECT nextval('inbox_asked')")
CUT_OFF = "each attempt to ask for it was cut off"
NOBODY = "no provider here can be asked for it: choose it in the settings, then take it up again"


@dataclass(frozen=True, slots=True)
class Question:
    """An event whose object is asked for, under the number of this attempt."""

    row: UUID
    number: int
    event: ObjectEvent


class Questions:
    """One thread that asks; each worker has one, and no two hold the same event."""

    def __init__(self, database: Database, providers: Mapping[str, Provider]) -> None:
        """Only providers that answer questions are asked."""
        self._database = database
        self._providers = {name: provider for name, provider in providers.items() if isinstance(provider, Answers)}
        self._rounds = Rounds("questions", PERIOD, self.ask)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """End after the question that is being asked."""
        self._rounds.stop()

    def ask(self) -> None:
        """Ask until nothing is due."""
        while not self._rounds.ending and (question := self._take()):
            self._apply(question, self._asked(question.event))

    def _take(self) -> Question | None:
        """The next one, leased and numbered; durable before the first byte leaves."""
        with self._database.transaction() as session:
            row = session.scalar(due("hint"))
            while row is not None and row.tries >= MOST_TRIES:
                settle(row, "dead", CUT_OFF)
                session.flush()
                row = session.scalar(due("hint"))
            event = event_of(row) if row else None
            if row is None or not isinstance(event, ObjectEvent):
                return None
            row.tries, row.asked = row.tries + 1, session.scalar(NUMBER)
            row.due_at = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, LEASE_S)
            return Question(row.id, row.asked or 0, event)

    def _asked(self, event: ObjectEvent) -> ObjectEvent | Gone | NoWord | None:
        provider = self._providers.get(event.provider)
        try:
            return provider.ask_about(event) if provider else None
        except Exception as bug:  # noqa: BLE001 - one that cannot be asked about keeps no other waiting; its words may quote a customer
            log.warning("asking about event %s raised %s", event.key, type(bug).__name__)
            return NoWord(f"it could not be asked about ({type(bug).__name__})")

    def _apply(self, question: Question, answer: ObjectEvent | Gone | NoWord | None) -> None:
        with self._database.transaction() as session:
            held = select(InboxRow).where(InboxRow.id == question.row, InboxRow.asked == question.number, InboxRow.state == "hint")
            row = session.scalar(held.with_for_update())
            if row is None:
                return
            match answer:
                case ObjectEvent():
                    told = replace(answer, asked=question.number)
                    work_off(session, row, lambda: _heard(session, told))
                case Gone(reason=reason):
                    settle(row, "ignored", reason)
                case NoWord(reason=reason):
                    put_off(row, reason)
                case None:
                    settle(row, "dead", NOBODY)


def _heard(session: Session, event: ObjectEvent) -> str:
    handler_of(event)(session, event)
    return "done"
