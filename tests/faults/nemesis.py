"""The nemesis of a soak: kills, pauses, flushes, restarts and spoils answers, by dice; and starts anew what died."""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from threading import Event

import redis

from embedded.servers import Servers
from kernel.failpoints import Instant
from tests.fixtures.nursery import Child
from tests.fixtures.postmaster import restart, strike
from tests.fixtures.stage import Stage
from tests.fixtures.stub_script import BEHAVIOURS

NAMES = ("worker-a", "worker-b", "clock", "web")
DEEDS = (
    ("kill worker",) * 10
    + ("crash worker",) * 5
    + ("kill clock", "kill web", "crash clock", "crash web", "pause worker", "flush", "flush", "spoil", "spoil", "spoil")
)
CRASHES = {
    "worker": [instant for instant in Instant if instant not in (Instant.EVENT_STORED, Instant.SWEEP_BEFORE_COMMIT)],
    "clock": [Instant.SWEEP_BEFORE_COMMIT, Instant.TRANSACTION_BEFORE_COMMIT, Instant.TRANSACTION_AFTER_COMMIT],
    "web": [Instant.TRANSACTION_BEFORE_COMMIT, Instant.TRANSACTION_AFTER_COMMIT, Instant.EVENT_STORED],
}
SPOILS = [name for name in BEHAVIOURS if name not in ("401", "403", "redirect", "drip")]
"""Not those that rest a lane for half a minute, of which a soak would only become long."""
DOUBTFUL = frozenset(name for name in SPOILS if name not in ("accept", "accept_then_slow", "429", "400"))
PAUSES = (0.3, 4.0)


@dataclass
class Nemesis:
    """With dice of its own; `kills` deaths in all, then it rests."""

    stage: Stage
    servers: Servers
    dice: Random
    kills: int
    restarts: int = 1
    """How often PostgreSQL goes down at once."""
    living: dict[str, Child] = field(default_factory=dict)
    deeds: Counter[str] = field(default_factory=Counter)
    spoiled: int = 0
    deaths: int = 0
    worker_deaths: int = 0

    def raise_all(self) -> None:
        """Start whatever does not live."""
        for name in NAMES:
            if name not in self.living or self.living[name].code is not None:
                self._bury(name)
                self.living[name] = self.stage.start(name.partition("-")[0])

    def rage(self, calm: Event, seconds: float) -> None:
        """Strike until so many died, at a pace that takes about so many seconds; raise the dead until it is calm."""
        pace = seconds / max(1, self.kills + self.kills // 2)
        downs = {(number + 1) * self.kills // (self.restarts + 1) for number in range(self.restarts)}
        while self.deaths < self.kills or not calm.is_set():
            Event().wait(pace * self.dice.uniform(0.3, 1.7))
            if self.deaths < self.kills:
                self._strike_among(downs)
            self.raise_all()

    def heal(self) -> None:
        """Nothing is spoiled any more, and everybody lives and is well."""
        self.stage.stub.forget()
        for name in NAMES:
            self.living[name].kill()
            self._bury(name)
            self.living[name] = self.stage.start(name.partition("-")[0])

    def _strike_among(self, downs: set[int]) -> None:
        if due := {number for number in downs if number <= self.deaths}:
            downs -= due
            self._restart_postgres()
        self._strike(self.dice.choice(DEEDS))

    def _strike(self, deed: str) -> None:
        self.deeds[deed] += 1
        verb, _, kind = deed.partition(" ")
        if verb == "flush":
            with redis.Redis.from_url(self.stage.settings.redis_url) as client:
                client.flushall()
        elif verb == "spoil":
            told = [self.dice.choice(SPOILS) for _ in range(3)]
            self.spoiled += sum(name in DOUBTFUL for name in told)
            self.stage.stub.tell(*({"do": name, "headers": {"Retry-After": "1"}} if name == "429" else name for name in told))
        else:
            self._hit(verb, kind)

    def _hit(self, verb: str, kind: str) -> None:
        name = self.dice.choice([name for name in NAMES if name.startswith(kind)])
        child = self.living[name]
        if verb == "pause":
            child.signal(signal.SIGSTOP)
            Event().wait(self.dice.uniform(*PAUSES))
            child.signal(signal.SIGCONT)
            self.worker_deaths += 1  # its leases may have ended: as many doubts as a death
            return
        child.kill()
        self._bury(name)
        if verb == "crash":
            at = f"{self.dice.choice(CRASHES[kind])}:{self.dice.randint(1, 4)}"
            self.living[name] = self.stage.start(kind, SAYSO_CRASH_AT=at)

    def _bury(self, name: str) -> None:
        if name in self.living and self.living.pop(name).code == -signal.SIGKILL:
            self.deaths += 1
            self.worker_deaths += name.startswith("worker")

    def _restart_postgres(self) -> None:
        self.deeds["restart postgres"] += 1
        strike(self.servers, self.dice.choice([signal.SIGQUIT, signal.SIGKILL]))
        restart(self.servers)
        self.worker_deaths += 2
