"""The 24 hours in which WhatsApp takes free words: opened by what a customer writes, and kept as the last moment at which such a message may leave."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel.db import Row, raw
from outbox.content import KINDS
from outbox.states import prolong

WINDOW = timedelta(hours=24) - timedelta(minutes=5)
"""So long after a customer's message free words may leave: WhatsApp's day (Twilio's error 63016), and some minutes for the way."""

CLOSED = "d.expires_at <= now() AND d.expires_at < coalesce(i.expires_at, 'infinity')"
"""Whether the window of a delivery `d` has closed: its use is over, and sooner than that of its intent `i`."""


class ReplyWindow(Row):
    """Until when one of our senders may say free words to somebody."""

    __tablename__ = "reply_window"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    closes_at: Mapped[datetime]


def bare(sender: str) -> str:
    """A sender's number, however the settings write it."""
    return sender.removeprefix("whatsapp:")


def open_window(session: Session, workspace: UUID, ends: tuple[str, str], wrote_at: datetime) -> None:
    """From this commit on, what waits for this customer by this sender may leave until a day after they wrote; `ends`: our sender, their number."""
    sender, recipient = bare(ends[0]), ends[1]
    new = insert(ReplyWindow).values(workspace_id=workspace, sender=sender, recipient=recipient, closes_at=wrote_at + WINDOW)
    keys = [ReplyWindow.workspace_id, ReplyWindow.sender, ReplyWindow.recipient]
    later = {"closes_at": func.greatest(ReplyWindow.closes_at, new.excluded.closes_at)}
    session.execute(new.on_conflict_do_update(index_elements=keys, set_=later))
    kinds = [name for name, content in KINDS.items() if content.needs_window]
    prolong(raw(session), {"workspace": workspace, "sender": sender, "recipient": recipient, "kinds": kinds, "until": wrote_at + WINDOW})


def is_open(session: Session, workspace: UUID, ends: tuple[str, str], moment: datetime) -> bool:
    """Whether free words may leave at this moment."""
    return ends in _open(session, workspace, moment, ends[1])


def open_at(session: Session, workspace: UUID, moment: datetime) -> frozenset[tuple[str, str]]:
    """Between which ends, our sender and their number, free words may leave at this moment."""
    return _open(session, workspace, moment)


def _open(session: Session, workspace: UUID, moment: datetime, recipient: str | None = None) -> frozenset[tuple[str, str]]:
    mine = select(ReplyWindow.sender, ReplyWindow.recipient).where(ReplyWindow.workspace_id == workspace, ReplyWindow.closes_at > moment)
    only = mine if recipient is None else mine.where(ReplyWindow.recipient == recipient)
    return frozenset((row.sender, row.recipient) for row in session.execute(only))
