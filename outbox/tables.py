"""The outbox's tables as classes, for reading; only the protected modules beside this one write them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Identity, LargeBinary, SmallInteger, func
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Row
from kernel.tenancy import PrimaryKey, Stamp, WorkspaceKey


class Lane(Row):
    """The queue of one channel account, with its rate and pace, pause and breaker."""

    __tablename__ = "lane"

    id: Mapped[str] = mapped_column(primary_key=True)
    rate: Mapped[float | None]
    burst: Mapped[float]
    tokens: Mapped[float]
    tokens_at: Mapped[Stamp]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None]
    breaker_until: Mapped[datetime | None]
    breaker_reason: Mapped[str | None]
    pace: Mapped[float | None]
    rests_until: Mapped[datetime | None]


class Intent(Row):
    """One thing that shall happen in the outside world; never changed."""

    __tablename__ = "intent"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    kind: Mapped[str]
    lane: Mapped[str] = mapped_column(ForeignKey("lane.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    order_key: Mapped[str | None]
    not_before: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    on_unknown: Mapped[str]
    asked_by_kind: Mapped[str]
    asked_by_id: Mapped[UUID | None]
    asked_by_name: Mapped[str]
    created_at: Mapped[Stamp]
    traceparent: Mapped[str | None]


class ContentRow(Row):
    """The snapshot's bytes and the recipient: what erasure may wipe."""

    __tablename__ = "content"

    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"), primary_key=True)
    workspace_id: Mapped[UUID]
    recipient: Mapped[str]
    snapshot: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bool]
    wiped_at: Mapped[datetime | None]


class Grant(Row):
    """The permission to send one intent with one digest; never changed."""

    __tablename__ = "grants"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[UUID]
    intent_id: Mapped[UUID]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    source: Mapped[str]
    approval_id: Mapped[UUID | None]
    standing_id: Mapped[UUID | None]
    created_at: Mapped[Stamp]


class Standing:
    """The columns of a row that says where an intent stands."""

    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"), primary_key=True)
    workspace_id: Mapped[UUID]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    grant_id: Mapped[UUID | None]
    state: Mapped[str]
    lane: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    order_key: Mapped[str | None]
    attempt: Mapped[int]
    tries: Mapped[int] = mapped_column(SmallInteger)
    lease_until: Mapped[datetime | None]
    owner: Mapped[UUID | None]
    wait_reason: Mapped[str | None]
    parked: Mapped[str | None]
    changed_at: Mapped[Stamp]
    halted: Mapped[str | None]


class Delivery(Standing, Row):
    """Where an intent stands; the hot table."""

    __tablename__ = "delivery"

    lane: Mapped[str] = mapped_column(ForeignKey("lane.id"))


class DeliveryDone(Standing, Row):
    """Where an intent ended; what the hot table has let go."""

    __tablename__ = "delivery_done"


class Installation(Row):
    """The identity of this history; it travels with every backup."""

    __tablename__ = "installation"

    id: Mapped[PrimaryKey]
    forgotten: Mapped[int] = mapped_column(BigInteger)


class Attempt(Row):
    """One observation of one attempt: the call's outcome, a callback, an expired lease, a person's word; never changed."""

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    intent_id: Mapped[UUID]
    workspace_id: Mapped[UUID]
    number: Mapped[int]
    source: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str]
    provider_ref: Mapped[str | None]
    url: Mapped[str | None]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    started_at: Mapped[datetime | None]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class InboxRow(Row):
    """A provider's event, stored once before it is answered."""

    __tablename__ = "inbox"

    id: Mapped[PrimaryKey]
    provider: Mapped[str]
    key: Mapped[str]
    form: Mapped[str]
    type: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str]
    tries: Mapped[int]
    asked: Mapped[int | None] = mapped_column(BigInteger)
    waits_for: Mapped[str | None]
    due_at: Mapped[Stamp]
    reason: Mapped[str]
    received_at: Mapped[Stamp]
    done_at: Mapped[datetime | None]
    was_told: Mapped[bool] = mapped_column(server_default="false")


class Idempotency(Row):
    """A request that was answered once, and its answer."""

    __tablename__ = "idempotency"

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    operation: Mapped[str]
    request_digest: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any] | None]
    created_at: Mapped[Stamp]


class Event(Row):
    """What happened in the business."""

    __tablename__ = "event"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    type: Mapped[str]
    subject: Mapped[str]
    data: Mapped[dict[str, Any]]
    at: Mapped[Stamp]


class Audit(Row):
    """Who did what; append-only."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    workspace_id: Mapped[WorkspaceKey]
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]


class AuditSeal(Row):
    """One link of the chain over the audit; never changed."""

    __tablename__ = "audit_seal"

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    audit_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("audit.id"))
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[Stamp]


class AuditUnsealed(Row):
    """A row of the audit that waits for its seal."""

    __tablename__ = "audit_unsealed"

    audit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    workspace_id: Mapped[UUID]


class HookRow(Row):
    """An address that is told of every event of its workspace."""

    __tablename__ = "hook"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    url: Mapped[str]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    old_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    old_until: Mapped[datetime | None]
    created_by: Mapped[UUID]
    created_at: Mapped[Stamp]
    ended_at: Mapped[datetime | None]
    ended_because: Mapped[str | None]


class HookPost(Row):
    """An event on its way to one such address."""

    __tablename__ = "hook_post"

    hook_id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    workspace_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(server_default="due")
    tries: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[Stamp]
    status: Mapped[int | None]
    fault: Mapped[str | None]
    changed_at: Mapped[Stamp]


class Suppression(Row):
    """An address that must not be messaged on a channel."""

    __tablename__ = "suppression"

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    source: Mapped[str]
    at: Mapped[Stamp]


class Stop(Row):
    """A person's stop of what one key asked for, of a channel, of a request, or of the whole workspace."""

    __tablename__ = "stop"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    asked_by_id: Mapped[UUID | None]
    channel: Mapped[str | None]
    approval_id: Mapped[UUID | None]
    reason: Mapped[str]
    created_at: Mapped[Stamp]
    lifted_at: Mapped[datetime | None]
