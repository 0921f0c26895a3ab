"""The campaigns' table as a class."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class Campaign(Row):
    """Words and an audience with a name; `approval_id` once it was asked for."""

    __tablename__ = "campaign"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    name: Mapped[str]
    channel: Mapped[str]
    words: Mapped[dict[str, Any]]
    audience: Mapped[dict[str, Any]]
    written_by: Mapped[str]
    created_at: Mapped[Stamp]
    approval_id: Mapped[UUID | None]
    asked_at: Mapped[datetime | None]
