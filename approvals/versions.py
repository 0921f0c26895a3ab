"""Versions of a request: which edited one took its place, and what words each edit changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from psycopg.rows import scalar_row
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals.tables import Approval, ApprovalItem
from kernel.db import raw
from kernel.operation import Answer
from outbox.content import Content
from outbox.scrutiny import visible
from outbox.snapshot import thaw
from outbox.tables import ContentRow

NEWEST = """
WITH RECURSIVE version AS (
    SELECT id AS first, id, 0 AS step FROM approval WHERE id = ANY(%s)
    UNION ALL SELECT v.first, a.id, v.step + 1 FROM version v JOIN approval a ON a.supersedes = v.id
) SELECT DISTINCT ON (first) first, id FROM version ORDER BY first, step DESC
"""
SUPERSEDED = """
SELECT a.id, m.position FROM approval a JOIN approval_item m ON m.approval_id = a.id
WHERE m.intent_id = %s AND a.workspace_id = %s AND a.state = 'superseded'
"""
AT = "SELECT intent_id FROM approval_item WHERE approval_id = %s AND position = %s"


class Edit(Answer):
    """What a person changed before approving."""

    field: str = Field(description="body or subject.")
    before: str = Field(description="As it was asked for, hidden characters spelled out.")
    after: str = Field(description="As the person wrote it.")
    by: str = Field(description="The person.")


def newest(session: Session, approval: UUID) -> UUID:
    """The version that stands: the request itself, unless it was edited."""
    return newest_each(session, [approval]).get(approval, approval)


def newest_each(session: Session, approvals: Sequence[UUID]) -> dict[UUID, UUID]:
    """The version that stands of each of these, in one query; of what does not exist there is none."""
    return dict(raw(session).execute(NEWEST, (list(approvals),)).fetchall())


def newest_of(session: Session, workspace: UUID, intent: UUID) -> tuple[UUID, UUID] | None:
    """The approval and the intent that stand in the place of an intent whose words were edited; None when they were not."""
    line = raw(session)
    old = line.execute(SUPERSEDED, (intent, workspace)).fetchone()
    if old is None:
        return None
    approval, place = newest(session, old[0]), old[1]
    found = line.cursor(row_factory=scalar_row).execute(AT, (approval, place)).fetchone()
    return (approval, found) if found else None


def words_of(content: Content) -> dict[str, str]:
    """What of it a person may change, in the order in which it is read."""
    return {name: str(getattr(content, name)) for name in type(content).model_fields if name in content.editable}


def edits_of(session: Session, rows: Sequence[Approval]) -> dict[UUID, list[Edit]]:
    """What was changed on the way to each of these, the oldest edit first; no query where none was edited."""
    return {row.id: list(_walk(session, row)) for row in rows if row.supersedes}


def _walk(session: Session, row: Approval) -> Iterator[Edit]:
    older = session.get(Approval, row.supersedes) if row.supersedes else None
    if older is None:
        return
    yield from _walk(session, older)
    for before, after in zip(_contents(session, older.id), _contents(session, row.id), strict=False):
        new = words_of(after)
        for field, old in words_of(before).items():
            if old != new.get(field, old):
                yield Edit(field=field, before=visible(old), after=visible(new[field]), by=older.ended_by_name or "")


def _contents(session: Session, approval: UUID) -> list[Content]:
    mine = select(ContentRow.snapshot).join(ApprovalItem, ApprovalItem.intent_id == ContentRow.intent_id)
    bodies = session.scalars(mine.where(ApprovalItem.approval_id == approval, ContentRow.sealed.is_(False)).order_by(ApprovalItem.position))
    return [thaw(body).content for body in bodies if body]
