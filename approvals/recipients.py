"""The recipients of one request, page by page: found by words, each with what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kernel.db import raw
from outbox.sends import Send, find

PAGE = 50
MATCHING = """
FROM approval_item m JOIN content c ON c.intent_id = m.intent_id JOIN every_delivery d ON d.intent_id = m.intent_id
WHERE m.approval_id = %(approval)s AND m.workspace_id = %(workspace)s AND (%(states)s::text[] IS NULL OR d.state = ANY(%(states)s))
  AND (%(words)s::text IS NULL OR position(%(words)s in lower(c.recipient)) > 0 OR c.recipient = ANY(%(addresses)s))
"""
SOME = f"SELECT m.position, m.intent_id {MATCHING} AND m.position > %(after)s ORDER BY m.position LIMIT %(limit)s"
HOW_MANY = f"SELECT count(*) {MATCHING}"
AT = "SELECT position, intent_id FROM approval_item WHERE approval_id = %s AND workspace_id = %s AND position = ANY(%s) ORDER BY position"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which recipients: whose address holds these words or is one of these, in these states, behind this place."""

    words: str = ""
    addresses: Sequence[str] = ()
    states: Sequence[str] = ()
    after: int = -1


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of them, at its place in the list."""

    place: int
    send: Send


@dataclass(frozen=True, slots=True)
class Found:
    """Some of them, how many there are in all, and behind which place the next ones begin."""

    rows: list[Recipient]
    many: int
    then: int | None


def listed(session: Session, workspace: UUID, approval: UUID, wanted: Wanted) -> Found:
    """A page of those that are wanted."""
    given: dict[str, Any] = {
        "approval": approval,
        "workspace": workspace,
        "words": wanted.words.lower() or None,
        "addresses": list(wanted.addresses),
        "states": list(wanted.states) or None,
        "after": wanted.after,
        "limit": PAGE + 1,
    }
    line = raw(session)
    rows = line.execute(SOME, given).fetchall()
    (many,) = line.execute(HOW_MANY, given).fetchone() or (0,)
    return Found(_with_sends(session, workspace, rows[:PAGE]), many, rows[PAGE - 1][0] if len(rows) > PAGE else None)


def at(session: Session, workspace: UUID, approval: UUID, places: Sequence[int]) -> list[Recipient]:
    """Those at these places."""
    return _with_sends(session, workspace, raw(session).execute(AT, (approval, workspace, list(places))).fetchall())


def _with_sends(session: Session, workspace: UUID, rows: Sequence[tuple[Any, ...]]) -> list[Recipient]:
    sends = {send.intent_id: send for send in find(session, workspace, [intent for _, intent in rows])}
    return [Recipient(place, sends[intent]) for place, intent in rows if intent in sends]
