"""What rules plan about bookings: made when a booking or a rule comes into force, dropped when it no longer is; once for each start."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from sqlalchemy.orm import Session

from kernel.db import raw
from kernel.keys import new_id

# A rule speaks of what is ahead of it: a booking that is confirmed after the moment for its reminder gets none.
SPOKEN_OF = """
SELECT b.workspace_id, b.id AS booking_id, u.id AS rule_id, b.starts_at AS about, due.at AS due_at,
    CASE u.event WHEN 'booking_completed' THEN due.at + interval '1 day' ELSE b.starts_at END AS until
FROM booking b JOIN workspace w ON w.id = b.workspace_id
JOIN reminder_rule u ON u.workspace_id = b.workspace_id AND u.ended_at IS NULL AND spoken_of(u.event) = b.state
    AND EXISTS (SELECT FROM standing s WHERE s.rule_id = u.id AND s.revoked_at IS NULL)
CROSS JOIN LATERAL (SELECT reminder_due(u.event, u.offset_minutes,
    CASE u.event WHEN 'booking_start' THEN b.starts_at WHEN 'booking_completed' THEN b.ends_at ELSE now() END, w.zone) AS at) due
WHERE b.workspace_id = %(workspace)s AND {mine} AND due.at >= now() AND (b.starts_at > now() OR u.event = 'booking_completed')
    AND (u.event = 'booking_completed' OR due.at < b.starts_at)
"""
OF_BOOKING = SPOKEN_OF.format(mine="b.id = %(booking)s")
# What was confirmed before the rule was there is not confirmed again.
OF_RULE = SPOKEN_OF.format(mine="u.id = %(rule)s AND b.starts_at > now() AND u.event = 'booking_start'")
PLAN = """
INSERT INTO reminder AS r (id, workspace_id, booking_id, rule_id, about, due_at, until)
VALUES (%(id)s, %(workspace_id)s, %(booking_id)s, %(rule_id)s, %(about)s, %(due_at)s, %(until)s)
ON CONFLICT ON CONSTRAINT uq_reminder_once DO UPDATE SET state = 'planned', why = NULL, intent_id = NULL, due_at = excluded.due_at, until = excluded.until
WHERE r.state = 'cancelled'
"""
DROP = "UPDATE reminder SET state = 'cancelled', why = %s WHERE state = 'planned' AND workspace_id = %s AND {of} = %s"
DROP_OF_BOOKING, DROP_OF_RULE = DROP.format(of="booking_id"), DROP.format(of="rule_id")
DROP_ASKED = "UPDATE reminder SET state = 'cancelled', why = %s WHERE state = 'asked' AND workspace_id = %s AND intent_id = %s"


def plan(session: Session, workspace: UUID, booking: UUID) -> int:
    """Plan what the rules in force say of this booking; answers how many."""
    return _plan(session, OF_BOOKING, workspace=workspace, booking=booking)


def plan_by(session: Session, workspace: UUID, rule: UUID) -> int:
    """Plan what a rule that came into force says of the bookings ahead; answers how many."""
    return _plan(session, OF_RULE, workspace=workspace, rule=rule)


def _plan(session: Session, query: str, **of: UUID) -> int:
    line = raw(session)
    rows: list[dict[str, Any]] = line.cursor(row_factory=dict_row).execute(query.encode(), of).fetchall()
    with line.cursor() as cursor:
        cursor.executemany(PLAN, [row | {"id": new_id()} for row in rows])
    return len(rows)


def drop(session: Session, workspace: UUID, booking: UUID, why: str) -> int:
    """Plan nothing more about a booking; answers how many reminders that ends."""
    return raw(session).execute(DROP_OF_BOOKING.encode(), (why, workspace, booking)).rowcount


def drop_asked(session: Session, workspace: UUID, intent: UUID, why: str) -> None:
    """What was asked for, and is now not said, may be planned again for the same start; nothing, if this send was no reminder."""
    raw(session).execute(DROP_ASKED, (why, workspace, intent))


def drop_by(session: Session, workspace: UUID, rule: UUID, why: str) -> int:
    """Plan nothing more by a rule; answers how many reminders that ends."""
    return raw(session).execute(DROP_OF_RULE.encode(), (why, workspace, rule)).rowcount
