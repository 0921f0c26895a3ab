"""The clock is killed in the very minute in which reminders are due: each is asked for once and handed over once, none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from kernel.roles import Role
from tests.approvals.hands import set_policy
from tests.crm.test_reminders import allow, booked, in_days, propose, service
from tests.faults.conftest import Grounds
from tests.fixtures.nursery import KILLED
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import until
from tests.portal.guest import changed

MANY = 16
DEATHS = (2, 7)
"""How many have been asked for when a clock is killed."""
# Slow enough that a clock can be killed between two of them.
SLOW = """
CREATE OR REPLACE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END $$;
CREATE TRIGGER dawdle BEFORE UPDATE OF state ON reminder FOR EACH ROW EXECUTE FUNCTION dawdle()
"""
QUICK = "DROP TRIGGER dawdle ON reminder"


@pytest.fixture
def due(grounds: Grounds) -> Iterator[Stage]:
    """A stage on which so many reminders are due now, and each takes its time."""
    with grounds.stage() as stage:
        set_policy(stage.desk, "first_time", in_person=False)
        allow(stage.desk, propose(stage.desk))
        of = service(stage.desk)
        for number in range(MANY):
            guest = {"name": f"Guest {'abcdefgh'[number % 8]}", "phone": f"+4474001000{number:02d}"}
            booked(stage.desk, in_days(9 + number // 8, 9 + number % 8), guest, of=of)
        stage.hush()
        changed(stage.pools[Role.OWNER], "UPDATE reminder SET due_at = now() - interval '1 second'")
        stage.execute(SLOW)
        yield stage
        stage.execute(QUICK)


def asked(stage: Stage) -> int:
    ((many,),) = stage.execute("SELECT count(*) FROM reminder WHERE state = 'asked'")
    return int(many)


def test_a_clock_that_is_killed_at_the_minute_leaves_each_reminder_said_once(due: Stage) -> None:
    for turn in DEATHS:
        victim = due.start("clock")
        until(lambda turn=turn: asked(due) >= turn, 60, "no reminder was asked for")
        victim.kill()
        assert (victim.code, asked(due) < MANY) == (KILLED, True), "it died in the middle"
    due.start("clock")
    due.start("clock")
    due.start("worker")
    until(lambda: asked(due) == MANY, 60, "a reminder was lost")
    due.settle(60)
    taken = Counter(entry.recipient for entry in due.entries())
    assert (len(taken), set(taken.values())) == (MANY, {1})
