"""The soak: a seeded mix of operations and faults against separate processes, then ledger, database and audit are reconciled.

    ./dev soak [--seed N] [--intents 10000] [--kills 200]
    ./dev soak-short

prints one line of figures for each seed and ends with 1 when a promise was broken. The seed fixes the dice of everybody who acts; how
their deeds interleave is the machine's, so a seed repeats the mix and not the instant.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from threading import Event

from embedded.servers import Servers
from kernel.clock import monotonic
from tests.faults.checker import Reckoning, reconcile
from tests.faults.crowd import Member, Told
from tests.faults.nemesis import Nemesis
from tests.faults.postman import Postman
from tests.fixtures.nursery import Nursery
from tests.fixtures.stage import Stage, ground, stage_on
from tests.fixtures.waiting import until

SHORT_SEEDS = (1, 2, 3)
MEMBERS = 3
SLOTS = 4
LANES = 3
WORKERS = 2
PACE = 30.0
"""Intents a second that the crowd manages under faults, about: the kills are spread over that time."""
REST_S = 90.0
NO_INBOX = "SELECT 1 WHERE NOT EXISTS (SELECT FROM inbox WHERE state = 'new' AND due_at < now() + interval '30 s')"


@dataclass(frozen=True)
class Plan:
    """How long, how hard, and with which dice."""

    seed: int
    intents: int
    kills: int
    restarts: int = 1


@dataclass
class Outcome:
    """What a soak came to."""

    plan: Plan
    found: Reckoning
    told: Told
    nemesis: Nemesis
    posted: int
    seconds: float

    @property
    def most_doubts(self) -> int:
        """Calls in flight of whatever died or slept, and answers that were spoiled."""
        return self.nemesis.worker_deaths * SLOTS * LANES + self.nemesis.spoiled

    def line(self) -> str:
        """The figures."""
        found, nemesis = self.found, self.nemesis
        return (
            f"soak: intents {self.plan.intents} (with notices {found.intents}), kills {nemesis.deaths}, accepted {found.accepted}, "
            f"duplicates {found.duplicates}, lost {found.lost}, in doubt {found.in_doubt} (at most {self.most_doubts}), callbacks {self.posted}, "
            f"broken {len(found.broken)}, duration {self.seconds:.0f} s, seed {self.plan.seed}"
        )


def soak(stage: Stage, servers: Servers, plan: Plan) -> Outcome:
    """Let the crowd live while the nemesis rages; then heal, wait until all is at rest, and reconcile."""
    began = monotonic()
    dice = Random(plan.seed)
    told = Told()
    nemesis = Nemesis(stage, servers, Random(dice.random()), plan.kills, plan.restarts)
    postman = Postman(stage, Random(dice.random()), stage.place / "journal.jsonl")
    crowd = [Member(stage, told, Random(dice.random())) for _ in range(MEMBERS)]
    nemesis.raise_all()
    with ThreadPoolExecutor(MEMBERS + 2) as hands, _bell() as enough:
        walking = hands.submit(postman.walk, enough)
        raging = hands.submit(nemesis.rage, enough, plan.intents / PACE)
        for living in [hands.submit(member.live, -(-plan.intents // MEMBERS)) for member in crowd]:
            living.result()
        enough.set()
        raging.result()
        walking.result()
    nemesis.heal()
    stage.settle(REST_S)
    postman.empty()
    until(lambda: stage.execute(NO_INBOX), REST_S, "the inbox is not worked off")
    found = reconcile(stage)
    found.broken += _broken_words(stage, told)
    return Outcome(plan, found, told, nemesis, postman.posted, monotonic() - began)


@contextmanager
def _bell() -> Iterator[Event]:
    """Rung at the end, however it comes: nobody goes on when one has failed."""
    enough = Event()
    try:
        yield enough
    finally:
        enough.set()


def _broken_words(stage: Stage, told: Told) -> list[str]:
    """Where the system answered one thing and did another."""
    taken = {stage.intent_of(entry) for entry in stage.entries()}
    states = stage.states()
    never = ("rejected", "withdrawn", "cancelled")
    said = [f"{intent}: was said to be {fate}, yet a provider took it" for intent, fate in told.fates.items() if fate in never and intent in taken]
    waiting = ("held", "ready", "blocked", "calling")
    return said + [
        f"{intent}: was approved, yet it is {states[intent]}" for intent, fate in told.fates.items() if fate == "approved" and states[intent] in waiting
    ]


def run(plan: Plan) -> Outcome:
    """A soak on servers of its own."""
    with tempfile.TemporaryDirectory(prefix="sayso-soak-") as home:
        Path(home).chmod(0o711)
        with Servers(Path(home) / "servers") as servers, Nursery() as nursery, _stage(servers, nursery, Path(home)) as stage:
            return soak(stage, servers, plan)


def _stage(servers: Servers, nursery: Nursery, home: Path) -> AbstractContextManager[Stage]:
    return stage_on(ground(servers, 1), nursery, home / "play", SAYSO_SLOTS=str(SLOTS))


def main() -> None:
    """Run one long soak, or the short ones."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--short", action="store_true")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--intents", type=int, default=10_000)
    asked.add_argument("--kills", type=int, default=200)
    given = asked.parse_args()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    long = [Plan(given.seed, given.intents, given.kills, max(1, given.kills // 40))]
    failed = False
    for plan in [Plan(seed, 400, 20) for seed in SHORT_SEEDS] if given.short else long:
        outcome = run(plan)
        sys.stdout.write(f"{outcome.line()}\n")
        sys.stdout.flush()
        broken = [*outcome.found.broken, *(["more is in doubt than could be"] if outcome.found.in_doubt > outcome.most_doubts else [])]
        sys.stdout.writelines(f"  {words}\n" for words in broken[:50])
        failed = failed or bool(broken)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
