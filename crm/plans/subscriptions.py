"""What a business pays for its plan: kept as the provider has it, newest answer first; the plan follows from all of it, and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.rows import scalar_row
from sqlalchemy.orm import Session

from crm.plans.table import FREE, SELF_HOSTED
from kernel.call import Caller
from kernel.clock import now
from kernel.db import raw
from kernel.keys import new_id, show
from outbox.events import Actor, happened_in, note

GRACE = timedelta(days=7)
"""So long after the start of a period that was not paid the plan stays; the provider charges again meanwhile."""
STATES = ("incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused")
"""docs.stripe.com/api/subscriptions/object, status."""
OVER = ("incomplete_expired", "canceled")
"""Terminal: nothing follows (docs.stripe.com/billing/subscriptions/overview)."""
WHOSE = "SELECT workspace_id FROM subscription WHERE provider = %s AND provider_ref = %s"
LOCK = "SELECT plan FROM workspace WHERE id = %s FOR NO KEY UPDATE"
# The answer to a later question stays, except that an end is an end, whoever saw it.
KEEP = """
INSERT INTO subscription AS s (id, workspace_id, provider, provider_ref, customer_ref, plan, state, period_from, asked)
VALUES (%(id)s, %(workspace)s, %(provider)s, %(ref)s, %(customer)s, %(plan)s, %(state)s, %(period_from)s, %(asked)s)
ON CONFLICT (provider, provider_ref) DO UPDATE SET customer_ref = excluded.customer_ref, plan = excluded.plan, state = excluded.state,
    period_from = excluded.period_from, asked = excluded.asked
    WHERE s.workspace_id = excluded.workspace_id AND s.state <> ALL(%(over)s) AND (s.asked < excluded.asked OR excluded.state = ANY(%(over)s))
"""
PAID_FOR = """
SELECT s.plan FROM subscription s WHERE s.workspace_id = %s AND s.plan IS NOT NULL
  AND (s.state IN ('active', 'trialing') OR s.state = 'past_due' AND s.period_from > %s)
ORDER BY s.period_from DESC NULLS LAST, s.provider_ref LIMIT 1
"""
MOVE = "UPDATE workspace SET plan = %s WHERE id = %s"
OUT_OF_GRACE = """
SELECT DISTINCT w.id FROM subscription s JOIN workspace w ON w.id = s.workspace_id AND w.plan = s.plan
WHERE s.state = 'past_due' AND s.period_from <= %s LIMIT 500
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A subscription as the provider had it, when it was asked under this number."""

    provider: str
    ref: str
    customer: str
    plan: str | None
    state: str
    period_from: datetime | None
    asked: int


def workspace_of(session: Session, seen: Seen) -> UUID | None:
    """Whose it is, as far as that is known."""
    found: UUID | None = raw(session).cursor(row_factory=scalar_row).execute(WHOSE, (seen.provider, seen.ref)).fetchone()
    return found


def record(session: Session, workspace: UUID, seen: Seen) -> None:
    """Keep it unless something newer is kept, and move the plan to what is paid for."""
    line = raw(session)
    line.execute(LOCK, (workspace,))
    row = {"provider": seen.provider, "ref": seen.ref, "customer": seen.customer, "plan": seen.plan, "state": seen.state}
    line.execute(KEEP, row | {"id": new_id(), "workspace": workspace, "period_from": seen.period_from, "asked": seen.asked, "over": list(OVER)})
    settle(session, workspace)


def settle(session: Session, workspace: UUID) -> None:
    """Move the plan to what is paid for; one that the operator gave without limits is not moved."""
    line = raw(session).cursor(row_factory=scalar_row)
    was = line.execute(LOCK, (workspace,)).fetchone()
    plan = line.execute(PAID_FOR, (workspace, now() - GRACE)).fetchone() or FREE.code
    if was in (None, plan, SELF_HOSTED.code):
        return
    line.execute(MOVE, (plan, workspace))
    happened_in(session, workspace, "plan.changed", show("org", workspace), plan=plan, was=was)
    note(session, Actor(workspace, Caller("system", None, "payments")), "plan.changed", show("org", workspace), plan=plan, was=was)


def out_of_grace(session: Session) -> list[UUID]:
    """The businesses whose plan was not paid for too long."""
    found: list[UUID] = raw(session).cursor(row_factory=scalar_row).execute(OUT_OF_GRACE, (now() - GRACE,)).fetchall()
    return found
