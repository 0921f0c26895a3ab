"""The tables of conversations as classes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped

from kernel.db import Row
from kernel.tenancy import PrimaryKey, WorkspaceKey


class Conversation(Row):
    """What is said with one address on one channel."""

    __tablename__ = "conversation"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    channel: Mapped[str]
    address: Mapped[str]
    account_id: Mapped[UUID | None]
    last_in_at: Mapped[datetime]


class Heard(Row):
    """One message of a customer, as it came."""

    __tablename__ = "heard"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    conversation_id: Mapped[UUID]
    provider: Mapped[str]
    provider_ref: Mapped[str]
    body: Mapped[str]
    media: Mapped[int]
    word: Mapped[str | None]
    at: Mapped[datetime]
