"""The workspace: the wall between tenants; every row of a business carries its id, and row-level security checks it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.keys import Wire, new_id

WorkspaceId = Annotated[UUID, Wire("org")]
PrimaryKey = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
WorkspaceKey = Annotated[UUID, mapped_column(ForeignKey("workspace.id"))]
Stamp = Annotated[datetime, mapped_column(server_default=func.now())]


class Workspace(Row):
    """One business."""

    __tablename__ = "workspace"

    id: Mapped[PrimaryKey]
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(server_default="UTC")
    country: Mapped[str | None]
    industry: Mapped[str | None]
    plan: Mapped[str] = mapped_column(server_default="self_hosted")
    created_at: Mapped[Stamp]
