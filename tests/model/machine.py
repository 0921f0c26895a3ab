"""The state machine: any deed that is possible, in any order; after each, the laws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from outbox.states import State
from tests.model import labour, people
from tests.model.laws import broken
from tests.model.situation import Situation
from tests.model.world import World

Deed = Callable[[Situation, int, int], None]
Possible = Callable[[Situation], object]
MOST = 10
DEEDS: dict[Deed, tuple[int, Possible]] = {
    people.ask: (2, lambda here: len(here.cases) < MOST),
    people.approve: (4, lambda here: here.pending),
    labour.tick: (8, lambda here: here.shadow.wants_a_tick or any(w.unreported or w.lost for w in here.workers)),
    labour.dial: (14, lambda here: here.hands),
    labour.look: (2, lambda here: here.hands),
    labour.call_back: (5, lambda here: any(call.accepted for call in here.history.ledger)),
    labour.end_lease: (2, lambda here: here.standing(State.CALLING)),
    labour.sweep: (2, lambda here: any(c.lapsed or c.outlived for c in here.cases) or any(r.overdue for r in here.pending)),
    labour.come_due: (1, lambda here: any(not case.due for case in here.cases)),
    labour.repeat: (2, lambda here: here.reported),
    labour.die: (1, lambda here: here.hands or any(w.unreported or w.lost for w in here.workers)),
    people.send_again: (2, lambda here: here.standing(State.IN_DOUBT)),
    people.give_up: (1, lambda here: here.standing(State.IN_DOUBT)),
    people.replay: (2, lambda here: here.standing(State.FAILED)),
    people.lift: (5, lambda here: here.shadow.stops or here.shadow.resting),
    people.cancel: (1, lambda _: True),
    people.approve_again: (1, lambda here: len(here.pending) < len(here.shadow.requests)),
    people.approve_other_bytes: (1, lambda here: here.pending),
    people.reject: (1, lambda here: len(here.shadow.requests) > 1),
    people.withdraw: (1, lambda here: here.pending),
    people.suppress: (1, lambda here: len(here.shadow.suppressed) < len(people.PHONES) - 2),
    people.stop: (1, lambda here: not here.shadow.stops),
    people.run_out: (1, lambda here: here.pending),
    people.outlive: (1, lambda _: True),
}
"""What may be done, how often beside the others, and when it makes sense."""
picks = st.integers(0, 11)


class Sending(RuleBasedStateMachine):
    """Steps over a world; the shadow says what each must lead to. One rule with weights: no run goes without its workers."""

    deeds: ClassVar[dict[Deed, tuple[int, Possible]]] = DEEDS

    def __init__(self, world: World, seen: Counter[str]) -> None:
        super().__init__()
        world.forget()
        self.here = Situation(world, seen)

    def possible(self) -> list[str]:
        """The names of what makes sense now, each as often as it weighs."""
        return [deed.__name__ for deed, (weight, sensible) in self.deeds.items() if sensible(self.here) for _ in range(weight)]

    @initialize()
    def begin(self) -> None:
        people.ask(self.here, 1, 0)
        people.ask(self.here, 2, 2)
        people.approve(self.here, 1, 0)

    # A number that is read against what is possible now: the draw itself never depends on how fast the database's clock went.
    @rule(number=st.integers(0, 9_999), pick=picks, other=picks)
    def do(self, number: int, pick: int, other: int) -> None:
        possible = self.possible()
        deed = possible[number % len(possible)]
        next(known for known in self.deeds if known.__name__ == deed)(self.here, pick, other)
        self.here.seen[deed] += 1

    @invariant()
    def laws(self) -> None:
        here = self.here
        rows, record = here.world.rows()
        faults = list(broken(here.shadow, here.history, rows, record, here.moves))
        assert not faults, "\n".join(faults)
        here.history.rows, here.history.record, here.moves = rows, record, 1
        here.seen.update([*(row.state for row in rows.values()), "steps"])
