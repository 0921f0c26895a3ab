"""Backfill: what a provider could not tell us by webhook is read from its own list, at the start and each hour, into the same inbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from threading import Thread

from kernel import clock
from kernel.db import Database
from outbox import inbox, wake
from outbox.dispatch import Provider, Remembers
from workers.rounds import Rounds

PERIOD = 3600.0
LOOK_BACK = timedelta(days=7)
"""A provider repeats a webhook for days (Stripe three), so what is older was given up before the last round."""


class Backfill:
    """One thread that reads; what is known already is not stored again."""

    def __init__(self, database: Database, providers: Mapping[str, Provider]) -> None:
        """Only providers that keep a list of their events are asked."""
        self._database = database
        self._providers = {name: provider for name, provider in providers.items() if isinstance(provider, Remembers)}
        self._rounds = Rounds("backfill", PERIOD, self.fetch)
        self._first = Thread(target=self._rounds.once, name="backfill-first", daemon=True)

    def start(self) -> None:
        """Begin, with a round at once."""
        if self._providers:
            self._first.start()
            self._rounds.start()

    def stop(self) -> None:
        """End after the round that runs now."""
        self._rounds.stop()
        if self._first.is_alive():
            self._first.join()

    def fetch(self) -> int:
        """One round; answers how many events were missing here. No transaction is open while a provider is asked."""
        found = 0
        for name, provider in self._providers.items():
            events = provider.missed(clock.now() - LOOK_BACK)
            with self._database.transaction() as session:
                found += sum(inbox.store(session, name, event) for event in events)
        if found:
            wake.ring([wake.INBOX])
        return found
