"""What may leave is claimed, and what stands beside it in the same group and may not is left alone."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from kernel.db import Database
from kernel.settings import Settings
from tests.outbox.test_claims import claim, ready, ungated, workspace

__all__ = ["ungated"]
BESIDE = {
    "in doubt": "UPDATE delivery SET state = 'in_doubt' WHERE intent_id = :i",
    "behind another": "UPDATE delivery SET order_key = 'k', state = CASE WHEN intent_id = :i THEN 'blocked' ELSE state END",
    "sent": "UPDATE delivery SET state = 'sent' WHERE intent_id = :i",
    "dead": "UPDATE delivery SET state = 'failed' WHERE intent_id = :i",
    "later": "UPDATE delivery SET due_at = now() + interval '1 hour' WHERE intent_id = :i",
    "past its use": "UPDATE intent SET expires_at = now() - interval '1 second' WHERE id = :i",
    "past its window": "UPDATE delivery SET expires_at = now() - interval '1 second' WHERE intent_id = :i",
}


@pytest.mark.parametrize("how", BESIDE)
def test_what_may_not_leave_is_not_claimed_beside_what_may(ungated: Database, worker_db: Database, settings: Settings, how: str) -> None:
    one, other = ready(ungated, settings, workspace(ungated, "w"), ["one", "other"])
    with ungated.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(BESIDE[how]), {"i": other})
    assert [row.intent_id for row in claim(worker_db, 8)] == [one]


def test_both_are_claimed_when_both_may_leave(ungated: Database, worker_db: Database, settings: Settings) -> None:
    both = ready(ungated, settings, workspace(ungated, "w"), ["one", "other"])
    assert {row.intent_id for row in claim(worker_db, 8)} == set(both)
