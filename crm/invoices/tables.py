"""The tables of invoices as classes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class LastNumber(Row):
    """The last number given in a workspace; each is given with its invoice, so there is no gap."""

    __tablename__ = "invoice_number"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class Invoice(Row):
    """What a customer owes; amounts in minor units of `currency`."""

    __tablename__ = "invoice"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    number: Mapped[int] = mapped_column(BigInteger)
    account_id: Mapped[UUID]
    booking_id: Mapped[UUID | None]
    lines: Mapped[list[Any]] = mapped_column(JSONB)
    total_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    due_date: Mapped[date]
    created_at: Mapped[Stamp]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None]
    billed_at: Mapped[datetime | None]
    chased: Mapped[int] = mapped_column(SmallInteger, server_default="0")


class InvoiceSend(Row):
    """A message about an invoice: the bill itself, that it is overdue, or that it is void."""

    __tablename__ = "invoice_send"

    workspace_id: Mapped[UUID]
    invoice_id: Mapped[UUID] = mapped_column(primary_key=True)
    intent_id: Mapped[UUID] = mapped_column(primary_key=True)
    says: Mapped[str]


class Checkout(Row):
    """A page at the payment provider that takes the money of one invoice."""

    __tablename__ = "checkout"

    intent_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    invoice_id: Mapped[UUID]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Stamp]
    closed_at: Mapped[datetime | None]


class PaymentLink(Row):
    """An address of ours that leads to the payment of an invoice; the token is kept as a hash."""

    __tablename__ = "payment_link"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    invoice_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Stamp]
