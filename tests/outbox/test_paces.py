"""The pace of a lane: asked to slow down it rests and halves for all workers, costs no message a try, and grows back by itself."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from kernel.clock import now
from kernel.db import Database
from kernel.keys import new_id
from outbox.claims import START_OF_ROUND, Ask
from outbox.dispatch import Accepted, Later, Outcome
from outbox.states import Claimed
from outbox.store import Finished, due, tick
from tests.factories import Bench, Desk

LANE = "sms:sandbox"
CROWDED = Later("slow down", crowded=True)
WAIT = "SELECT extract(epoch FROM due_at - changed_at) FROM delivery WHERE intent_id = :i"
REST_OVER = "UPDATE lane SET rests_until = now(), tokens_at = clock_timestamp() WHERE id = :l"


def worked(database: Database, outcome: Outcome, slots: int = 1) -> list[Claimed]:
    """One worker with so many hands claims, is answered alike by all, and reports; answers what it called."""
    ask = Ask(LANE, new_id(), slots, 30.0, START_OF_ROUND)
    with database.line() as line:
        claimed = tick(line, ask, [])
        tick(line, Ask(LANE, ask.owner, 0, 30.0, START_OF_ROUND), [Finished(row, now(), row.digest, outcome) for row in claimed])
    return claimed


def paced(database: Database) -> tuple[float, float]:
    """The lane's pace, and for how many seconds it rests."""
    with database.transaction() as session:
        found = session.execute(text("SELECT pace, extract(epoch FROM rests_until - now())::float FROM lane WHERE id = :l"), {"l": LANE}).one()
    return (found[0] or 0.0, found[1] or 0.0)


def change(database: Database, statement: str) -> None:
    with database.transaction() as session:
        session.execute(text(statement), {"l": LANE})


def asked(desk: Desk, many: int) -> None:
    for number in range(many):
        desk.approved(f"Number {number}")


def test_being_asked_to_slow_down_costs_no_try_and_rests_the_lane_for_every_worker(desk: Desk, bench: Bench, owner_db: Database) -> None:
    asked(desk, 12)
    assert len(worked(bench.database, CROWDED, slots=10)) == 10
    pace, rest = paced(owner_db)
    assert (pace, round(rest)) == (5.0, 1)
    assert worked(bench.database, Accepted("ref"), slots=4) == []
    with bench.database.line() as line:
        assert LANE not in due(line)[0]
    with owner_db.transaction() as session:
        assert set(session.execute(text("SELECT state, tries FROM delivery WHERE lane = :l"), {"l": LANE})) == {("ready", 0)}


def test_one_burst_halves_the_pace_once_and_the_next_one_again(desk: Desk, bench: Bench, owner_db: Database) -> None:
    asked(desk, 20)
    ask = Ask(LANE, new_id(), 16, 30.0, START_OF_ROUND)
    with bench.database.line() as line:
        claimed = tick(line, ask, [])
        for row in claimed:
            tick(line, Ask(LANE, ask.owner, 0, 30.0, START_OF_ROUND), [Finished(row, now(), row.digest, CROWDED)])
    first, _ = paced(owner_db)
    assert first == 2.0
    change(owner_db, REST_OVER.replace("SET", "SET tokens = 1,"))
    assert len(worked(bench.database, CROWDED, slots=4)) == 1
    assert paced(owner_db)[0] == pytest.approx(first / 2, rel=0.05)


def test_a_lane_rests_as_long_as_it_was_asked_to_but_never_for_good(desk: Desk, bench: Bench, owner_db: Database) -> None:
    asked(desk, 8)
    for after, least, most in ((7.0, 6, 7), (3600.0, 299, 300)):
        (row,) = worked(bench.database, Later("slow down", after=after, crowded=True))
        assert least < paced(owner_db)[1] <= most
        with owner_db.transaction() as session:
            wait = session.scalar(text("SELECT extract(epoch FROM due_at - now()) FROM delivery WHERE intent_id = :i"), {"i": row.intent_id})
        assert after - 1 < float(wait or 0) <= after
        change(owner_db, REST_OVER.replace("SET", "SET tokens = 1,"))
    for _ in range(6):
        worked(bench.database, CROWDED)
        change(owner_db, REST_OVER.replace("SET", "SET tokens = 1,"))
        change(owner_db, "UPDATE delivery SET due_at = now() WHERE lane = :l")
    worked(bench.database, CROWDED)
    pace, rest = paced(owner_db)
    assert 0.1 <= pace < 0.15
    assert 5 < rest <= 20


def test_a_pace_grows_back_to_the_rate_that_was_set_or_to_none(desk: Desk, bench: Bench, owner_db: Database) -> None:
    asked(desk, 1)
    slowed = "UPDATE lane SET pace = 2, tokens = 0, rests_until = now() - interval '1 h', tokens_at = now() - interval "
    for seconds, rate, least, most in ((10, "NULL", 2.6, 2.8), (60, "NULL", 12.0, 12.3), (60, "5", 0, 0), (9000, "NULL", 0, 0)):
        change(owner_db, f"{slowed} '{seconds} s', rate = {rate}")
        with bench.database.line() as line:
            tick(line, Ask(LANE, new_id(), 0, 30.0, START_OF_ROUND), [])
        assert least <= paced(owner_db)[0] <= most


def test_a_slowed_lane_sends_no_faster_than_its_pace(desk: Desk, bench: Bench, owner_db: Database) -> None:
    asked(desk, 9)
    change(owner_db, "UPDATE lane SET pace = 0.1, tokens = 0, rests_until = now(), tokens_at = now() WHERE id = :l")
    assert worked(bench.database, Accepted("ref"), slots=8) == []
    change(owner_db, "UPDATE lane SET tokens_at = now() - interval '1 min', pace = 0.1 WHERE id = :l")
    assert len(worked(bench.database, Accepted("ref"), slots=8)) == 1
    assert worked(bench.database, Accepted("ref"), slots=8) == []


def test_patience_for_one_recipient_slows_nobody_else(desk: Desk, bench: Bench, owner_db: Database) -> None:
    asked(desk, 2)
    worked(bench.database, Later("too many to this number"))
    assert paced(owner_db) == (0.0, 0.0)
    assert len(worked(bench.database, Accepted("ref"))) == 1
    with owner_db.transaction() as session:
        assert set(session.execute(text("SELECT state, tries FROM delivery WHERE lane = :l"), {"l": LANE})) == {("ready", 1), ("sent", 1)}


def test_one_that_is_always_answered_so_waits_ever_longer_and_leaves_the_lane_to_the_others(desk: Desk, bench: Bench, owner_db: Database) -> None:
    asked(desk, 1)
    waits: list[float] = []
    for _ in range(9):
        (row,) = worked(bench.database, CROWDED)
        with owner_db.transaction() as session:
            waits.append(float(session.scalar(text(WAIT), {"i": row.intent_id}) or 0))
            session.execute(text("UPDATE delivery SET due_at = now() WHERE intent_id = :i"), {"i": row.intent_id})
        change(owner_db, "UPDATE lane SET rests_until = NULL, pace = NULL WHERE id = :l")
    assert waits == sorted(waits)
    assert waits[0] <= 2
    assert 250 < waits[-1] <= 300
