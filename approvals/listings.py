"""Lists of approvals for people: what waits, chosen and counted, soonest to expire first; and the ledger, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row
from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from approvals.requests import Shown, shown
from approvals.tables import Approval, ApprovalItem
from kernel.db import raw
from outbox.tables import ContentRow, Intent

PAGE = 50
LOOK_BACK = 2000
"""So many of the newest requests are searched for earlier messages to an address."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the waiting requests: those of one channel, those of one asker, or all."""

    channel: str | None = None
    asker: UUID | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many wait in one channel for one asker."""

    channel: str
    asker: UUID | None
    asked_by: str
    many: int

    def within(self, choice: Choice) -> bool:
        """Whether the choice takes these."""
        return choice.channel in (None, self.channel) and choice.asker in (None, self.asker)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a list, and where the next ones begin."""

    items: list[Shown]
    then: UUID | None


def waiting(session: Session, workspace: UUID, choice: Choice, after: UUID | None = None) -> Page:
    """What waits for a decision, the soonest to expire first; `after` continues behind one of them."""
    mine = select(Approval).where(Approval.workspace_id == workspace, Approval.state == "pending", Approval.expires_at > func.now())
    if choice.asker:
        mine = mine.where(Approval.asked_by_id == choice.asker)
    if choice.channel:
        items = select(ApprovalItem.approval_id).join(Intent, Intent.id == ApprovalItem.intent_id)
        mine = mine.where(Approval.id.in_(items.where(ApprovalItem.approval_id == Approval.id, func.split_part(Intent.lane, ":", 1) == choice.channel)))
    if after:
        last = select(Approval.expires_at, Approval.id).where(Approval.id == after, Approval.workspace_id == workspace)
        mine = mine.where(tuple_(Approval.expires_at, Approval.id) > last.scalar_subquery())
    return _page(session, mine.order_by(Approval.expires_at, Approval.id))


def ledger(session: Session, workspace: UUID, recipient: str | None = None, before: UUID | None = None) -> Page:
    """Everything asked for, newest first; of one recipient if given; `before` continues behind one of them."""
    mine = select(Approval).where(Approval.workspace_id == workspace)
    if recipient:
        items = select(ApprovalItem.approval_id).join(ContentRow, ContentRow.intent_id == ApprovalItem.intent_id)
        mine = mine.where(Approval.id.in_(items.where(ContentRow.workspace_id == workspace, ContentRow.recipient == recipient)))
    if before:
        last = select(Approval.created_at, Approval.id).where(Approval.id == before, Approval.workspace_id == workspace)
        mine = mine.where(tuple_(Approval.created_at, Approval.id) < last.scalar_subquery())
    return _page(session, mine.order_by(Approval.created_at.desc(), Approval.id.desc()))


def _page(session: Session, wanted: Select[Approval]) -> Page:
    rows = session.scalars(wanted.limit(PAGE + 1)).all()
    items = shown(session, rows[:PAGE])
    return Page(items, rows[PAGE - 1].id if len(rows) > PAGE else None)


TALLY = """
SELECT split_part(i.lane, ':', 1) AS channel, a.asked_by_id AS asker, a.asked_by_kind || ': ' || a.asked_by_name AS asked_by, count(DISTINCT a.id) AS many
FROM approval a JOIN approval_item m ON m.approval_id = a.id JOIN intent i ON i.id = m.intent_id
WHERE a.workspace_id = %s AND a.state = 'pending' AND a.expires_at > now()
GROUP BY 1, 2, 3 ORDER BY 1, 3
"""


def tally(session: Session, workspace: UUID) -> list[Tally]:
    """How many wait, by channel and asker."""
    return raw(session).cursor(row_factory=class_row(Tally)).execute(TALLY, (workspace,)).fetchall()


@dataclass(frozen=True, slots=True)
class Past:
    """What left for one address before."""

    recipient: str
    many: int
    last_at: datetime


PAST = """
SELECT c.recipient, count(*) AS many, max(s.at) AS last_at
FROM (SELECT id, workspace_id FROM approval WHERE workspace_id = %(workspace)s AND state = 'approved' ORDER BY created_at DESC LIMIT %(look_back)s) a
JOIN approval_item m ON m.approval_id = a.id
JOIN content c ON c.intent_id = m.intent_id AND c.recipient = ANY(%(recipients)s)
CROSS JOIN LATERAL (SELECT max(t.at) AS at FROM attempt t WHERE t.intent_id = m.intent_id AND t.outcome IN ('accepted', 'sent', 'delivered')) s
WHERE s.at IS NOT NULL
GROUP BY c.recipient
"""


def past(session: Session, workspace: UUID, recipients: Sequence[str]) -> dict[str, Past]:
    """What left for these addresses before, as far as the newest requests tell."""
    wanted = {"workspace": workspace, "recipients": list(recipients), "look_back": LOOK_BACK}
    found = raw(session).cursor(row_factory=class_row(Past)).execute(PAST, wanted).fetchall()
    return {one.recipient: one for one in found}


HOW_MANY = "SELECT count(*) FROM (SELECT FROM approval WHERE workspace_id = %s AND state = 'approved' LIMIT %s) a"


def sees_all(session: Session, workspace: UUID) -> bool:
    """Whether `past` looks at every request there was."""
    (many,) = raw(session).execute(HOW_MANY, (workspace, LOOK_BACK)).fetchone() or (0,)
    return int(many) < LOOK_BACK
