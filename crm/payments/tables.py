"""The tables of payments as classes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class Payment(Row):
    """Money that arrived; `amount_minor` in minor units of `currency` (ISO 4217)."""

    __tablename__ = "payment"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    provider: Mapped[str]
    provider_ref: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    paid_at: Mapped[datetime]
    invoice_id: Mapped[UUID | None]
    method: Mapped[str | None]
    recorded_at: Mapped[Stamp]
    told_refunded_minor: Mapped[int] = mapped_column(BigInteger, server_default="0")


class Refund(Row):
    """Money that goes back, or was asked to; the provider's word moves `state` on, never back."""

    __tablename__ = "refund"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    provider: Mapped[str]
    provider_ref: Mapped[str | None]
    payment_ref: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    state: Mapped[str]
    intent_id: Mapped[UUID | None]
    reason: Mapped[str | None]
    created_at: Mapped[Stamp]


class Dispute(Row):
    """Money that a customer's bank wants back; `won` is to our favour."""

    __tablename__ = "dispute"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    provider: Mapped[str]
    provider_ref: Mapped[str]
    payment_ref: Mapped[str]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[Stamp]


class Reconciliation(Row):
    """What a comparison with the provider's own books found, of one business."""

    __tablename__ = "reconciliation"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    provider: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]
    compared: Mapped[int]
    many: Mapped[int]
    differences: Mapped[list[Any]] = mapped_column(JSONB)
    ran_at: Mapped[Stamp]
