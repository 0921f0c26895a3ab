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
# Dead letters stay until a person leaves them: one may replay them. Each kind of end has an index of its own, so that one which
# lingers a day hides none that goes sooner.
SHELVE = """
WITH over AS (
    {chosen} LIMIT %(most)s FOR UPDATE OF d SKIP LOCKED
), gone AS (
    DELETE FROM delivery d USING over o WHERE d.intent_id = o.intent_id RETURNING d.*
), woken AS (
    DELETE FROM quiet q USING over o WHERE q.intent_id = o.intent_id
)
INSERT INTO delivery_done SELECT * FROM gone
"""
OVER = "SELECT d.intent_id FROM delivery d WHERE d.state IN ({states}) AND d.changed_at < now() - make_interval(secs => %(seconds)s) ORDER BY d.changed_at"
LEFT = """SELECT d.intent_id FROM attempt a JOIN delivery d ON d.intent_id = a.intent_id AND d.attempt = a.number
    WHERE a.outcome = 'left' AND d.state = 'failed'"""
SHELVE_OVER = SHELVE.format(chosen=OVER.format(states="'delivered', 'rejected', 'cancelled', 'expired', 'suppressed'"))
SHELVE_SENT = SHELVE.format(chosen=OVER.format(states="'sent', 'undelivered'"))
SHELVE_LEFT = SHELVE.format(chosen=LEFT)


def wipe(line: psycopg.Connection[Any]) -> int:
    """Wipe the secrets of system mail that needs them no longer; answers how many contents were wiped."""
    with line.transaction():
        return line.execute(WIPE).rowcount


def shelve(line: psycopg.Connection[Any]) -> int:
    """Move settled rows out of the hot table, a batch at a time; answers how many."""
    with line.transaction():
        over = line.execute(SHELVE_OVER.encode(), {"seconds": LINGER_SECONDS, "most": AT_ONCE}).rowcount
        over += line.execute(SHELVE_SENT.encode(), {"seconds": SENT_LINGER_SECONDS, "most": AT_ONCE}).rowcount
        return over + line.execute(SHELVE_LEFT.encode(), {"most": AT_ONCE}).rowcount


