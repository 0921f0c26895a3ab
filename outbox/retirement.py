"""What is over: secrets are wiped, settled rows leave the hot table, and history older than its keeping time is deleted."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import scalar_row

AT_ONCE = 2000
LINGER_SECONDS = 600
"""How long a settled row stays where callbacks find it at once."""
SENT_LINGER_SECONDS = 24 * 3600
"""The same for one that may still be called back about."""

WIPE = """
UPDATE content c SET snapshot = '', wiped_at = now()
FROM every_delivery d WHERE d.intent_id = c.intent_id AND c.sealed AND c.wiped_at IS NULL
  AND d.state IN ('sent', 'delivered', 'undelivered', 'failed', 'rejected', 'cancelled', 'expired', 'suppressed')
"""
# Dead letters stay: a person may replay them.
SHELVE = """
WITH over AS (
    SELECT intent_id FROM delivery
    WHERE state IN ('sent', 'delivered', 'undelivered', 'rejected', 'cancelled', 'expired', 'suppressed')
      AND changed_at < now() - make_interval(secs => CASE WHEN state IN ('sent', 'undelivered') THEN %(sent)s ELSE %(other)s END)
      AND changed_at < now() - make_interval(secs => %(other)s)
    ORDER BY changed_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM delivery d USING over o WHERE d.intent_id = o.intent_id RETURNING d.*
)
INSERT INTO delivery_done SELECT * FROM gone
"""


def wipe(line: psycopg.Connection[Any]) -> int:
    """Wipe the secrets of system mail that needs them no longer; answers how many contents were wiped."""
    with line.transaction():
        return line.execute(WIPE).rowcount


def shelve(line: psycopg.Connection[Any]) -> int:
    """Move settled rows out of the hot table, a batch at a time; answers how many."""
    with line.transaction():
        return line.execute(SHELVE, {"sent": SENT_LINGER_SECONDS, "other": LINGER_SECONDS, "most": AT_ONCE}).rowcount


OLD = """
SELECT i.id FROM intent i JOIN delivery_done d ON d.intent_id = i.id
WHERE d.changed_at < now() - make_interval(days => %(days)s) ORDER BY d.changed_at LIMIT %(most)s
"""
FORGET = (
    "UPDATE installation SET forgotten = greatest(forgotten, (SELECT max(id) FROM attempt))",
    "DELETE FROM delivery_done WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM attempt WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM grants WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM approval_item WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM reserved WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM content WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM intent WHERE id = ANY(%(old)s)",
    "DELETE FROM vote v WHERE NOT EXISTS (SELECT FROM approval_item i WHERE i.approval_id = v.approval_id)",
    "DELETE FROM link l WHERE NOT EXISTS (SELECT FROM approval_item i WHERE i.approval_id = l.approval_id)",
    "DELETE FROM bundle b WHERE b.expires_at < now() - interval '1 day' AND NOT EXISTS (SELECT FROM link l WHERE l.bundle_id = b.id)",
    "DELETE FROM manifest m WHERE NOT EXISTS (SELECT FROM approval_item i WHERE i.approval_id = m.approval_id)",
    "DELETE FROM approval a WHERE NOT EXISTS (SELECT FROM approval_item i WHERE i.approval_id = a.id)",
)


TOLD = "DELETE FROM hook_post WHERE state <> 'due' AND changed_at < now() - make_interval(days => %(days)s)"


def forget(line: psycopg.Connection[Any], days: int) -> int:
    """Delete a batch of sends that ended more than `days` ago, with all that belongs to them but the audit; as the owner."""
    with line.transaction():
        line.execute(TOLD, {"days": days})
        old = line.cursor(row_factory=scalar_row).execute(OLD, {"days": days, "most": AT_ONCE}).fetchall()
        if old:
            for statement in FORGET:
                line.execute(statement.encode(), {"old": old})
    return len(old)
