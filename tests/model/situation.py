"""The situation in which deeds are done: the world, its shadow, the two workers, and what the provider saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import pytest

from kernel.errors import SaysoError
from kernel.keys import new_id
from outbox.states import Claimed, State
from outbox.store import Finished
from tests.model.laws import History
from tests.model.shadow import Case, Request, Shadow
from tests.model.world import World

T = TypeVar("T")


def one(choices: Sequence[T], pick: int) -> T:
    """One of them; the newest for the smallest pick."""
    return choices[-1 - pick % len(choices)]


@dataclass
class Held:
    """A claimed call in a worker's hands; `looked`: it found its lease long enough and is about to dial."""

    claimed: Claimed
    looked: bool = False


@dataclass
class Worker:
    """A worker process: what it is calling, what it has to report, and whether its last tick's answer was lost."""

    owner: UUID = field(default_factory=new_id)
    calls: list[Held] = field(default_factory=list)
    unreported: list[Finished] = field(default_factory=list)
    lost: bool = False

    @property
    def known(self) -> set[tuple[UUID, int]]:
        """The calls that a pump knows to be its own."""
        return {(row.intent_id, row.attempt) for row in (*(call.claimed for call in self.calls), *(done.claimed for done in self.unreported))}


@dataclass(eq=False)
class Situation:
    """Everything that deeds read and change."""

    world: World
    seen: Counter[str]
    shadow: Shadow = field(default_factory=Shadow)
    history: History = field(default_factory=History)
    workers: list[Worker] = field(default_factory=lambda: [Worker(), Worker()])
    reported: list[Finished] = field(default_factory=list)
    refs: dict[str, tuple[UUID, int]] = field(default_factory=dict)
    """The provider's ids that we were told, with the call that each belongs to."""
    faults: list[str] = field(default_factory=list)
    """What the provider saw and should not have."""
    moves: int = 1
    """How many moves of one row the last deed may have made."""

    @property
    def cases(self) -> list[Case]:
        """Every intent, oldest first."""
        return list(self.shadow.cases.values())

    @property
    def pending(self) -> list[Request]:
        """What waits for a decision."""
        return [request for request in self.shadow.requests if request.state == "pending"]

    @property
    def hands(self) -> list[tuple[Worker, Held]]:
        """Every claimed call with the worker that holds it."""
        return [(worker, call) for worker in self.workers for call in worker.calls]

    def standing(self, *states: State) -> list[Case]:
        """The intents in these states."""
        return [case for case in self.cases if case.state in states]


def expect(allowed: bool, deed: Callable[[], object]) -> None:
    """Do it; the gate must refuse it exactly when the shadow does."""
    if allowed:
        deed()
        return
    with pytest.raises(SaysoError):
        deed()
