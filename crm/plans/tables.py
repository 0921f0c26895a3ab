"""What a business has used up of its plan, where no other row says so, as a class."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row


class PlanUse(Row):
    """How much of a quota was used in a month."""

    __tablename__ = "plan_use"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    quota: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int]