OLD = "SELECT intent_id FROM delivery_done WHERE changed_at < now() - make_interval(days => %(days)s) ORDER BY changed_at LIMIT %(most)s"
ASKED = "SELECT DISTINCT approval_id FROM approval_item WHERE intent_id = ANY(%(old)s)"
# The first statement keeps what the business knows from these sends alone: which bills went out or are void, which reminders were said.
FORGET = (
    "SELECT keep_what_became_of(%(old)s)",
    "UPDATE installation SET forgotten = greatest(forgotten, (SELECT max(id) FROM attempt))",
    "DELETE FROM delivery_done WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM attempt WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM grants WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM approval_item WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM reserved WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM quiet WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM content WHERE intent_id = ANY(%(old)s)",
    "DELETE FROM intent WHERE id = ANY(%(old)s)",
)
# What belongs to a request goes with its last send; only those of the batch are looked at.
EMPTY = """
SELECT asked.id FROM unnest(%(asked)s::uuid[]) asked (id) WHERE NOT EXISTS (SELECT FROM approval_item i WHERE i.approval_id = asked.id)
"""
LINKS = "DELETE FROM link WHERE approval_id = ANY(%(empty)s) RETURNING bundle_id"
FORGET_REQUESTS = (
    """DELETE FROM bundle b WHERE b.id = ANY(%(bundles)s) AND b.expires_at < now() - interval '1 day'
        AND NOT EXISTS (SELECT FROM link l WHERE l.bundle_id = b.id)""",
    "DELETE FROM vote WHERE approval_id = ANY(%(empty)s)",
    "DELETE FROM manifest WHERE approval_id = ANY(%(empty)s)",
    "DELETE FROM approval WHERE id = ANY(%(empty)s)",
)
LEAST_DAYS = {"idempotency": 1, "inbox": 30, "heard": 30}
"""For so long a key still gives its first answer, and a provider's event that is repeated is known, whatever is asked for."""
# An event that a webhook is still to be told of stays.
FORGET_BESIDE = {
    "batch": "DELETE FROM batch WHERE created_at < now() - make_interval(days => %(days)s)",
    "agent_issue": "DELETE FROM agent_issue WHERE created_at < now() - make_interval(days => %(days)s)",
    "plan_use": "DELETE FROM plan_use WHERE month < now() - make_interval(days => %(days)s + 31)",
    "reconciliation": "DELETE FROM reconciliation WHERE ran_at < now() - make_interval(days => %(days)s)",
    "hook_post": "DELETE FROM hook_post WHERE state <> 'due' AND changed_at < now() - make_interval(days => %(days)s)",
    "idempotency": """DELETE FROM idempotency WHERE (workspace_id, key) IN (SELECT workspace_id, key FROM idempotency
        WHERE created_at < now() - make_interval(days => %(days)s) ORDER BY created_at LIMIT %(most)s)""",
    "inbox": """DELETE FROM inbox WHERE id IN (SELECT id FROM inbox
        WHERE state <> 'new' AND received_at < now() - make_interval(days => %(days)s) ORDER BY received_at LIMIT %(most)s)""",
    "heard": """DELETE FROM heard WHERE id IN (SELECT id FROM heard
        WHERE at < now() - make_interval(days => %(days)s) ORDER BY at LIMIT %(most)s)""",
    "conversation": """DELETE FROM conversation WHERE id IN (SELECT id FROM conversation c WHERE last_in_at < now() - make_interval(days => %(days)s)
        AND NOT EXISTS (SELECT FROM heard h WHERE h.conversation_id = c.id) ORDER BY last_in_at LIMIT %(most)s)""",
    "reply_window": """DELETE FROM reply_window WHERE (workspace_id, sender, recipient) IN (SELECT workspace_id, sender, recipient FROM reply_window
        WHERE closes_at < now() - make_interval(days => %(days)s) ORDER BY closes_at LIMIT %(most)s)""",
    "event": """DELETE FROM event WHERE id IN (SELECT id FROM event e WHERE at < now() - make_interval(days => %(days)s)
        AND NOT EXISTS (SELECT FROM hook_post p WHERE p.event_id = e.id) ORDER BY at LIMIT %(most)s)""",
}


def forget(line: psycopg.Connection[Any], days: int) -> int:
    """Delete a batch of sends that ended more than `days` ago, with all that belongs to them but the audit; as the owner."""
    with line.transaction():
        old = _rows(line, OLD, days=days, most=AT_ONCE)
        if old:
            asked = _rows(line, ASKED, old=old)
            for statement in FORGET:
                line.execute(statement.encode(), {"old": old})
            _forget_requests(line, asked)
    return len(old)


def _forget_requests(line: psycopg.Connection[Any], asked: list[Any]) -> None:
    empty = _rows(line, EMPTY, asked=asked)
    bundles = [bundle for bundle in _rows(line, LINKS, empty=empty) if bundle]
    for statement in FORGET_REQUESTS:
        line.execute(statement.encode(), {"empty": empty, "bundles": bundles})


def forget_beside(line: psycopg.Connection[Any], days: int) -> int:
    """Delete a batch of what is not about one send: events and their posts, keys of repeated calls, providers' events; answers how many."""
    with line.transaction():
        return sum(
            line.execute(statement.encode(), {"days": max(days, LEAST_DAYS.get(table, 0)), "most": AT_ONCE}).rowcount
            for table, statement in FORGET_BESIDE.items()
        )


def _rows(line: psycopg.Connection[Any], statement: str, **given: Any) -> list[Any]:
    return line.cursor(row_factory=scalar_row).execute(statement.encode(), given).fetchall()
