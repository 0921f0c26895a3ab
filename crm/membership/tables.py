"""The tables of points as classes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import PrimaryKey


class PointsEntry(Row):
    """Points that were earned or redeemed; never changed."""

    __tablename__ = "points_entry"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    account_id: Mapped[UUID]
    points: Mapped[int]
    reason: Mapped[str]
    booking_id: Mapped[UUID | None]
    said_by: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class PointsBalance(Row):
    """The sum of a customer's points, kept by the database and never below nothing."""

    __tablename__ = "points_balance"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    points: Mapped[int] = mapped_column(BigInteger)
