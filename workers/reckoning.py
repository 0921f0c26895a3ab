"""Comparing the books with the payment provider's own, once a day and when somebody asks: it reads there, and keeps what it found here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from crm.payments.reckoning import SLACK, Time, last_run, reckon
from crm.payments.tables import Reconciliation
from kernel import clock
from kernel.db import Database
from outbox.dispatch import KeepsBooks, Provider
from workers.rounds import Rounds

PERIOD = 3600.0
DAILY = timedelta(hours=24)
USUAL = timedelta(days=30)


class Reckoning:
    """One thread that compares when the last comparison is a day old, whichever worker made it."""

    def __init__(self, database: Database, providers: Mapping[str, Provider]) -> None:
        """Only providers that can be asked for their books are."""
        self._database = database
        self._providers = {name: provider for name, provider in providers.items() if isinstance(provider, KeepsBooks)}
        self._rounds = Rounds("reckoning", PERIOD, self.when_due)

    def start(self) -> None:
        """Begin; the first look is an hour later, so that a worker that starts again and again asks nobody."""
        if self._providers:
            self._rounds.start()

    def stop(self) -> None:
        """End after the round that runs now."""
        self._rounds.stop()

    def when_due(self) -> None:
        """Compare what nobody compared for a day."""
        for name in self._providers:
            with self._database.transaction() as session:
                last = last_run(session, name)
            if last is None or last <= clock.now() - DAILY:
                self.compare(name, clock.now() - USUAL, clock.now())

    def compare(self, name: str, since: datetime, until: datetime) -> list[Reconciliation]:
        """Compare with one provider; answers what was found for each business. No transaction is open while the provider is asked."""
        booked = self._providers[name].books(since - SLACK, min(until + SLACK, clock.now() + timedelta(minutes=1)))
        with self._database.transaction() as session:
            found = reckon(session, Time(name, since, until), booked)
            session.flush()
            session.expunge_all()
        return found
