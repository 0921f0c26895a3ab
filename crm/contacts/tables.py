"""The customers' table as a class."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


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
    created_at: Mapped[Stamp]
