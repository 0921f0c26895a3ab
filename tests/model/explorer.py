"""The explorer: every interleaving of the actors up to their bounds, breadth first, so that the first trace it finds is a shortest one."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from outbox.dispatch import Accepted
from outbox.states import BACK, MOVES, SETTLED, State
from tests.model.actors import Hand, Left, Scene, Step, steps
from tests.model.engine import Engine
from tests.model.laws import FINAL, TAKEN, reachable
from tests.model.memory import HEADS, Row

MOST_STATES = 2_000_000
Law = Callable[[Scene, Step], Iterator[str]]


@dataclass
class Explored:
    """What was found: the sizes, the first broken law with its shortest trace, and every state that a row was in."""

    scenes: int = 0
    transitions: int = 0
    fault: str = ""
    trace: list[str] = field(default_factory=list)
    states: set[State] = field(default_factory=set)

    def shown(self) -> str:
        """The trace, one step a line."""
        return "\n".join([f"{self.fault}, after:", *(f"  {number}. {step}" for number, step in enumerate(self.trace, 1))])


def beginning(left: Left, *, intents: int = 1, keyed: bool = False) -> Scene:
    """All held, nobody busy."""
    return Scene(tuple(Row(keyed=keyed) for _ in range(intents)), (Hand(), Hand()), (), approved=False, left=left)


def explore(start: Scene, law: Law) -> Explored:
    """Visit every scene once; stop at the first broken law."""
    engine, found = Engine(), Explored()
    came: dict[Scene, tuple[Scene, str] | None] = {start: None}
    waiting = deque([start])
    while waiting:
        scene = waiting.popleft()
        found.states.update(row.state for row in scene.rows)
        following = list(steps(engine, scene))
        found.transitions += len(following)
        for step in following:
            found.fault = next(law(scene, step), "")
            if found.fault:
                found.trace = [*_way(came, scene), step.name]
                break
            if step.scene not in came:
                came[step.scene] = (scene, step.name)
                waiting.append(step.scene)
        found.fault = found.fault or ("" if following else next(_stuck(scene), ""))
        if found.fault:
            found.trace = found.trace or _way(came, scene)
            break
        assert len(came) < MOST_STATES, "the bounds are too wide"
    found.scenes = len(came)
    return found


def _way(came: dict[Scene, tuple[Scene, str] | None], scene: Scene) -> list[str]:
    names: list[str] = []
    before = came[scene]
    while before:
        names.append(before[1])
        before = came[before[0]]
    return names[::-1]


def every_law(before: Scene, step: Step) -> Iterator[str]:
    """What no step may do."""
    after = step.scene
    yield from _of_calls(before, step)
    for number, (old, new) in enumerate(zip(before.rows, after.rows, strict=True)):
        ticked = "ticks" in step.name
        yield from _of_a_row(old, new, moves=3 if ticked else 1)
        told = step.about if step.about and step.about.number == number else None
        if told and told.attempt != old.attempt and not ticked:
            yield from _of_an_older_word(old, new, told.attempt)
        if new.reached and new.state in (State.READY, State.BLOCKED):
            yield f"known to be taken, and yet {new.state}"
    if sum(row.keyed and row.state in HEADS for row in after.rows) > 1:
        yield "one key has two heads"
    yield from _of_late_truth(before, step)


def taken_once(_before: Scene, step: Step) -> Iterator[str]:
    """The provider takes an intent once, and once more for each time that somebody had it sent again."""
    taken = Counter(call.number for call in step.scene.taken)
    yield from (f"the provider took {number} {times} times" for number, times in taken.items() if times > 1 + step.scene.excuses)


def _of_calls(before: Scene, step: Step) -> Iterator[str]:
    yield from taken_once(before, step)
    if step.scene.excuses:
        return
    if step.dialled:
        row = before.rows[step.dialled.number]
        if row.state in FINAL:
            yield f"dialled although {row.state}"
        if not row.granted:
            yield "dialled without a grant"
        earlier = before.rows[: step.dialled.number] if row.keyed else ()
        if any(other.state in (*HEADS, State.BLOCKED) for other in earlier):
            yield "dialled before the one that was asked for first"
    now = (step.scene.rows[call.number].state for call in step.scene.taken)
    yield from (f"taken, and yet {state}" for state in now if state not in TAKEN)


def _of_a_row(old: Row, new: Row, moves: int) -> Iterator[str]:
    if new.state not in reachable(old.state, moves):
        yield f"no move leads from {old.state} to {new.state}"
    if old.state in SETTLED and not MOVES[old.state] and new.state != old.state:
        yield f"{old.state} was not the end"
    if (new.state is State.CALLING) != (new.owner is not None):
        yield "calling without an owner, or owned without calling"
    if new.attempt < old.attempt:
        yield "an attempt was taken back"


def _of_an_older_word(old: Row, new: Row, attempt: int) -> Iterator[str]:
    """A word about an older attempt touches neither a newer one that is being called, nor what is known of a newer one."""
    newer = old.state in (State.CALLING, State.IN_DOUBT) or any(number > attempt for number, _ in old.heard)
    if new.state != old.state and newer:
        yield f"the word of attempt {attempt} changed attempt {old.attempt}"
    if new.state != old.state and new.state is State.UNDELIVERED and old.state in BACK:
        yield f"the word that attempt {attempt} did not arrive stopped the next one"


def _of_late_truth(before: Scene, step: Step) -> Iterator[str]:
    """What is learned about the attempt that stands resolves it, however late."""
    call = step.about
    if call is None or before.rows[call.number].attempt != call.attempt:
        return
    hand = next((hand for hand in before.hands if hand.call == call), None)
    proof = step.name.startswith("callback") or (hand and isinstance(hand.outcome, Accepted))
    if proof and before.rows[call.number].state in (State.CALLING, State.IN_DOUBT) and step.scene.rows[call.number].state in (State.CALLING, State.IN_DOUBT):
        yield "the truth came, and the doubt stayed"


def nothing_unseen(_before: Scene, step: Step) -> Iterator[str]:
    """A living worker that heard its tick's answer knows every call that the database holds in its name."""
    for who, hand in enumerate(step.scene.hands):
        named = [(number, row.attempt) for number, row in enumerate(step.scene.rows) if row.owner == who]
        known = [hand.call[:2]] if hand.call else []
        if hand.stage in ("idle", "claimed") and not hand.lost and step.name == f"worker {who} ticks" and set(named) - set(known):
            yield f"attempt {named[0][1]} is being called in the name of a worker that does not know it"


def no_call_against_better_knowledge(before: Scene, step: Step) -> Iterator[str]:
    """Once the provider's word has come that it was taken, it is not dialled again, whoever had asked for that."""
    for number, (old, new) in enumerate(zip(before.rows, step.scene.rows, strict=True)):
        if old.reached and new.attempt > old.attempt:
            yield f"{number} was called again although the provider had said that it took it"


def _stuck(scene: Scene) -> Iterator[str]:
    """When nothing more can happen, nothing hangs: each is settled, sent, in doubt, held, or waits for workers that are no more."""
    gone = all(hand.stage == "dead" for hand in scene.hands) or not scene.left.claims
    fine = SETTLED | {State.SENT, State.IN_DOUBT, State.HELD} | ({State.READY, State.BLOCKED} if gone else set())
    behind = any(row.state is State.IN_DOUBT for row in scene.rows)
    yield from (f"left hanging in {row.state}" for row in scene.rows if row.state not in fine and not (behind and row.state is State.BLOCKED))
