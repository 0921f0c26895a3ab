"""The people of a workspace, and which of them may decide."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, and_, func, select, text
from sqlalchemy.orm import Mapped, Session, foreign, mapped_column, relationship, remote

from kernel.call import Caller
from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey
from outbox.events import Actor


class Rank(StrEnum):
    """What a person may do: owners and managers decide, staff see."""

    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"


DECIDERS = frozenset({Rank.OWNER, Rank.MANAGER})


class Delegation(Row):
    """Whom a person lets decide in their place, until when."""

    __tablename__ = "delegation"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    from_person: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    to_person: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    starts_at: Mapped[Stamp]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


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
    principals: Mapped[list[Person]] = relationship(
        viewonly=True,
        secondary=Delegation.__table__,
        primaryjoin=lambda: and_(
            Person.id == Delegation.to_person, Delegation.revoked_at.is_(None), Delegation.starts_at <= func.now(), Delegation.ends_at > func.now()
        ),
        secondaryjoin=lambda: and_(foreign(Delegation.from_person) == remote(Person.id), remote(Person.rank).in_(DECIDERS), remote(Person.ended_at).is_(None)),
    )
    """In whose place this person may decide today."""

    @property
    def may_decide(self) -> bool:
        """Whether this person approves and rejects."""
        return self.rank in DECIDERS and self.ended_at is None

    @property
    def may_vote(self) -> bool:
        """Whether this person decides requests: by their own right, or in the place of somebody who may; the database says so again."""
        return self.may_decide or (self.ended_at is None and bool(self.principals))

    def as_caller(self) -> Caller:
        """The person as the one who calls."""
        return Caller("person", self.id, self.name)

    def as_actor(self) -> Actor:
        """The person as the one who did something in their own workspace."""
        return Actor(self.workspace_id, self.as_caller())


def deciders(session: Session, workspace: UUID) -> list[Person]:
    """Everybody who may decide in this workspace, longest here first."""
    mine = select(Person).where(Person.workspace_id == workspace, Person.rank.in_(DECIDERS), Person.ended_at.is_(None))
    return list(session.scalars(mine.order_by(Person.created_at, Person.id)))


STAND_INS = text("""
SELECT p.id FROM person p WHERE p.workspace_id = :workspace AND p.ended_at IS NULL AND p.role NOT IN ('owner', 'manager')
    AND EXISTS (SELECT FROM stands_for(p.id)) ORDER BY p.created_at, p.id
""")


def stand_ins(session: Session, workspace: UUID) -> list[Person]:
    """Everybody who decides in somebody's place today and may not themselves; they are told, and never counted as deciders."""
    return [session.get_one(Person, person) for (person,) in session.execute(STAND_INS, {"workspace": workspace})]


def everybody(session: Session, workspace: UUID) -> list[Person]:
    """All people of this workspace, also those who left it, longest here first."""
    return list(session.scalars(select(Person).where(Person.workspace_id == workspace).order_by(Person.created_at, Person.id)))
