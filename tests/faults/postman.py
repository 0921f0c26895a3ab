"""The postman of a soak: the provider's callbacks about what it took, late, twice and out of order, as its journal grows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event

import httpx2

from tests.fixtures.stage import Stage
from tests.fixtures.stub_shapes import Entry

STATUSES = {"twilio": ("sent", "delivered"), "sendgrid": ("processed", "delivered")}
ROUND_S = 0.25


@dataclass
class Postman:
    """With dice of its own."""

    stage: Stage
    dice: Random
    journal: Path
    _read: int = 0
    _bag: list[tuple[Entry, str]] = field(default_factory=list)
    posted: int = 0

    def walk(self, enough: Event) -> None:
        """Go round until told that it is enough."""
        while not enough.wait(ROUND_S):
            self._collect()
            self._round(keep=0.5)

    def empty(self) -> None:
        """The last round, when everybody listens."""
        self._collect()
        while self._bag:
            self._round(keep=0.0)

    def _collect(self) -> None:
        with self.journal.open() as file:
            file.seek(self._read)
            lines = file.readlines()
        whole = [line for line in lines if line.endswith("\n")]
        self._read += sum(len(line.encode()) for line in whole)
        taken = [entry for entry in (Entry(**json.loads(line)) for line in whole) if entry.accepted and entry.reference]
        self._bag += [(entry, status) for entry in taken if self.dice.random() < 0.7 for status in STATUSES[entry.provider]]

    def _round(self, keep: float) -> None:
        self.dice.shuffle(self._bag)
        now, self._bag = self._bag, []
        for entry, status in now:
            if self.dice.random() < keep or not self._post(entry, status):
                self._bag.append((entry, status))
            elif self.dice.random() < 0.1:
                self._post(entry, status)

    def _post(self, entry: Entry, status: str) -> bool:
        try:
            answered = self.stage.post(self.stage.callback(entry, status))
        except httpx2.TransportError:
            return False
        assert answered < 400 or answered >= 500, answered
        self.posted += answered < 400
        return answered < 400
