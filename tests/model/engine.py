"""The engine's verbs as functions from rows to rows: the store's own code over a connection without a database, remembered by its arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from outbox import grants, inquiries, store
from outbox.claims import START_OF_ROUND, Ask
from outbox.dispatch import Absent, Outcome, StatusEvent
from outbox.inquiries import Doubt
from outbox.states import WAITING, Claimed, Move, State, move
from tests.model.memory import EPOCH, WORKSPACE, MemoryLine, Rows, intent


class Call(NamedTuple):
    """A claimed call: which intent, which attempt, and how many tries came before."""

    number: int
    attempt: int
    tries: int


class Report(NamedTuple):
    """What a worker has to say about a call."""

    call: Call
    outcome: Outcome


class Engine:
    """One per exploration, so that nothing is remembered from before a defence was switched off."""

    def __init__(self) -> None:
        self.approve = cache(self._approve)
        self.cancel = cache(self._cancel)
        self.tick = cache(self._tick)
        self.release = cache(self._release)
        self.sweep = cache(self._sweep)
        self.callback = cache(self._callback)
        self.prove_absent = cache(self._prove_absent)

    def _approve(self, rows: Rows, number: int) -> Rows:
        return _after(rows, lambda line: grants.give(line, [intent(number)], "approval", UUID(int=7)))

    def _cancel(self, rows: Rows, number: int) -> Rows:
        return _after(rows, lambda line: move(line, [Move(intent(number), tuple(WAITING), State.CANCELLED)]))

    def _tick(self, rows: Rows, owner: int, slots: int, report: Report | None) -> tuple[Rows, Call | None]:
        line: Any = MemoryLine(rows)
        finished = [store.Finished(_claimed(report.call), EPOCH, b"digest", report.outcome)] if report else []
        started = store.tick(line, _ask(owner, slots), finished)
        return tuple(line.rows), next((Call(row.intent_id.int - 1, row.attempt, row.tries) for row in started), None)

    def _release(self, rows: Rows, owner: int, known: Call | None) -> Rows:
        return _after(rows, lambda line: store.release(line, _ask(owner, 0), {(intent(known.number), known.attempt)} if known else set()))

    def _sweep(self, rows: Rows) -> Rows:
        return _after(rows, store.sweep)

    def _callback(self, rows: Rows, number: int, attempt: int, status: Any) -> Rows:
        event = StatusEvent("key", status, None, None)
        return _after(rows, lambda line: store.reconcile(line, event, (intent(number), attempt)))

    def _prove_absent(self, rows: Rows, number: int, attempt: int) -> Rows:
        doubt = Doubt(intent(number), WORKSPACE, "lane", attempt, b"", sealed=False, on_unknown="resend_if_absent", started_at=EPOCH, absences=1)
        return _after(rows, lambda line: inquiries.conclude(line, doubt, Absent()))


def _after(rows: Rows, deed: Callable[[Any], object]) -> Rows:
    line = MemoryLine(rows)
    deed(line)
    return tuple(line.rows)


def _ask(owner: int, slots: int) -> Ask:
    return Ask("lane", UUID(int=owner), slots, 30.0, START_OF_ROUND)


def _claimed(call: Call) -> Claimed:
    return Claimed(intent(call.number), WORKSPACE, "sms", "", 50, call.attempt, call.tries, b"digest", b"", sealed=False)
