"""The world that the state machine moves: the real gate and store on a real database, each through the role that uses it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import class_row
from sqlalchemy import text

from approvals import gate
from approvals.decide import decide
from approvals.people import Person, Rank
from approvals.requests import Pending
from approvals.resolve import replay
from approvals.votes import Decision, Verdict
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database
from outbox import facts
from outbox.claims import START_OF_ROUND, Ask
from outbox.dispatch import Absent, StatusEvent
from outbox.inquiries import Doubt, conclude, judge_lane
from outbox.states import Claimed, Move, State, move
from outbox.store import Finished, reconcile, release, sweep, tick
from tests.factories import Bench, Desk
from tests.portal.guest import joined
from workers import calls
from workers.clock import expire_approvals

LANE = "sms:sandbox"
A_DAY = 24 * 3600.0
FORGOTTEN = (
    "reserved",
    "budget",
    "delivery",
    "grants",
    "vote",
    "approval_item",
    "manifest",
    "approval",
    "link",
    "postbox",
    "content",
    "attempt",
    "intent",
    "suppression",
    "stop",
    "event",
    "audit",
)
ROWS = """
SELECT d.intent_id, d.state, d.attempt, d.tries, d.owner, d.lease_until IS NOT NULL AS leased, d.due_at, d.digest,
       coalesce(g.digest = d.digest AND a.state = 'approved' AND t.digest = d.digest AND a.needs <= (
           SELECT count(DISTINCT v.person_id) FROM vote v WHERE v.approval_id = a.id AND v.verdict = 'approved' AND v.digest = a.digest), false) AS granted
