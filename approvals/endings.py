"""How a request ends: once, with the time and who in its row; its links die with it, and audit and event tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import scalar_row
from sqlalchemy.orm import Session

from kernel.db import raw
from kernel.keys import show
from outbox.events import Actor, happened_in, note
from outbox.states import Move, State, move

Undecided = Literal["withdrawn", "expired", "superseded"]
"""How a request may end without a decision; `superseded` is for the request that an edited one takes the place of."""

# The workspace again, for the clock's role sees them all.
END = """
UPDATE approval SET state = %(state)s, ended_at = now(), ended_by_name = %(name)s
WHERE id = ANY(%(approvals)s) AND workspace_id = %(workspace)s AND state = 'pending' RETURNING id
"""
END_LINKS = "UPDATE link SET ended_at = now() WHERE approval_id = ANY(%s) AND ended_at IS NULL RETURNING notice_id"
MOOT = """
SELECT l.notice_id FROM link l WHERE l.notice_id = ANY(%s) GROUP BY l.notice_id HAVING bool_and(l.ended_at IS NOT NULL) ORDER BY l.notice_id
"""
QUEUED = """
SELECT d.intent_id FROM delivery d WHERE d.state = 'ready' AND d.priority <= 10
  AND (SELECT bool_and(l.ended_at IS NOT NULL) FROM link l WHERE l.notice_id = d.intent_id) LIMIT 200
"""


def end(session: Session, actor: Actor, approvals: Sequence[UUID], state: Undecided) -> list[UUID]:
    """End pending requests of one workspace without a decision, and their links; answers which still were pending."""
    ended = close(session, actor, approvals, state)
    end_links(session, ended)
    for approval in ended:
        tell(session, actor, state, approval)
    return ended


def close(session: Session, actor: Actor, approvals: Sequence[UUID], state: Undecided) -> list[UUID]:
    """The request's own row alone: for an edit, whose link must still speak once for the new version, and which tells more."""
    wanted = {"state": state, "name": actor.caller.name, "approvals": list(approvals), "workspace": actor.workspace}
    return [row[0] for row in raw(session).execute(END, wanted).fetchall()]


def end_links(session: Session, approvals: Sequence[UUID]) -> None:
    """Every link of an approval dies with its decision, withdrawal or expiry, and a letter that still waits to leave with the last of its links."""
    line = raw(session).cursor(row_factory=scalar_row)
    notices = {notice for notice in line.execute(END_LINKS, (list(approvals),)).fetchall() if notice}
    if notices:
        _stop_letters(session, line.execute(MOOT, (list(notices),)).fetchall())


def stop_letters(session: Session) -> None:
    """Stop the queued letters that tell of nothing any more, whatever ended their links; for the clock."""
    _stop_letters(session, raw(session).cursor(row_factory=scalar_row).execute(QUEUED).fetchall())


def _stop_letters(session: Session, letters: Sequence[UUID]) -> None:
    move(raw(session), [Move(letter, (State.READY,), State.CANCELLED) for letter in letters])


def tell(session: Session, actor: Actor, deed: str, approval: UUID, **detail: Any) -> None:
    """Write what became of a request, and who did it, into the audit and as an event; `detail` holds no content and no address of a customer."""
    note(session, actor, f"approval.{deed}", str(approval), **detail)
    told = {name: value for name, value in detail.items() if name in ("action", "digest")}
    happened_in(session, actor.workspace, f"approval.{deed}", show("apr", approval), by=actor.caller.shown(), **told)
