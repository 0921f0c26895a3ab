"""A provider that fails for longer than a reminder is of use: it is never sent late, and everybody can read why."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.db import Database
from outbox.dispatch import Later
from outbox.store import sweep
from tests.approvals.hands import rows
from tests.crm.test_reminders import booked, in_days, moment, rule
from tests.factories import Bench, Desk
from tests.portal.guest import changed

__all__ = ["moment", "rule"]
DOWN = Later("Twilio answers 503.", after=60.0)
STOOD = "SELECT d.state, d.wait_reason FROM every_delivery d JOIN intent i ON i.id = d.intent_id WHERE i.kind = 'sms'"


@pytest.mark.usefixtures("rule")
@pytest.mark.parametrize("outlasts", [True, False])
def test_a_reminder_that_a_failing_provider_outlives_is_never_sent_late(desk: Desk, bench: Bench, moment: Any, owner_db: Database, *, outlasts: bool) -> None:
    booked(desk, in_days(9))
    moment()
    bench.memory.tell(DOWN)
    bench.drain()
    ((state, said),) = rows(owner_db, STOOD)
    assert (state, said, len(bench.memory.ledger)) == ("ready", DOWN.reason, 1)
    over = "now() - interval '1 s'" if outlasts else "now() + interval '1 h'"
    changed(owner_db, f"UPDATE intent SET expires_at = {over} WHERE kind = 'sms'")
    changed(owner_db, f"UPDATE delivery SET due_at = now() - interval '2 s', expires_at = {over} WHERE state = 'ready' AND lane = 'sms:sandbox'")
    with bench.database.line() as line:
        sweep(line)
    bench.drain()
    ((state, said),) = rows(owner_db, STOOD)
    if outlasts:
        assert (state, said, len(bench.memory.ledger)) == ("expired", "it could not leave while it was of use", 1)
    else:
        assert (state, len(bench.memory.ledger)) == ("sent", 2)


@pytest.mark.usefixtures("rule")
def test_the_claim_takes_no_reminder_whose_use_is_over_before_the_clock_looks(desk: Desk, bench: Bench, rule: object, moment: Any, owner_db: Database) -> None:
    booked(desk, in_days(9))
    moment()
    ((until, start),) = rows(owner_db, "SELECT i.expires_at, b.starts_at FROM intent i, booking b WHERE i.kind = 'sms'")
    assert until == start, "it is of use until the booking begins"
    changed(owner_db, "UPDATE delivery SET expires_at = now() - interval '1 s' WHERE lane = 'sms:sandbox'")
    bench.drain()
    assert bench.memory.ledger == []
