"""A tick settles what ended and claims what is due in one round trip, whatever the calls came to."""

from __future__ import annotations

from pathlib import Path

from kernel.clock import now
from kernel.db import Database
from kernel.keys import new_id
from outbox.claims import START_OF_ROUND, Ask
from outbox.dispatch import Accepted, Later, Outcome, Refused, Unsure
from outbox.store import Finished, tick
from tests.factories import Desk
from tests.kernel.test_batch import round_trips

LANE = "sms:sandbox"
OUTCOMES: tuple[Outcome, ...] = (
    Accepted("SM1", "queued"),
    Refused("no such number", "21211"),
    Unsure("no answer came"),
    Later("busy", crowded=True),
)


def test_a_tick_waits_for_the_database_once(desk: Desk, worker_db: Database, tmp_path: Path) -> None:
    for outcome in OUTCOMES:
        desk.approved(type(outcome).__name__)
    ask = Ask(LANE, new_id(), len(OUTCOMES), 30.0, START_OF_ROUND)
    with worker_db.line() as line:
        claimed = tick(line, ask, [])
        assert len(claimed) == len(OUTCOMES)
        desk.approved("the next")
        finished = [Finished(row, now(), row.digest, outcome) for row, outcome in zip(claimed, OUTCOMES, strict=True)]
        with round_trips(line, tmp_path / "trace") as many:
            tick(line, ask, finished)
            assert many() == 1
