"""What people and agents may do: ask, decide, take back, stop, settle doubts; and what time does to their requests."""

from __future__ import annotations

from datetime import timedelta

from approvals.gate import Draft
from approvals.votes import Verdict
from kernel.clock import now
from outbox.kinds.sms import Sms
from outbox.states import State
from tests.model.shadow import Case, Request
from tests.model.situation import Situation, expect, one

PHONES = tuple(f"+44740012345{n}" for n in range(4))
KEYS = ("mia", "noah", None, None)


def ask(here: Situation, pick: int, other: int) -> None:
    """An agent or a person asks for one or two sends, some later, some in order."""
    moment = now()
    phone, key, by_key = PHONES[pick % 4], KEYS[other % 4], other % 3 > 0
    before = moment + timedelta(hours=1) if pick > 9 else None
    drafts = [Draft(Sms(to=phone, body=f"Number {len(here.cases) + n}"), before, moment + timedelta(days=2), key) for n in range(1 + pick % 2)]
    needs = 2 if other % 5 == 4 else 1
    if phone in here.shadow.suppressed:
        expect(False, lambda: here.world.ask(drafts, by_key=by_key, needs=needs))
        return
    pending = here.world.ask(drafts, by_key=by_key, needs=needs)
    rows, _ = here.world.rows()
    cases = [Case(i, phone, key, by_key, rows[i].digest, before is None) for i in pending.intent_ids]
    here.shadow.ask(Request(pending.approval_id, cases, pending.digest, needs))


def approve(here: Situation, pick: int, other: int) -> None:
    """One of two people says so."""
    _decide(here, one(here.pending, pick), "approved", other)


def approve_again(here: Situation, pick: int, other: int) -> None:
    """Somebody says so, whatever became of the request."""
    _decide(here, one(here.shadow.requests, pick), "approved", other)


def approve_other_bytes(here: Situation, pick: int, _other: int) -> None:
    """Somebody was shown something else."""
    request = one(here.shadow.requests, pick)
    expect(False, lambda: here.world.decide(request.id, "00" * 32, "approved", 0))


def reject(here: Situation, pick: int, other: int) -> None:
    """Somebody says no, perhaps after a yes."""
    _decide(here, one(here.shadow.requests, pick), "rejected", other)


def _decide(here: Situation, request: Request, verdict: Verdict, other: int) -> None:
    voter = other % 2
    expect(here.shadow.decide(request, verdict, voter), lambda: here.world.decide(request.id, request.digest, verdict, voter))


def withdraw(here: Situation, pick: int, _other: int) -> None:
    """The agent takes its request back."""
    request = one(here.shadow.requests, pick)
    expect(here.shadow.end(request, "withdrawn", State.CANCELLED), lambda: here.world.withdraw(request.id))


def cancel(here: Situation, pick: int, _other: int) -> None:
    """The agent cancels one send."""
    case = one(here.cases, pick)
    expect(here.shadow.cancel(case), lambda: here.world.cancel(case.id))


def suppress(here: Situation, pick: int, _other: int) -> None:
    """A recipient opts out."""
    phone = one(here.cases, pick).recipient
    here.world.suppress(phone)
    here.shadow.suppressed.add(phone)


def stop(here: Situation, pick: int, _other: int) -> None:
    """A person stops the agent's key, or the workspace."""
    key = None if pick % 2 else here.world.desk.founded.key.id
    here.world.stop(key)
    here.shadow.stops.add(key)


def lift(here: Situation, _pick: int, _other: int) -> None:
    """The stops are lifted, and a probe finds the lane well."""
    here.world.lift()
    here.world.mend()
    here.shadow.stops.clear()
    here.shadow.resting = False


def send_again(here: Situation, pick: int, other: int) -> None:
    """A doubt is sent again: two look-ups proved its absence, or a person says so."""
    case = one(here.standing(State.IN_DOUBT), pick)
    if other % 2:
        here.world.prove_absent(case.id, case.attempt)
    else:
        here.world.settle(case.id, case.attempt, State.READY)
    here.shadow.again(case, by_person=not other % 2)


def give_up(here: Situation, pick: int, _other: int) -> None:
    """A person gives a doubt up, whatever became of the call."""
    case = one(here.standing(State.IN_DOUBT), pick)
    here.world.settle(case.id, case.attempt, State.FAILED)
    case.excuses += 1
    case.back(State.FAILED)


def replay(here: Situation, pick: int, _other: int) -> None:
    """A person has a dead letter sent after all."""
    case = one(here.standing(State.FAILED), pick)
    expect(here.shadow.replay(case), lambda: here.world.replay(case.id))


def run_out(here: Situation, pick: int, other: int) -> None:
    """A request's time is over; the clock may see it at once or later."""
    request = one(here.pending, pick)
    here.world.time("UPDATE approval SET expires_at = now() - interval '1 s' WHERE id = %(i)s", i=request.id)
    request.overdue = True
    if other % 2:
        here.world.expire_approvals()
        here.shadow.expire()


def outlive(here: Situation, pick: int, _other: int) -> None:
    """A send outlives its use."""
    case = one(here.cases, pick)
    here.world.time("UPDATE intent SET expires_at = now() - interval '1 s' WHERE id = %(i)s", i=case.id)
    here.world.time("UPDATE delivery SET expires_at = now() - interval '1 s' WHERE intent_id = %(i)s", i=case.id)
    case.outlived = True
