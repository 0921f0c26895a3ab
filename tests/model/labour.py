"""What workers, providers and the clock may do: tick, dial, die, repeat themselves, call back, and let leases end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from math import inf
from uuid import UUID

from kernel.keys import new_id
from outbox.dispatch import Accepted, Dispatch, Later, Outcome, Refused, StatusEvent, Unsure
from outbox.states import State
from outbox.store import Finished
from tests.model.laws import FINAL, Dialled, overtaken
from tests.model.shadow import Report
from tests.model.situation import Held, Situation, Worker, one
from tests.model.world import LANE
from workers.calls import Calls

Answer = Callable[[str], Outcome]
ANSWERS: tuple[tuple[bool, Answer], ...] = (
    (True, Accepted),
    (True, Accepted),
    (True, lambda _: Unsure("the answer was lost")),
    (False, lambda _: Unsure("the request was lost")),
    (False, lambda _: Refused("no such number")),
    (False, lambda _: Later("busy", after=0.0)),
    (False, lambda _: Later("busy", after=3600.0)),
    (False, lambda _: Later("401", lane_fault=True)),
)
"""What a provider may do with a call: whether it takes it, and what the worker hears."""
STATUSES = ("delivered", "sent", "undelivered")
MOVES_OF_A_TICK = 3
"""It may settle a call, promote what waits, and claim."""


def tick(here: Situation, pick: int, other: int) -> None:
    """A worker reports and claims; now and then it never hears the answer, and gives back what it did not see."""
    worker, slots = here.workers[pick % 2], (2, 1, 3, 0)[other % 4]
    if worker.lost:
        here.world.release(worker.owner, worker.known)
        here.shadow.release(worker.owner, worker.known)
    due_at = _due(here)
    claimed = here.world.tick(worker.owner, slots, worker.unreported)
    expected = here.shadow.tick(worker.owner, slots, [_report(done) for done in worker.unreported], due_at)
    got = {row.intent_id for row in claimed}
    assert got == expected, f"claimed {got}, should have claimed {expected} of {here.cases}, due {due_at}"
    here.refs |= {done.outcome.ref: _report(done)[:2] for done in worker.unreported if isinstance(done.outcome, Accepted)}
    here.moves, worker.lost = MOVES_OF_A_TICK, pick > 9
    if not worker.lost:
        here.reported += worker.unreported
        worker.unreported = []
        worker.calls += [Held(row) for row in claimed]


def _due(here: Situation) -> dict[UUID, datetime]:
    return {row.intent_id: row.due_at for row in here.history.rows.values()}


def _report(done: Finished) -> Report:
    return done.claimed.intent_id, done.claimed.attempt, done.outcome


def look(here: Situation, pick: int, _other: int) -> None:
    """A worker looks at the clock before it dials; it may then be held up for as long as it pleases the machine."""
    _, held = one(here.hands, pick)
    case = here.shadow.cases[held.claimed.intent_id]
    held.looked = held.looked or (case.state is not State.IN_DOUBT and case.attempt == held.claimed.attempt and not case.lapsed)


def dial(here: Situation, pick: int, other: int) -> None:
    """A worker dials, or finds that it is too late."""
    worker, held = one(here.hands, pick)
    look(here, pick, other)
    memory = here.world.bench.memory
    memory.perform = lambda dispatch: _perform(here, dispatch, *ANSWERS[other % len(ANSWERS)])
    calls = Calls(here.world.bench.settings, {"sandbox": memory})
    worker.unreported.append(calls.call(LANE, held.claimed, inf if held.looked else -inf))
    worker.calls.remove(held)
    if here.faults:
        raise AssertionError(here.faults[0])


def _perform(here: Situation, dispatch: Dispatch, accepts: bool, answer: Answer) -> Outcome:
    """The provider; what it sees is judged after the call, for a worker takes an exception in here for a doubt."""
    case = here.shadow.cases[dispatch.intent]
    ref = f"ref-{len(here.history.ledger)}"
    here.history.ledger.append(Dialled(dispatch.intent, dispatch.attempt, accepts, ref))
    here.seen.update(dialled=1, taken=int(accepts))
    if not case.granted_at:
        here.faults.append(f"dialled without a grant: {case}")
    if case.state in FINAL and not case.excuses:
        here.faults.append(f"dialled although {case.state}: {case}")
    if not case.excuses and overtaken(here.shadow, case):
        here.faults.append(f"dialled out of order: {case} before {overtaken(here.shadow, case)}")
    return answer(ref)


def die(here: Situation, pick: int, _other: int) -> None:
    """A worker is killed; another takes its place."""
    here.workers[pick % 2] = Worker()


def repeat(here: Situation, pick: int, other: int) -> None:
    """A report comes twice."""
    done, owner, due_at = one(here.reported, pick), here.workers[other % 2].owner, _due(here)
    here.world.tick(owner, 0, [done])
    here.shadow.tick(owner, 0, [_report(done)], due_at)
    here.moves = MOVES_OF_A_TICK


def call_back(here: Situation, pick: int, other: int) -> None:
    """The provider's word about a call that it took: early, late, again, in any order, with our reference or with its own id."""
    call = one([call for call in here.history.ledger if call.accepted], pick)
    status, signed = STATUSES[other % 3], other % 4 > 0
    known = here.world.callback(StatusEvent(new_id().hex, status, None, call.ref), (call.intent, call.attempt) if signed else None)
    assert known == (signed or call.ref in here.refs), "a word about a call of ours was not understood"
    if known:
        here.refs.setdefault(call.ref, (call.intent, call.attempt))
        here.shadow.callback(here.shadow.cases[call.intent], call.attempt, status)


def come_due(here: Situation, _pick: int, _other: int) -> None:
    """Every moment that was waited for comes."""
    here.world.time("UPDATE delivery SET due_at = now() WHERE due_at > now() AND state <> 'in_doubt'")
    for case in (case for case in here.cases if case.state is not State.IN_DOUBT):
        case.due = True


def end_lease(here: Situation, pick: int, _other: int) -> None:
    """A call takes longer than its lease."""
    case = one(here.standing(State.CALLING), pick)
    here.world.time("UPDATE delivery SET lease_until = now() - interval '1 s' WHERE intent_id = %(i)s", i=case.id)
    case.lapsed = True


def sweep(here: Situation, _pick: int, _other: int) -> None:
    """The clock strikes."""
    here.world.sweep()
    here.shadow.sweep()
    here.world.expire_approvals()
    here.shadow.expire()
