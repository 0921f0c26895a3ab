"""The tables of templates as classes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class Template(Row):
    """Words with a name, on one channel."""

    __tablename__ = "template"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    name: Mapped[str]
    channel: Mapped[str]
    created_at: Mapped[Stamp]


class TemplateVersion(Row):
    """The words as they were at one time; never changed."""

    __tablename__ = "template_version"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    template_id: Mapped[UUID]
    version: Mapped[int]
    subject: Mapped[str | None]
    body: Mapped[str]
    approved: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    written_by: Mapped[str]
    created_at: Mapped[Stamp]
