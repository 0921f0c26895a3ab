"""Business events and the audit: one row each, in the transaction of the fact they tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from sqlalchemy.orm import Session

from kernel.call import Call, Caller
from outbox.tables import Audit, Event


def happened(call: Call, event: str, subject: str, **data: Any) -> None:
    """Write that something happened in the business (`customer.created`); delivered to subscribers, else history."""
    call.session.add(Event(workspace_id=call.workspace, type=event, subject=subject, data=data))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in which workspace."""

    workspace: UUID
    caller: Caller

    @classmethod
    def of(cls, call: Call) -> Self:
        """The caller of an operation."""
        return cls(call.workspace, call.caller)


def note(session: Session, actor: Actor, deed: str, subject: str, **detail: Any) -> None:
    """Write who did what to what; `detail` holds no content and no address."""
    session.add(Audit(workspace_id=actor.workspace, actor=actor.caller.shown(), action=deed, subject=subject, detail=detail))
