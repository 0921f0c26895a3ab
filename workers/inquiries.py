"""Asking providers without sending: look-ups that settle doubts, probes that open a resting lane; never an intent."""

from __future__ import annotations

import logging

from kernel.db import Database
from kernel.traces import Span
from outbox import wake
from outbox.dispatch import Evidence, NoWord, Sought
from outbox.inquiries import Doubt, conclude, judge_lane, silence, take_doubt, take_resting, taken_refs
from workers.calls import Calls
from workers.rounds import Rounds

log = logging.getLogger("sayso.inquiries")
PERIOD = 2.0


class Inquiries:
    """Two threads that ask, one question at a time each: no lane that may open again waits for a list that is slow to come."""

    def __init__(self, database: Database, calls: Calls) -> None:
        """`calls` opens the frozen bytes, and knows who serves a lane, as for a call."""
        self._database = database
        self._calls = calls
        self._looking = Rounds("inquiries", PERIOD, self.ask)
        self._probing = Rounds("probes", PERIOD, self.probe)

    def start(self) -> None:
        """Begin."""
        self._looking.start()
        self._probing.start()

    def stop(self) -> None:
        """End after the questions that are being asked."""
        self._looking.stop()
        self._probing.stop()

    @property
    def ending(self) -> bool:
        """Whether it was told to stop."""
        return self._looking.ending

    def ask(self) -> None:
        """Look up the doubts that are due, one after the other: what waits for its turn is free for another worker."""
        while not self.ending and (doubt := self._next()):
            self._look_up(doubt)

    def probe(self) -> None:
        """Try the lanes whose rest is over."""
        with self._database.line() as line:
            resting = take_resting(line)
        for lane in resting:
            if self._probing.ending:
                return
            self._probe(lane)

    def _next(self) -> Doubt | None:
        with self._database.line() as line:
            return take_doubt(line)

    def _look_up(self, doubt: Doubt) -> None:
        with self._database.line() as line:
            taken = taken_refs(line, doubt)
        with Span("look up", parent=doubt.traceparent, intent=doubt.intent_id, attempt=doubt.attempt) as span:
            evidence = self._asked(doubt, taken)
            span.say(outcome=type(evidence).__name__.lower())
        with self._database.line() as line:
            # A provider that cannot be asked may still have proved by its callbacks that it never had this one.
            conclude(line, doubt, silence(line, doubt) if isinstance(evidence, NoWord) else evidence)
        wake.ring([doubt.lane])

    def _asked(self, doubt: Doubt, taken: frozenset[str]) -> Evidence:
        try:
            provider = self._calls.serving(doubt.lane, doubt.workspace_id)
            dispatch = self._calls.dispatch_of(doubt.lane, doubt)
            if dispatch is None or provider is None:
                return NoWord("Its content or its provider is gone.")
            return provider.look_up(Sought(dispatch, doubt.started_at, taken))
        except Exception as bug:  # noqa: BLE001 - one that cannot be looked up keeps no other waiting; its words may quote a customer
            log.warning("looking up intent %s raised %s", doubt.intent_id, type(bug).__name__)
            return NoWord(f"It could not be looked up ({type(bug).__name__}).")

    def _probe(self, lane: str) -> None:
        with Span("probe", lane=lane) as span:
            fault = self._fault_of(lane)
            span.say(outcome="rests" if fault else "opened")
        with self._database.line() as line:
            judge_lane(line, lane, fault)
        wake.ring([lane])

    def _fault_of(self, lane: str) -> str | None:
        try:
            provider = self._calls.serving(lane)
            return provider.probe() if provider else "No provider serves this lane."
        except Exception as bug:  # noqa: BLE001 - one that cannot be probed keeps no other resting
            log.warning("probing lane %s raised %s", lane, type(bug).__name__)
            return f"It could not be probed ({type(bug).__name__})."
