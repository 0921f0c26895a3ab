"""The approvals' tables as classes: the request, the intents it covers, the links by which people decide it, and their votes."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey

ONE_IS_ENOUGH = "Only one person may approve here, so one is enough."


class Approval(Row):
    """One decision over one frozen snapshot."""

    __tablename__ = "approval"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    action: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending")
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    needs: Mapped[int] = mapped_column(SmallInteger, default=1)
    not_alone: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]]
    ruling: Mapped[dict[str, Any]]
    standing_id: Mapped[UUID | None]
    summary: Mapped[str | None]
    thread_id: Mapped[str | None]
    agent_id: Mapped[str | None]
    asked_by_kind: Mapped[str]
    asked_by_id: Mapped[UUID | None]
    asked_by_name: Mapped[str]
    created_at: Mapped[Stamp]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    decided_by_name: Mapped[str | None]
    decided_via: Mapped[str | None]
    decided_from: Mapped[str | None]
    reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by_name: Mapped[str | None]
    supersedes: Mapped[UUID | None]
    votes: Mapped[list[Vote]] = relationship(viewonly=True, order_by="Vote.at")

    @property
    def approvers(self) -> list[Vote]:
        """The votes that count for it, oldest first."""
        return [vote for vote in self.votes if vote.verdict == "approved" and vote.digest == self.digest]

    @property
    def waits_for_another(self) -> bool:
        """Whether one yes is not enough and it is still open."""
        return self.state == "pending" and (self.needs > 1 or self.not_alone is not None)

    @property
    def asks(self) -> list[str]:
        """What the policies asked for beyond one person's say-so, and why, in sentences."""
        said = [verdict for verdict in self.ruling.values() if verdict]
        more = [verdict["why"] for verdict in said if {"people", "not_alone", "not_before"} & set(verdict)]
        is_sole = self.needs == 1 and self.not_alone is None and any({"people", "not_alone"} & set(verdict) for verdict in said)
        return [*more, ONE_IS_ENOUGH] if is_sole else more

    @property
    def progress(self) -> str:
        """How many people said yes, of how many must: `1 of 2`."""
        if self.needs == 1 and self.not_alone is None:
            return f"{int(self.state == 'approved')} of 1"
        who = {vote.for_person or vote.person_id for vote in self.approvers}
        return f"{len(who)} of {max(self.needs, 2) if who == {self.not_alone} else self.needs}"


class ApprovalItem(Row):
    """One intent that an approval covers, with the digest that was shown."""

    __tablename__ = "approval_item"

    approval_id: Mapped[UUID] = mapped_column(ForeignKey("approval.id"), primary_key=True)
    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"), primary_key=True)
    workspace_id: Mapped[UUID]
    position: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class ManifestRow(Row):
    """What one decision over many says beside the messages; never changed."""

    __tablename__ = "manifest"

    approval_id: Mapped[UUID] = mapped_column(ForeignKey("approval.id"), primary_key=True)
    workspace_id: Mapped[UUID]
    facts: Mapped[bytes] = mapped_column(LargeBinary)


class Link(Row):
    """A link for one person to one approval with one digest; the token and the code are stored as hashes only."""

    __tablename__ = "link"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    approval_id: Mapped[UUID] = mapped_column(ForeignKey("approval.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    bundle_id: Mapped[UUID | None] = mapped_column(ForeignKey("bundle.id"))
    notice_id: Mapped[UUID | None]
    reminds: Mapped[bool] = mapped_column(default=False)


class Bundle(Row):
    """A letter about several requests: its token opens their list, and wrong codes are counted over all of them."""

    __tablename__ = "bundle"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]


class Reach(Row):
    """Where and when a person wishes to be written to."""

    __tablename__ = "reach"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(default="email")
    quiet_from: Mapped[time | None]
    quiet_to: Mapped[time | None]


class Postbox(Row):
    """When a person was last written to about requests, and how often within the hour."""

    __tablename__ = "postbox"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    last_at: Mapped[datetime]
    hour_from: Mapped[datetime]
    this_hour: Mapped[int] = mapped_column(default=1)


class Vote(Row):
    """What one person said about the bytes that this person was shown; never changed."""

    __tablename__ = "vote"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    approval_id: Mapped[UUID] = mapped_column(ForeignKey("approval.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    person_name: Mapped[str]
    for_person: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    verdict: Mapped[str]
    via: Mapped[str]
    credential_id: Mapped[UUID]
    origin: Mapped[str]
    at: Mapped[Stamp]
