"""Facts that the claim reads: opt-outs, stops and pauses of lanes, written by the gate in the transaction that makes them true."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outbox.content import Channel
from outbox.tables import Lane, Stop, Suppression


def suppress(session: Session, workspace: UUID, channel: str, recipient: str, reason: str) -> None:
    """From this commit on, no claim takes an intent for this recipient on this channel."""
    row = {"workspace_id": workspace, "channel": channel, "recipient": recipient, "reason": reason}
    session.execute(insert(Suppression).values(row).on_conflict_do_nothing())


def suppressed(session: Session, workspace: UUID, channel: str) -> frozenset[str]:
    """The addresses that must not be messaged on this channel."""
    return frozenset(session.scalars(select(Suppression.recipient).where(Suppression.workspace_id == workspace, Suppression.channel == channel)))


@dataclass(frozen=True, slots=True)
class Scope:
    """What a stop holds: what one key asked for, one channel, one request; with none of them the whole workspace."""

    key: UUID | None = None
    channel: Channel | None = None
    approval: UUID | None = None

    @property
    def columns(self) -> dict[str, UUID | str | None]:
        """As a stop's row names it."""
        return {"asked_by_id": self.key, "channel": self.channel, "approval_id": self.approval}


EVERYTHING = Scope()


def stop(session: Session, workspace: UUID, scope: Scope, reason: str) -> None:
    """From this commit on, no claim takes an intent of this scope; the first reason is kept."""
    if not stops(session, workspace, scope):
        session.add(Stop(workspace_id=workspace, reason=reason, **scope.columns))
        session.flush()


def stops(session: Session, workspace: UUID, scope: Scope) -> list[Stop]:
    """The stops of exactly this scope that hold now."""
    return list(session.scalars(select(Stop).where(*_same(workspace, scope))))


def lift(session: Session, workspace: UUID, scope: Scope) -> bool:
    """Lift every stop of exactly this scope; False when none held."""
    lifted = update(Stop).where(*_same(workspace, scope)).values(lifted_at=func.now()).returning(Stop.id)
    return bool(session.scalars(lifted).all())


def _same(workspace: UUID, scope: Scope) -> list[ColumnElement[bool]]:
    same = [getattr(Stop, name).is_not_distinct_from(value) for name, value in scope.columns.items()]
    return [Stop.workspace_id == workspace, Stop.lifted_at.is_(None), *same]


def pause_lane(session: Session, lane: str, reason: str) -> bool:
    """From this commit on, no claim takes anything of this lane; the first reason is kept. False when there is no such lane."""
    kept = {"paused_at": func.coalesce(Lane.paused_at, func.now()), "pause_reason": func.coalesce(Lane.pause_reason, reason)}
    return session.scalar(update(Lane).where(Lane.id == lane).values(kept).returning(Lane.id)) is not None


def resume_lane(session: Session, lane: str) -> bool:
    """Let claims take of this lane again; False when there is no such lane."""
    return session.scalar(update(Lane).where(Lane.id == lane).values(paused_at=None, pause_reason=None).returning(Lane.id)) is not None
