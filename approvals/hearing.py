"""What the gate hears of a customer's own message: that they wrote, that they want no more, that they want it again; facts for the next claim."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from outbox import facts
from outbox.events import happened_in
from outbox.windows import open_window


def heard_from(session: Session, workspace: UUID, ends: tuple[str, str], at: datetime) -> None:
    """Tell the claim that a customer wrote by WhatsApp, so that free words may be said for a day; `ends`: our sender, their number."""
    open_window(session, workspace, ends, at)


def heard_stop(session: Session, workspace: UUID, place: tuple[str, str], said: str) -> None:
    """Tell the claim what the customer wrote: no more on this channel to this address."""
    facts.suppress(session, workspace, place, facts.OptOut(said, "customer"))
    happened_in(session, workspace, "recipient.suppressed", place[0], reason=said, source="customer")


def heard_start(session: Session, workspace: UUID, place: tuple[str, str]) -> bool:
    """Tell the claim that the customer wants messages again; False when they had not said otherwise. What a person or a provider said stands."""
    lifted = facts.hear_start(session, workspace, place)
    if lifted:
        happened_in(session, workspace, "recipient.unsuppressed", place[0])
    return lifted
