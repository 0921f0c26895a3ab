"""The table of wishes to erase a customer as a class."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import Stamp


class Erasure(Row):
    """That somebody wants a customer erased; a person does it."""

    __tablename__ = "erasure"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID]
    reason: Mapped[str]
    asked_by: Mapped[str]
    asked_at: Mapped[Stamp]