FROM delivery d LEFT JOIN grants g ON g.id = d.grant_id LEFT JOIN approval a ON a.id = g.approval_id
LEFT JOIN approval_item t ON t.approval_id = a.id AND t.intent_id = d.intent_id
WHERE d.lane = %s ORDER BY d.intent_id
"""
OBSERVED = "SELECT a.* FROM attempt a JOIN intent i ON i.id = a.intent_id WHERE i.lane = %s ORDER BY a.id"


@dataclass(frozen=True)
class Row:
    """An intent as the database has it; `granted`: an approved approval of these very bytes stands behind it."""

    intent_id: UUID
    state: str
    attempt: int
    tries: int
    owner: UUID | None
    leased: bool
    due_at: datetime
    digest: bytes
    granted: bool


@dataclass(frozen=True)
class World:
    """A desk where an agent asks and a person decides, a bench where workers work, and the owner's hand that moves time."""

    desk: Desk
    bench: Bench
    worker: psycopg.Connection[Any]
    owner: psycopg.Connection[Any]
    voters: tuple[UUID, UUID]

    @classmethod
    @contextmanager
    def opened(cls, desk: Desk, bench: Bench, owner: Database) -> Iterator[World]:
        """With two connections that stay open, for speed."""
        with bench.database.line(A_DAY) as worker, owner.line(A_DAY) as hand, pytest.MonkeyPatch.context() as patience:
            # Only `come_due` lets time pass: on a busy machine a second goes by between two deeds.
            patience.setattr(calls, "TOO_LATE_PAUSE", A_DAY)
            hand.autocommit = True
            try:
                yield cls(desk, bench, worker, hand, (desk.founded.owner, joined(desk, owner, "Mona", Rank.MANAGER)))
            finally:
                hand.autocommit = False

    def forget(self) -> None:
        """Begin anew in the same workspace."""
        with self.owner.transaction():
            self.owner.execute("SET LOCAL session_replication_role = replica; " + "; ".join(f"DELETE FROM {table}" for table in FORGOTTEN))
            self.owner.execute("UPDATE lane SET breaker_until = NULL, breaker_reason = NULL, paused_at = NULL, pace = NULL, rests_until = NULL")

    @contextmanager
    def call(self, *, by_key: bool = True) -> Iterator[Call]:
        """A web call in one transaction, by the agent's key or by a person."""
        founded = self.desk.founded
        caller = Caller("agent", founded.key.id, "first agent") if by_key else Caller("person", founded.owner, "Olivia")
        with self.desk.database.transaction(workspace=founded.workspace) as session:
            yield Call(session, caller, founded.workspace, now(), self.desk.settings)

    def ask(self, drafts: Sequence[gate.Draft], *, by_key: bool, needs: int = 1) -> Pending:
        """Hold the drafts under one approval that needs so many people."""
        with self.call(by_key=by_key) as call:
            pending = gate.submit(call, "send_sms", drafts)
        self.time("UPDATE approval SET needs = %(needs)s WHERE id = %(i)s", i=pending.approval_id, needs=needs)
        return pending

    def decide(self, approval: UUID, digest: str, verdict: Verdict, voter: int) -> None:
        """A vote of one of the two who may decide, who was shown these bytes."""
        with self.desk.signed_in(self.voters[voter]) as (session, person):
            decide(session, person, Decision(approval, bytes.fromhex(digest), verdict, "portal"))

    def withdraw(self, approval: UUID) -> None:
        """Take a request back."""
        with self.call(by_key=False) as call:
            gate.withdraw(call, approval)

    def cancel(self, intent: UUID) -> None:
        """Cancel one send."""
        with self.call(by_key=False) as call:
            gate.cancel(call, intent)

    def suppress(self, recipient: str) -> None:
        """An opt-out."""
        with self.call() as call:
            gate.suppress(call, "sms", recipient, "STOP")

    def stop(self, key: UUID | None) -> None:
        """Stop a key, or the workspace."""
        with self.call() as call:
            facts.stop(call.session, call.workspace, facts.Scope(key=key), "enough")

    def lift(self) -> None:
        """Lift every stop."""
        with self.call() as call:
            call.session.execute(text("UPDATE stop SET lifted_at = now() WHERE lifted_at IS NULL"))

    def time(self, change: str, **names: Any) -> None:
        """Move time in the database's rows."""
        self.owner.execute(change.encode(), names)

    def expire_approvals(self) -> None:
        """What the clock does with requests that nobody decided."""
        expire_approvals(self.bench.database)

    def tick(self, owner: UUID, slots: int, finished: Sequence[Finished]) -> list[Claimed]:
        """One tick of a worker."""
        return tick(self.worker, Ask(LANE, owner, slots, 30.0, START_OF_ROUND), finished)

    def release(self, owner: UUID, known: Collection[tuple[UUID, int]]) -> None:
        """What a worker does first after a tick whose answer it lost."""
        release(self.worker, Ask(LANE, owner, 0, 30.0, START_OF_ROUND), known)

    def sweep(self) -> None:
        """What the clock does with ended leases."""
        sweep(self.worker)

    def mend(self) -> None:
        """A probe finds the lane well again."""
        judge_lane(self.worker, LANE, None)

    def callback(self, event: StatusEvent, called: tuple[UUID, int] | None) -> bool:
        """A provider's word."""
        with self.worker.transaction():
            return reconcile(self.worker, event, called)

    def prove_absent(self, intent: UUID, attempt: int) -> None:
        """The second look-up that does not show it, of a kind that is then sent again."""
        doubt = Doubt(intent, self.desk.founded.workspace, LANE, attempt, b"", sealed=False, on_unknown="resend_if_absent", started_at=now(), absences=1)
        conclude(self.worker, doubt, Absent())

    def settle(self, intent: UUID, attempt: int, to: State) -> None:
        """A person's word about a doubt, as the move it makes."""
        with self.worker.transaction():
            move(self.worker, [Move(intent, (State.IN_DOUBT,), to, attempt=attempt, delay=0.0, again=to is State.READY)])

    def replay(self, intent: UUID) -> None:
        """A person has a dead letter tried again."""
        with self.desk.database.transaction(workspace=self.desk.founded.workspace) as session:
            replay(session, session.get_one(Person, self.desk.founded.owner), intent)

    def forge(self, intent: UUID) -> None:
        """Somebody with the database's own password makes a held send ready, without any grant."""
        self.time("UPDATE delivery SET state = 'ready' WHERE intent_id = %(i)s AND state = 'held'", i=intent)

    def rows(self) -> tuple[dict[UUID, Row], list[tuple[Any, ...]]]:
        """Every intent of the lane, and every observation in the order of its writing."""
        rows = self.owner.cursor(row_factory=class_row(Row)).execute(ROWS, (LANE,)).fetchall()
        return {row.intent_id: row for row in rows}, self.owner.execute(OBSERVED, (LANE,)).fetchall()
