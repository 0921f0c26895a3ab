"""Budgets of a day: taken by one statement that compares and adds at once, so that no number of processes grants more than there is.

They are rows like any other: they commit with the grants they allow, and need neither Redis nor a lock of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.errors import Conflict
from kernel.tenancy import WorkspaceKey

TAKE = """
INSERT INTO budget AS b (workspace_id, policy, subject, starts_at, used)
SELECT %(workspace)s, %(policy)s, %(subject)s, business_day(%(workspace)s), %(amount)s WHERE %(amount)s::bigint <= %(cap)s::bigint
ON CONFLICT ON CONSTRAINT pk_budget DO UPDATE SET used = b.used + excluded.used WHERE b.used + excluded.used <= %(cap)s
RETURNING b.used
"""
RESERVE = """
INSERT INTO reserved (intent_id, workspace_id, policy, subject, starts_at, amount)
SELECT r.intent_id, %(workspace)s, r.policy, r.subject, business_day(%(workspace)s), r.amount
FROM unnest(%(intents)s::uuid[], %(policies)s::text[], %(subjects)s::text[], %(amounts)s::bigint[]) AS r(intent_id, policy, subject, amount)
"""
# What failed may still be replayed by a person, and what is in doubt may have been sent: both stay taken.
SPARED = """
SELECT DISTINCT r.workspace_id, r.policy, r.subject, r.starts_at FROM reserved r JOIN every_delivery d ON d.intent_id = r.intent_id
WHERE d.state IN ('rejected', 'cancelled', 'expired', 'suppressed')
"""
# A budget in each transaction, so that this can wait for others in no circle.
GIVE_BACK = """
WITH held AS (
    SELECT FROM budget WHERE (workspace_id, policy, subject, starts_at) = (%(workspace)s, %(policy)s, %(subject)s, %(day)s) FOR UPDATE
), over AS (
    DELETE FROM reserved r USING every_delivery d, held
    WHERE d.intent_id = r.intent_id AND d.state IN ('rejected', 'cancelled', 'expired', 'suppressed')
      AND (r.workspace_id, r.policy, r.subject, r.starts_at) = (%(workspace)s, %(policy)s, %(subject)s, %(day)s)
    RETURNING r.amount
)
UPDATE budget b SET used = b.used - (SELECT sum(amount) FROM over)
WHERE (b.workspace_id, b.policy, b.subject, b.starts_at) = (%(workspace)s, %(policy)s, %(subject)s, %(day)s) AND EXISTS (SELECT FROM over)
"""
OLD = (
    "DELETE FROM reserved WHERE starts_at < now() - interval '3 days'",
    "DELETE FROM budget b WHERE starts_at < now() - interval '40 days' AND NOT EXISTS (SELECT FROM reserved r WHERE r.starts_at = b.starts_at)",
)


class LimitReached(Conflict):
    """Today's limit does not hold so much more."""

    code = "limit_reached"
    next_step = "Try again tomorrow; or an owner or a manager raises the limit under Policies."


class Budget(Row):
    """What was granted of one day."""

    __tablename__ = "budget"

    workspace_id: Mapped[WorkspaceKey] = mapped_column(primary_key=True)
    policy: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(BigInteger)


class Reserved(Row):
    """What one send took."""

    __tablename__ = "reserved"

    intent_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    policy: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    amount: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True)
class Taking:
    """What one send takes of one budget."""

    intent: UUID
    policy: str
    subject: str
    amount: int
    cap: int
    why: str

    @property
    def budget(self) -> tuple[str, str]:
        """Which one."""
        return self.policy, self.subject


def take(line: psycopg.Connection[Any], workspace: UUID, takings: Sequence[Taking]) -> None:
    """Take all of them or none: raises LimitReached when one budget is too small, and then the caller's transaction must not commit."""
    # Always in one order, so that two who take of several wait for each other in no circle.
    for (policy, subject), each in groupby(sorted(takings, key=lambda taking: taking.budget), key=lambda taking: taking.budget):
        same = list(each)
        wanted = {"workspace": workspace, "policy": policy, "subject": subject, "amount": sum(taking.amount for taking in same), "cap": same[0].cap}
        if line.execute(TAKE, wanted).fetchone() is None:
            raise LimitReached(f"{same[0].why} Today's limit does not hold so much more.", policies=[policy])


def reserve(line: psycopg.Connection[Any], workspace: UUID, takings: Sequence[Taking]) -> None:
    """Remember which send took what, so that it can be given back."""
    if takings:
        named = {"intents": "intent", "policies": "policy", "subjects": "subject", "amounts": "amount"}
        line.execute(RESERVE, {"workspace": workspace} | {name: [getattr(taking, field) for taking in takings] for name, field in named.items()})


def give_back(line: psycopg.Connection[Any]) -> int:
    """Give back what was taken for sends that will certainly never be made; answers of how many budgets."""
    with line.transaction():
        spared = line.execute(SPARED).fetchall()
    for workspace, policy, subject, day in spared:
        with line.transaction():
            line.execute(GIVE_BACK, {"workspace": workspace, "policy": policy, "subject": subject, "day": day})
    with line.transaction():
        for statement in OLD:
            line.execute(statement.encode())
    return len(spared)
