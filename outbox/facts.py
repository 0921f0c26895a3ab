"""Facts that the claim reads: opt-outs and stops, written by the gate in the transaction that makes them true."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outbox.tables import Stop, Suppression


def suppress(session: Session, workspace: UUID, channel: str, recipient: str, reason: str) -> None:
    """From this commit on, no claim takes an intent for this recipient on this channel."""
    row = {"workspace_id": workspace, "channel": channel, "recipient": recipient, "reason": reason}
    session.execute(insert(Suppression).values(row).on_conflict_do_nothing())


def stop(session: Session, workspace: UUID, key: UUID | None, reason: str) -> None:
    """From this commit on, no claim takes an intent of this key (None: of the whole workspace)."""
    session.add(Stop(workspace_id=workspace, asked_by_id=key, reason=reason))
