"""Facts that the claim reads: opt-outs, stops and pauses of lanes, written by the gate in the transaction that makes them true."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outbox.tables import Lane, Stop, Suppression


def suppress(session: Session, workspace: UUID, channel: str, recipient: str, reason: str) -> None:
    """From this commit on, no claim takes an intent for this recipient on this channel."""
    row = {"workspace_id": workspace, "channel": channel, "recipient": recipient, "reason": reason}
    session.execute(insert(Suppression).values(row).on_conflict_do_nothing())


def stop(session: Session, workspace: UUID, key: UUID | None, reason: str) -> None:
    """From this commit on, no claim takes an intent of this key (None: of the whole workspace); the first reason is kept."""
    if not stops(session, workspace, key):
        session.add(Stop(workspace_id=workspace, asked_by_id=key, reason=reason))
        session.flush()


def stops(session: Session, workspace: UUID, key: UUID | None) -> list[Stop]:
    """The stops of this key (None: of the whole workspace) that hold now."""
    same = (Stop.workspace_id == workspace, Stop.asked_by_id.is_not_distinct_from(key))
    return list(session.scalars(select(Stop).where(*same, Stop.lifted_at.is_(None))))


def lift(session: Session, workspace: UUID, key: UUID | None) -> bool:
    """Lift every stop of this key (None: of the whole workspace); False when none held."""
    same = (Stop.workspace_id == workspace, Stop.asked_by_id.is_not_distinct_from(key))
    lifted = update(Stop).where(*same, Stop.lifted_at.is_(None)).values(lifted_at=func.now()).returning(Stop.id)
    return bool(session.scalars(lifted).all())


def pause_lane(session: Session, lane: str, reason: str) -> bool:
    """From this commit on, no claim takes anything of this lane; the first reason is kept. False when there is no such lane."""
    kept = {"paused_at": func.coalesce(Lane.paused_at, func.now()), "pause_reason": func.coalesce(Lane.pause_reason, reason)}
    return session.scalar(update(Lane).where(Lane.id == lane).values(kept).returning(Lane.id)) is not None


def resume_lane(session: Session, lane: str) -> bool:
    """Let claims take of this lane again; False when there is no such lane."""
    return session.scalar(update(Lane).where(Lane.id == lane).values(paused_at=None, pause_reason=None).returning(Lane.id)) is not None
