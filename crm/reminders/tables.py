"""The tables of rules and reminders as classes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class Rule(Row):
    """When which words are said about a booking; in force while a standing approval names it."""

    __tablename__ = "reminder_rule"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    event: Mapped[str]
    offset_minutes: Mapped[int]
    version_id: Mapped[UUID]
    asked_by_name: Mapped[str]
    created_at: Mapped[Stamp]
    ended_at: Mapped[datetime | None]


class Reminder(Row):
    """What a rule plans to say about one booking that starts then."""

    __tablename__ = "reminder"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    booking_id: Mapped[UUID]
    rule_id: Mapped[UUID]
    about: Mapped[datetime]
    due_at: Mapped[datetime]
    until: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="planned")
    why: Mapped[str | None]
    intent_id: Mapped[UUID | None]
    said_at: Mapped[datetime | None]
