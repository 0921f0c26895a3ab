"""The people of a workspace, and which of them may decide."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel.call import Caller
from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class Rank(StrEnum):
    """What a person may do: owners and managers decide, staff see."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"


DECIDERS = frozenset({Rank.OWNER, Rank.MANAGER})


class Person(Row):
    """One of us: a member of the workspace."""

    __tablename__ = "person"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    email: Mapped[str]
    phone: Mapped[str | None]
    name: Mapped[str]
    rank: Mapped[str] = mapped_column("role")
    created_at: Mapped[Stamp]
    ended_at: Mapped[datetime | None]

    @property
    def may_decide(self) -> bool:
        """Whether this person approves and rejects."""
        return self.rank in DECIDERS and self.ended_at is None

    def as_caller(self) -> Caller:
        """The person as the one who calls."""
        return Caller("person", self.id, self.name)


def deciders(session: Session, workspace: UUID) -> list[Person]:
    """Everybody who may decide in this workspace, longest here first."""
    mine = select(Person).where(Person.workspace_id == workspace, Person.rank.in_(DECIDERS), Person.ended_at.is_(None))
    return list(session.scalars(mine.order_by(Person.created_at, Person.id)))


def everybody(session: Session, workspace: UUID) -> list[Person]:
    """All people of this workspace, also those who left it, longest here first."""
    return list(session.scalars(select(Person).where(Person.workspace_id == workspace).order_by(Person.created_at, Person.id)))
