"""Who is told by now of a request that waits: as the workspace's policy says; it tells more people with time, and decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from approvals.people import Person, Rank
from approvals.policies import escalation
from approvals.policing import current

POLICY = "escalation"


def told_by_now(session: Session, workspace: UUID, people: Iterable[Person], waited: timedelta) -> frozenset[UUID]:
    """Those of the people who may decide that should know of a request which has waited so long."""
    settings = current(session, workspace).get(POLICY)
    wanted = settings if isinstance(settings, escalation.Settings) else escalation.Settings()
    return escalation.who_to_tell([escalation.Decider(person.id, person.rank == Rank.OWNER) for person in people], waited, wanted)
