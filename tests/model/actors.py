"""The actors of the small world: two workers, a clock, a provider that calls back, an approver, a canceller and an expirer; each offers its next steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from outbox.dispatch import Accepted, Later, Outcome, Refused, Unsure
from outbox.states import EVIDENCE, State
from tests.model.engine import Call, Engine, Report
from tests.model.memory import Row, Rows

TOO_LATE = Later("too late for its own lease", after=1.0, counts=False)
ANSWERS: tuple[tuple[str, bool, Outcome], ...] = (
    ("taken, answered", True, Accepted("ref")),
    ("taken, answer lost", True, Unsure("lost")),
    ("not taken, request lost", False, Unsure("lost")),
    ("not taken, refused", False, Refused("no")),
    ("not taken, busy", False, Later("busy", after=0.0)),
)


class Hand(NamedTuple):
    """A worker with one slot: idle, claimed, looked (about to dial), done (something to report) or dead."""

    stage: str = "idle"
    call: Call | None = None
    outcome: Outcome | None = None
    lost: bool = False


class Left(NamedTuple):
    """How often what is bounded may still happen."""

    claims: int
    callbacks: int
    cancels: int
    expiries: int
    deaths: int
    losses: int
    absences: int = 0


class Scene(NamedTuple):
    """One moment of the small world; `taken`: the calls that the provider took."""

    rows: Rows
    hands: tuple[Hand, Hand]
    taken: tuple[Call, ...]
    approved: bool
    left: Left
    excuses: int = 0


class Step(NamedTuple):
    """What somebody did, and the moment after it; `about`: the attempt whose word it carried; `dialled`: the call it made."""

    name: str
    scene: Scene
    about: Call | None = None
    dialled: Call | None = None


def steps(engine: Engine, scene: Scene) -> Iterator[Step]:
    """Everything that may happen next."""
    yield from _people(engine, scene)
    yield from _time(engine, scene)
    yield from _callbacks(engine, scene)
    for who in (0, 1):
        yield from _work(engine, scene, who)


def _people(engine: Engine, scene: Scene) -> Iterator[Step]:
    rows, left = scene.rows, scene.left
    if not scene.approved:
        every = rows
        for number in range(len(rows)):
            every = engine.approve(every, number)
        yield Step("approve", scene._replace(rows=every, approved=True))
    for number in range(len(rows)) if left.cancels else ():
        if (after := engine.cancel(rows, number)) != rows:
            yield Step(f"cancel {number}", scene._replace(rows=after, left=left._replace(cancels=left.cancels - 1)))
    for number, row in enumerate(rows) if left.absences else ():
        if row.state is State.IN_DOUBT:
            after = engine.prove_absent(rows, number, row.attempt)
            yield Step(f"send {number} again", scene._replace(rows=after, excuses=scene.excuses + 1, left=left._replace(absences=left.absences - 1)))


def _time(engine: Engine, scene: Scene) -> Iterator[Step]:
    rows, left = scene.rows, scene.left
    for number, row in enumerate(rows):
        if row.state is State.CALLING and not row.lapsed:
            yield Step(f"the lease of {number} ends", scene._replace(rows=_put(rows, number, row._replace(lapsed=True))))
        if row.state is State.READY and row.later:
            yield Step(f"the moment of {number} comes", scene._replace(rows=_put(rows, number, row._replace(later=False))))
        if left.expiries and not row.outlived:
            after = _put(rows, number, row._replace(outlived=True))
            yield Step(f"{number} outlives its use", scene._replace(rows=after, left=left._replace(expiries=left.expiries - 1)))
    if (after := engine.sweep(rows)) != rows:
        yield Step("sweep", scene._replace(rows=after))


def _callbacks(engine: Engine, scene: Scene) -> Iterator[Step]:
    left = scene.left._replace(callbacks=scene.left.callbacks - 1)
    for call in dict.fromkeys(scene.taken) if scene.left.callbacks else ():
        for status in EVIDENCE:
            after = engine.callback(scene.rows, call.number, call.attempt, status)
            yield Step(f"callback: {status} of attempt {call.attempt} of {call.number}", scene._replace(rows=after, left=left), about=call)


def _work(engine: Engine, scene: Scene, who: int) -> Iterator[Step]:
    hand = scene.hands[who]
    match hand.stage:
        case "idle" | "done":
            yield from _tick(engine, scene, who)
        case "claimed":
            late = _row(scene, hand).lapsed or _row(scene, hand).state is not State.CALLING
            seen = hand._replace(stage="done", outcome=TOO_LATE) if late else hand._replace(stage="looked")
            yield Step(f"worker {who} looks at its lease", _with(scene, who, seen))
        case "looked":
            yield from _dial(scene, who)
    if hand.stage not in ("idle", "dead") and scene.left.deaths:
        dead = _with(scene, who, Hand("dead"))
        yield Step(f"worker {who} dies", dead._replace(left=scene.left._replace(deaths=scene.left.deaths - 1)))


def _dial(scene: Scene, who: int) -> Iterator[Step]:
    hand = scene.hands[who]
    for name, taken, outcome in ANSWERS:
        after = _with(scene, who, hand._replace(stage="done", outcome=outcome))
        ledger = (*scene.taken, *([hand.call] if taken and hand.call else []))
        yield Step(f"worker {who} dials: {name}", after._replace(taken=ledger), dialled=hand.call)


def _tick(engine: Engine, scene: Scene, who: int) -> Iterator[Step]:
    """Release what a lost answer claimed, report, claim; then the answer comes, or is lost in its turn."""
    hand, left = scene.hands[who], scene.left
    report = Report(hand.call, hand.outcome) if hand.call and hand.outcome else None
    rows = engine.release(scene.rows, who, hand.call) if hand.lost else scene.rows
    after, claimed = engine.tick(rows, who, 1 if left.claims else 0, report)
    if after == scene.rows and not report and not hand.lost:
        return
    spent = scene._replace(rows=after, left=left._replace(claims=left.claims - bool(claimed)))
    done = Hand("claimed", claimed) if claimed else Hand()
    yield Step(f"worker {who} ticks", _with(spent, who, done), about=report.call if report else None)
    if left.losses:
        unheard = _with(spent, who, hand._replace(lost=True))
        fewer = spent.left._replace(losses=left.losses - 1)
        yield Step(f"worker {who} ticks and never hears the answer", unheard._replace(left=fewer), about=report.call if report else None)


def _row(scene: Scene, hand: Hand) -> Row:
    """The row of a worker's call, as the worker may know it: a newer attempt means that its own lease is long over."""
    row = scene.rows[hand.call.number] if hand.call else Row()
    return row if hand.call and row.attempt == hand.call.attempt else row._replace(lapsed=True)


def _with(scene: Scene, who: int, hand: Hand) -> Scene:
    return scene._replace(hands=(hand, scene.hands[1]) if who == 0 else (scene.hands[0], hand))


def _put(rows: Rows, number: int, row: Row) -> Rows:
    return (*rows[:number], row, *rows[number + 1 :])
