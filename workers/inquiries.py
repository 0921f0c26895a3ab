"""Asking providers without sending: look-ups that settle doubts, probes that open a resting lane; never an intent."""

from __future__ import annotations

from collections.abc import Mapping

from kernel.db import Database
from outbox import wake
from outbox.accounts import provider_of
from outbox.dispatch import Evidence, NoWord, Provider, Sought
from outbox.inquiries import Doubt, conclude, judge_lane, silence, take_doubts, take_resting, taken_refs
from workers.calls import Calls
from workers.rounds import Rounds

PERIOD = 2.0


class Inquiries:
    """One thread that asks, one question at a time."""

    def __init__(self, database: Database, calls: Calls, providers: Mapping[str, Provider]) -> None:
        """`calls` opens the frozen bytes as it does for a call."""
        self._database = database
        self._calls = calls
        self._providers = providers
        self._rounds = Rounds("inquiries", PERIOD, self.ask)

    def start(self) -> None:
        """Begin."""
        self._rounds.start()

    def stop(self) -> None:
        """End after the question that is being asked."""
        self._rounds.stop()

    def ask(self) -> None:
        """One round over what is due."""
        with self._database.line() as line:
            doubts, resting = take_doubts(line), take_resting(line)
        for doubt in doubts:
            self._look_up(doubt)
        for lane in resting:
            self._probe(lane)

    def _look_up(self, doubt: Doubt) -> None:
        with self._database.line() as line:
            taken = taken_refs(line, doubt)
        evidence = self._asked(doubt, taken)
        with self._database.line() as line:
            # A provider that cannot be asked may still have proved by its callbacks that it never had this one.
            conclude(line, doubt, silence(line, doubt) if isinstance(evidence, NoWord) else evidence)
        wake.ring([doubt.lane])

    def _asked(self, doubt: Doubt, taken: frozenset[str]) -> Evidence:
        provider = self._providers.get(provider_of(doubt.lane))
        dispatch = self._calls.dispatch_of(doubt.lane, doubt)
        if dispatch is None or provider is None:
            return NoWord("Its content or its provider is gone.")
        return provider.look_up(Sought(dispatch, doubt.started_at, taken))

    def _probe(self, lane: str) -> None:
        provider = self._providers.get(provider_of(lane))
        fault = provider.probe() if provider else "No provider serves this lane."
        with self._database.line() as line:
            judge_lane(line, lane, fault)
        wake.ring([lane])
