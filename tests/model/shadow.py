"""The shadow: what the words of the design say must be true after each step, kept in plain Python beside the database.

It is written by hand from the state diagram and knows none of the engine's code, so that the two can disagree.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from outbox.dispatch import Accepted, Later, Outcome, Refused, Unsure
from outbox.states import State

S = State
MOST_TRIES = 12
FAILING = 10
DIALLED = (S.CALLING, S.IN_DOUBT)
WAITS = (S.READY, S.BLOCKED, S.FAILED)
OPEN = (*DIALLED, *WAITS)
EVIDENCE = {
    "sent": (S.SENT, OPEN),
    "delivered": (S.DELIVERED, (*OPEN, S.SENT, S.UNDELIVERED)),
    "undelivered": (S.UNDELIVERED, (*OPEN, S.SENT)),
}
Report = tuple[UUID, int, Outcome]


@dataclass(eq=False)
class Case:
    """One intent."""

    id: UUID
    recipient: str
    key: str | None
    by_key: bool
    digest: bytes
    due: bool
    state: S = S.HELD
    attempt: int = 0
    tries: int = 0
    owner: UUID | None = None
    lapsed: bool = False
    outlived: bool = False
    granted_at: int = 0
    """When it was granted, as a serial number; 0: never."""
    excuses: int = 0
    """How often a person, or proof of absence, let it be sent again."""
    halted: bool = False
    """Whether it was cancelled too late, so that it is called no more."""
    words: set[tuple[int, str]] = field(default_factory=set)
    """What the provider said of which attempt, by answer or later."""

    def hears(self, attempt: int, word: str) -> bool:
        """Whether a word changes where it stands: the newest word about a call in flight, or a yes about any where none is."""
        to, was = EVIDENCE[word]
        if self.state not in was or attempt > self.attempt:
            return False
        refuted = word == "sent" and (attempt, "undelivered") in self.words
        stopped = self.state in WAITS and to is not S.UNDELIVERED and not refuted
        stands_by_it = self.state not in OPEN and not any(number > attempt for number, _ in self.words)
        if attempt == self.attempt or stopped or stands_by_it:
            self.state, self.owner, self.lapsed = to, None, False
            return True
        return False

    def back(self, to: S) -> None:
        """An attempt that was not taken: it goes back, unless the provider took an earlier one, or it was cancelled meanwhile."""
        to = S.CANCELLED if self.halted and to is not S.FAILED else to
        self.owner, self.lapsed = None, False
        taken = {number for number, word in self.words if word == "delivered" or (word == "sent" and (number, "undelivered") not in self.words)}
        arrived = any(word == "delivered" for _, word in self.words)
        self.state = to if not taken or self.attempt < 2 else S.DELIVERED if arrived else S.SENT


@dataclass(eq=False)
class Request:
    """One approval."""

    id: UUID
    cases: list[Case]
    digest: str
    needs: int = 1
    votes: set[tuple[int, str]] = field(default_factory=set)
    """Which person said what."""
    state: str = "pending"
    overdue: bool = False


@dataclass
class Shadow:
    """The whole of it."""

    cases: dict[UUID, Case] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    suppressed: set[str] = field(default_factory=set)
    stops: set[UUID | None] = field(default_factory=set)
    resting: bool = False
    calls: dict[tuple[UUID, int], bool] = field(default_factory=dict)
    """Every call that was reported, in order, and whether it was answered."""
    serial: int = 0

    def ask(self, request: Request) -> None:
        """Something new is held."""
        self.requests.append(request)
        self.cases |= {case.id: case for case in request.cases}

    def decide(self, request: Request, verdict: str, voter: int) -> bool:
        """Whether the vote is taken; it decides when it is a no, or the last yes that is needed."""
        if request.state != "pending" or request.overdue or (voter, verdict) in request.votes:
            return False
        votes = request.votes | {(voter, verdict)}
        is_settled = verdict == "rejected" or sum(said == "approved" for _, said in votes) >= request.needs
        if is_settled and verdict == "approved" and any(case.state is S.HELD and case.recipient in self.suppressed for case in request.cases):
            return False
        request.votes = votes
        if not is_settled:
            return True
        request.state = verdict
        self.serial += 1
        for case in (c for c in request.cases if c.state is S.HELD):
            case.state = S.REJECTED if verdict == "rejected" else S.BLOCKED if case.key else S.READY
            case.granted_at = self.serial if verdict == "approved" else 0
        return True

    def end(self, request: Request, state: str, to: S) -> bool:
        """Withdrawal or expiry of a pending request."""
        if request.state != "pending":
            return False
        request.state = state
        for case in (c for c in request.cases if c.state is S.HELD):
            case.state = to
        return True

    def cancel(self, case: Case) -> bool:
        """Whether it was still in time."""
        case.halted = case.halted or case.state in DIALLED
        if case.state not in (S.HELD, S.READY, S.BLOCKED):
            return False
        case.state = S.CANCELLED
        request = next(r for r in self.requests if case in r.cases)
        if request.state == "pending" and all(c.state is not S.HELD for c in request.cases):
            request.state = "withdrawn"
        return True

    def expire(self) -> None:
        """What nobody decided in time."""
        for request in self.requests:
            if request.overdue:
                self.end(request, "expired", S.EXPIRED)

    def sweep(self) -> None:
        """Ended leases, outlived sends."""
        for case in self.cases.values():
            if case.state is S.CALLING and case.lapsed:
                case.state, case.owner, case.lapsed = S.IN_DOUBT, None, False
            elif case.state is S.READY and case.outlived:
                case.state = S.EXPIRED

    def release(self, owner: UUID, known: Collection[tuple[UUID, int]]) -> None:
        """What a worker claimed without hearing of it goes back."""
        for case in (c for c in self.cases.values() if c.state is S.CALLING and c.owner == owner and (c.id, c.attempt) not in known):
            case.back(S.READY)

    def report(self, intent: UUID, attempt: int, outcome: Outcome) -> bool:
        """Whether the outcome counted: it does only for the attempt that stands, and only while that is undecided."""
        case = self.cases[intent]
        if isinstance(outcome, Later) and outcome.lane_fault:
            self.resting = True
        if not isinstance(outcome, Later) or outcome.counts:
            self.calls.setdefault((intent, attempt), not isinstance(outcome, Unsure))
        if isinstance(outcome, Accepted):
            told = case.hears(attempt, "sent")
            case.tries += told
            case.words.add((attempt, "sent"))
            return told
        if case.attempt != attempt or case.state not in DIALLED or (case.state is S.IN_DOUBT and isinstance(outcome, Unsure)):
            return False
        counts = not (isinstance(outcome, Later) and (outcome.lane_fault or not outcome.counts))
        case.tries += counts
        match outcome:
            case Refused():
                case.back(S.FAILED)
            case Unsure():
                case.state, case.owner, case.lapsed = S.IN_DOUBT, None, False
            case Later(after=after):
                case.back(S.FAILED if counts and case.tries >= MOST_TRIES else S.READY)
                case.due = after == 0.0 and not outcome.lane_fault
        return True

    def tick(self, owner: UUID, slots: int, reports: Sequence[Report], due_at: dict[UUID, datetime]) -> set[UUID]:
        """Reports, promotions and the claim; answers what the worker must have been given."""
        # What is put off in this very tick is due last: its due time is the tick's own.
        now = {report[0] for report in reports if self.report(*report)}
        if any(isinstance(outcome, Unsure) for _, _, outcome in reports) and sum(not answered for answered in [*self.calls.values()][-20:]) >= FAILING:
            self.resting = True
        self._promote()
        chosen = sorted((c for c in self.cases.values() if self._may_leave(c)), key=lambda c: (c.id in now, due_at[c.id], c.id))[:slots]
        for case in chosen:
            if case.recipient in self.suppressed:
                case.state = S.SUPPRESSED
            else:
                case.state, case.owner, case.attempt = S.CALLING, owner, case.attempt + 1
        return {case.id for case in chosen if case.state is S.CALLING}

    def _promote(self) -> None:
        for key in {case.key for case in self.cases.values() if case.key}:
            mine = [case for case in self.cases.values() if case.key == key]
            if not any(case.state in (S.READY, *DIALLED) for case in mine):
                first = next((case for case in mine if case.state is S.BLOCKED), None)
                if first:
                    first.state = S.READY

    @property
    def wants_a_tick(self) -> bool:
        """Whether something could leave, or waits for the one before it."""
        return any(case.state is S.BLOCKED or self._may_leave(case) for case in self.cases.values())

    def _may_leave(self, case: Case) -> bool:
        stopped = None in self.stops or (case.by_key and bool(self.stops))
        return case.state is S.READY and case.due and not (case.outlived or stopped or self.resting)

    def callback(self, case: Case, attempt: int, status: str) -> None:
        """A provider's word about one attempt; a later word of less weight undoes nothing."""
        case.words.add((attempt, status))
        case.hears(attempt, status)

    def replay(self, case: Case) -> bool:
        """Whether a dead letter may try again, from the first try; a keyed one goes behind those that were granted meanwhile."""
        if case.outlived or any(word in ("sent", "delivered") for _, word in case.words):
            return False
        self.serial += 1
        case.halted = False
        case.state, case.tries, case.due, case.granted_at = S.BLOCKED if case.key else S.READY, 0, True, self.serial
        return True

    def again(self, case: Case, *, by_person: bool) -> None:
        """It may be sent once more, although the last call may have been taken; what was cancelled, if a person says so."""
        case.halted = case.halted and not by_person
        case.back(S.READY)
        case.due, case.excuses = True, case.excuses + (case.state in (S.READY, S.CANCELLED))
