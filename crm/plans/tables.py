"""What a business has used up of its plan, where no other row says so, and what it pays for it, as classes."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class PlanUse(Row):
    """How much of a quota was used in a month."""

    __tablename__ = "plan_use"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    quota: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int]


class Subscription(Row):
    """What a business pays for its plan, as the provider has it."""

    __tablename__ = "subscription"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    provider: Mapped[str]
    provider_ref: Mapped[str]
    customer_ref: Mapped[str]
    plan: Mapped[str | None]
    state: Mapped[str]
    period_from: Mapped[datetime | None]
    asked: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[Stamp]


class PlanPage(Row):
    """A page on which a plan can be paid, at the provider."""

    __tablename__ = "plan_page"

    intent_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[WorkspaceKey]
    plan: Mapped[str]
    cycle: Mapped[str]
    created_at: Mapped[Stamp]
