"""The breaker of a lane: too many calls without an answer stop it, on all workers; answers never do, however unwelcome."""

from __future__ import annotations

from itertools import cycle, islice

import pytest
from sqlalchemy import text

from approvals.gate import Draft, submit
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database
from kernel.keys import new_id
from outbox.breakers import FAILING
from outbox.claims import START_OF_ROUND, Ask
from outbox.dispatch import Accepted, Later, Outcome, Refused, Unsure
from outbox.inquiries import judge_lane, take_resting
from outbox.kinds.sms import Sms
from outbox.states import Claimed
from outbox.store import Finished, tick
from tests.factories import Bench, Desk

LANE = "sms:sandbox"
LOST = Unsure("HTTP 503")
UNREACHED = Later("connection refused", unreached=True)


def done(claimed: Claimed, outcome: Outcome) -> Finished:
    return Finished(claimed, now(), claimed.digest if not isinstance(outcome, Later) or outcome.counts else None, outcome)


def worked(database: Database, *outcomes: Outcome) -> int:
    """Two workers with a hand each call in turn, until these outcomes are used up or nothing is claimed; answers how many they called."""
    workers = cycle([Ask(LANE, new_id(), 1, 30.0, START_OF_ROUND) for _ in range(2)])
    reports: list[Finished] = []
    with database.line() as line:
        for number, outcome in enumerate(outcomes):
            claimed = tick(line, next(workers), reports)
            if not claimed:
                return number
            reports = [done(claimed[0], outcome)]
        tick(line, Ask(LANE, new_id(), 0, 30.0, START_OF_ROUND), reports)
    return len(outcomes)


def rest(database: Database, lane: str = LANE) -> tuple[float, str] | None:
    """For how many seconds the lane rests, and why; None when it is open."""
    with database.transaction() as session:
        found = session.execute(text("SELECT extract(epoch FROM breaker_until - now())::float, breaker_reason FROM lane WHERE id = :l"), {"l": lane}).one()
    return (found[0], found[1]) if found[1] else None


def asked(desk: Desk, many: int) -> None:
    drafts = [Draft(Sms(to="+447400123456", body=f"Number {number}")) for number in range(many)]
    agent = Caller("agent", desk.founded.key.id, "first agent")
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        pending = submit(Call(session, agent, desk.founded.workspace, now(), desk.settings), "send_sms", drafts)
    desk.decide(pending)


@pytest.mark.parametrize("outcome", [LOST, UNREACHED])
def test_a_lane_stops_after_ten_calls_when_none_is_answered(desk: Desk, bench: Bench, owner_db: Database, outcome: Outcome) -> None:
    asked(desk, 15)
    assert worked(bench.database, *[outcome] * 15) == 10
    seconds, reason = rest(owner_db) or (0, "")
    assert 25 < seconds <= 30
    assert reason == f"{FAILING}; the last: {outcome.reason}" if isinstance(outcome, Unsure | Later) else False
    assert rest(owner_db, "email:sandbox") is None


def test_a_lane_stops_when_half_of_its_calls_are_unanswered(desk: Desk, bench: Bench) -> None:
    asked(desk, 25)
    assert worked(bench.database, *islice(cycle([Accepted("ref"), LOST]), 25)) == 20


@pytest.mark.parametrize(
    "answers",
    [
        [LOST] * 9 + [Accepted("ref")] * 11,
        [LOST] * 9 + [Refused("no such number")] * 11,
        [Refused("no such number")],
        [Later("429", after=0.0)],
        [Later("too late for its own lease", after=0.0, counts=False)],
    ],
    ids=["nine of twenty", "nine among refusals", "refusals", "rate limits", "never dialled"],
)
def test_a_lane_stays_open_when_it_is_answered_often_enough(desk: Desk, bench: Bench, owner_db: Database, answers: list[Outcome]) -> None:
    asked(desk, 45)
    assert worked(bench.database, *islice(cycle(answers), 45)) == 45
    assert rest(owner_db) is None


def test_what_was_never_dialled_is_no_answer(desk: Desk, bench: Bench) -> None:
    asked(desk, 30)
    assert worked(bench.database, *islice(cycle([LOST, Later("too late", after=0.0, counts=False), Later("too late", after=0.0, counts=False)]), 40)) < 40


def test_old_trouble_is_forgotten_after_five_minutes(desk: Desk, bench: Bench, owner_db: Database) -> None:
    asked(desk, 12)
    worked(bench.database, *[LOST] * 9)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE attempt SET at = at - interval '6 minutes'"))
    assert worked(bench.database, LOST, LOST) == 2
    assert rest(owner_db) is None


def test_a_lane_that_fails_again_after_its_probe_stops_at_once_and_rests_longer(desk: Desk, bench: Bench, owner_db: Database) -> None:
    asked(desk, 30)
    for calls, least in ((10, 29), (1, 32), (1, 35)):
        assert worked(bench.database, *[LOST] * 15) == calls
        seconds, _ = rest(owner_db) or (0, "")
        assert least < seconds <= least + 2
        with owner_db.transaction() as session:
            session.execute(text("UPDATE lane SET breaker_until = now() WHERE id = :l"), {"l": LANE})
        with bench.database.line() as line:
            assert take_resting(line) == [LANE]
            judge_lane(line, LANE, None)
    assert worked(bench.database, *[Accepted("ref")] * 15) == 15


def test_a_burst_over_many_hands_ends_with_the_calls_in_flight(desk: Desk, bench: Bench, owner_db: Database) -> None:
    asked(desk, 80)
    bench.memory.tell(*[LOST] * 80)
    slots = bench.settings.slots
    bench.drain()
    assert len(bench.memory.ledger) <= 10 + slots
    assert rest(owner_db)
