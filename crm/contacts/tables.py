"""The tables of customers, their tags, visits and tiers as classes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class Tier(Row):
    """A kind of membership."""

    __tablename__ = "tier"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    name: Mapped[str]
    description: Mapped[str | None]
    points_per_visit: Mapped[int]
    created_at: Mapped[Stamp]


class Account(Row):
    """A customer."""

    __tablename__ = "account"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    name: Mapped[str]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    notes: Mapped[str | None]
    tier_id: Mapped[UUID | None]
    tier_since: Mapped[datetime | None]
    tier_until: Mapped[datetime | None]
    created_at: Mapped[Stamp]
    erased_at: Mapped[datetime | None]


class AccountTag(Row):
    """A word by which a customer is sorted."""

    __tablename__ = "account_tag"

    workspace_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)


class Visit(Row):
    """That a customer came."""

    __tablename__ = "visit"

    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    account_id: Mapped[UUID]
    service_id: Mapped[UUID]
    at: Mapped[datetime]


class Consent(Row):
    """What a customer said, or is said to have said, about being written to; never changed, and the newest counts."""

    __tablename__ = "consent"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    account_id: Mapped[UUID]
    channel: Mapped[str]
    is_given: Mapped[bool]
    source: Mapped[str]
    evidence: Mapped[str | None]
    said_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Segment(Row):
    """A name for those who meet a filter, whoever they are when it is asked."""

    __tablename__ = "segment"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    name: Mapped[str]
    filter: Mapped[dict[str, Any]]
    created_at: Mapped[Stamp]
