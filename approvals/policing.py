"""Setting a policy: a person of the business does it, in the portal; each setting stays on record, and the newest counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session

from approvals.people import Person
from approvals.permitted import drop_denied, hold_policies, take_policies
from approvals.rulings import Policy, settings_of
from approvals.verdicts import PolicySettings
from kernel.db import Row
from kernel.keys import show
from kernel.tenancy import PrimaryKey, Stamp
from outbox.events import happened_in, note

NAMED = 20
"""So many of what a setting cancelled the audit names one by one; it counts them all."""


class PolicySetting(Row):
    """What one person set of one policy, once; never changed."""

    __tablename__ = "policy_setting"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    policy: Mapped[str]
    version: Mapped[int]
    settings: Mapped[dict[str, Any]]
    set_by: Mapped[UUID]
    set_by_name: Mapped[str]
    at: Mapped[Stamp]


def put(session: Session, person: Person, policy: Policy, settings: PolicySettings) -> int:
    """From this commit on the policy judges by these settings, and what waits and is refused by them is cancelled; answers how many that were.

    The transaction must carry the person's own portal session.
    """
    take_policies(session, person.workspace_id)
    said = settings.model_dump(mode="json")
    row = PolicySetting(workspace_id=person.workspace_id, policy=policy.name, version=policy.version, settings=said, set_by=person.id, set_by_name=person.name)
    session.add(row)
    session.flush()
    dropped = drop_denied(session, person.workspace_id, policy, settings)
    detail = {"cancelled": len(dropped), "intents": [show("int", one) for one in dropped[:NAMED]]} if dropped else {}
    note(session, person.as_actor(), "policy.set", policy.name, version=policy.version, settings=said, **detail)
    happened_in(session, person.workspace_id, "policy.set", policy.name, version=policy.version)
    return len(dropped)


def chosen(session: Session, workspace: UUID) -> dict[str, PolicySetting]:
    """The newest setting of each policy that was ever set."""
    mine = select(PolicySetting).where(PolicySetting.workspace_id == workspace).ext(distinct_on(PolicySetting.policy))
    return {row.policy: row for row in session.scalars(mine.order_by(PolicySetting.policy, PolicySetting.id.desc()))}


def current(session: Session, workspace: UUID) -> dict[str, PolicySettings]:
    """How every policy is set today."""
    return settings_of({name: row.settings for name, row in chosen(session, workspace).items()})


def held(session: Session, workspace: UUID) -> dict[str, PolicySettings]:
    """How every policy is set today; nobody sets another until commit."""
    hold_policies(session, workspace)
    return current(session, workspace)


def earlier(session: Session, workspace: UUID, policy: str, limit: int) -> Sequence[PolicySetting]:
    """How a policy was set before, newest first."""
    mine = select(PolicySetting).where(PolicySetting.workspace_id == workspace, PolicySetting.policy == policy)
    return session.scalars(mine.order_by(PolicySetting.id.desc()).limit(limit)).all()
