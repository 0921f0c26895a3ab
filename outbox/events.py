"""Business events and the audit: one row each, in the transaction of the fact they tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from kernel.call import Call, Caller
from kernel.db import raw
from kernel.keys import new_id

HAPPENED = """
WITH told AS (
    INSERT INTO event (id, workspace_id, type, subject, data) VALUES (%s, %s, %s, %s, %s) RETURNING id, workspace_id
)
INSERT INTO hook_post (hook_id, event_id, workspace_id)
SELECT h.id, told.id, told.workspace_id FROM told JOIN hook h ON h.workspace_id = told.workspace_id AND h.ended_at IS NULL
"""
NOTE = "INSERT INTO audit (workspace_id, actor, action, subject, detail) VALUES (%s, %s, %s, %s, %s)"


def happened(call: Call, event: str, subject: str, **data: Any) -> None:
    """Write that something happened in the business (`customer.created`); on its way to every webhook of the workspace, else history."""
    happened_in(call.session, call.workspace, event, subject, **data)


def happened_in(session: Session, workspace: UUID, event: str, subject: str, **data: Any) -> None:
    """The same where no operation is called: a decision, or what time does."""
    raw(session).execute(HAPPENED, (new_id(), workspace, event, subject, Jsonb(data)))


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
    raw(session).execute(NOTE, (actor.workspace, actor.caller.shown(), deed, subject, Jsonb(detail)))
