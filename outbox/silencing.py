"""What a provider's word says of an address: nothing more goes there, from the transaction on that records the word; it never speaks of our own people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg

from kernel.keys import new_id
from outbox.dispatch import Silencer

# A letter to one of our own people is sealed: were its address silenced by a bounce, nobody could sign in or decide any more.
SILENCE = """
WITH silenced AS (
    INSERT INTO suppression (workspace_id, channel, recipient, reason, source)
    SELECT i.workspace_id, split_part(i.lane, ':', 1), lower(c.recipient), %(reason)s, %(source)s
    FROM intent i JOIN content c ON c.intent_id = i.id WHERE i.id = %(intent)s AND NOT c.sealed AND c.wiped_at IS NULL
    ON CONFLICT (workspace_id, channel, recipient) DO UPDATE SET reason = excluded.reason, source = excluded.source, at = now()
        WHERE suppression.source IN ('agent', 'import')
    RETURNING workspace_id, channel, reason, source
), told AS (
    INSERT INTO event (id, workspace_id, type, subject, data)
    SELECT %(event)s, workspace_id, 'recipient.suppressed', channel, jsonb_build_object('reason', reason, 'source', source) FROM silenced
    RETURNING id, workspace_id
)
INSERT INTO hook_post (hook_id, event_id, workspace_id)
SELECT h.id, told.id, told.workspace_id FROM told JOIN hook h ON h.workspace_id = told.workspace_id AND h.ended_at IS NULL
"""


def silence(line: psycopg.Connection[Any], intent: UUID, silencer: Silencer, reason: str) -> None:
    """Nothing more to the address of this intent on its channel; a stronger word that stands is left."""
    if silencer:
        line.execute(SILENCE, {"intent": intent, "reason": reason, "source": silencer, "event": new_id()})
