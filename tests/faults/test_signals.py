"""A worker that is paused past its lease, stopped in order, killed, or whose clock is wrong."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from kernel.clock import monotonic
from tests.faults.checker import reconcile
from tests.faults.conftest import Grounds
from tests.fixtures.nursery import KILLED
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import took, until

WORKER_KILLED_S = 10.0
"""DESIGN's figure for the remaining work after a `kill -9`."""
TERM_S = 30.0
LEASES_END_S = 45.0
HOUR = 3600
LEASE_OVER = "SELECT 1 FROM delivery WHERE state = 'in_doubt'"


def _accepted(stage: Stage, count: int) -> bool:
    return len(stage.entries()) >= count


@pytest.mark.parametrize("helped", [False, True])
def test_nothing_is_twice_when_a_worker_sleeps_past_its_lease(stage: Stage, helped: bool) -> None:
    stage.approve(8)
    stage.hush()
    stage.stub.tell(*["accept_then_slow"] * 4)
    stage.start("clock")
    sleeper = stage.start("worker")
    until(lambda: _accepted(stage, 4), 10, "the calls did not begin")
    sleeper.signal(signal.SIGSTOP)
    if helped:
        stage.start("worker")
    until(lambda: len(stage.execute(LEASE_OVER)) == 4, 10, "the leases did not end")
    sleeper.signal(signal.SIGCONT)
    stage.settle()
    until(lambda: _accepted(stage, 8), 10, "the rest was not sent")
    assert len(stage.entries()) == 8
    reconcile(stage).insist(doubts=4)


def test_an_answer_that_waited_out_the_lease_settles_its_own_doubt_when_the_worker_wakes(stage: Stage) -> None:
    (intent,) = stage.approve(1)
    stage.hush()
    stage.stub.tell("accept_then_slow")
    stage.start("clock")
    sleeper = stage.start("worker")
    until(lambda: _accepted(stage, 1), 10, "the call did not begin")
    sleeper.signal(signal.SIGSTOP)
    until(lambda: stage.states()[intent] == "in_doubt", 10, "the lease did not end")
    sleeper.signal(signal.SIGCONT)
    until(lambda: stage.states()[intent] != "in_doubt" or stage.execute("SELECT 1 FROM attempt WHERE source = 'call'"), 10, "nothing was recorded")
    (outcome,) = stage.execute("SELECT outcome FROM attempt WHERE source = 'call'")[0]
    assert stage.states()[intent] == {"accepted": "sent", "unsure": "in_doubt"}[outcome]
    reconcile(stage).insist(doubts=1)


def test_what_was_not_dialled_is_given_back_when_a_worker_sleeps_before_it(stage: Stage) -> None:
    """Stopped with claims whose calls wait for a hand: after the pause the deadline is over, so none is dialled late."""
    stage.approve(12)
    stage.hush()
    stage.start("clock")
    sleeper = stage.start("worker")
    until(lambda: "calling" in stage.states().values() or _accepted(stage, 1), 10, "nothing began")
    sleeper.signal(signal.SIGSTOP)
    over = "SELECT 1 WHERE NOT EXISTS (SELECT FROM delivery WHERE state = 'calling')"
    # It may have been stopped in the middle of a tick: the rows are its own until the database ends a transaction that says nothing.
    until(lambda: stage.execute(over), LEASES_END_S, "the leases did not end")
    before = len(stage.entries(accepted=False))
    sleeper.signal(signal.SIGCONT)
    stage.settle()
    assert len(stage.entries(accepted=False)) >= before
    reconcile(stage).insist(doubts=4)


def test_nothing_is_in_doubt_when_a_worker_is_told_to_stop_in_the_middle(stage: Stage, figures: dict[str, Any]) -> None:
    stage.approve(12)
    stage.stub.tell(*["accept_then_slow"] * 16)
    stage.start("clock")
    worker = stage.start("worker")
    until(lambda: _accepted(stage, 3), 10, "the calls did not begin")
    began = monotonic()
    assert worker.stop(TERM_S) == 0
    figures["SIGTERM to exit s"] = monotonic() - began
    assert "calling" not in stage.states().values()
    left = len(stage.entries(accepted=False))
    assert left < 12 + 12, "it did not stop in the middle"
    found = reconcile(stage)
    assert (found.in_doubt, found.duplicates) == (0, 0)
    assert len(stage.entries(accepted=False)) == left
    stage.start("worker")
    stage.settle()
    reconcile(stage).insist(doubts=0)


def test_the_remaining_work_is_done_in_time_when_a_worker_is_killed(stage: Stage, figures: dict[str, Any]) -> None:
    intents = stage.approve(20)
    stage.hush()
    stage.stub.tell(*["accept_then_slow"] * 24)
    stage.start("clock")
    victim = stage.start("worker")
    stage.start("worker")
    until(lambda: _accepted(stage, 2), 10, "the calls did not begin")
    victim.kill()
    assert victim.code == KILLED
    figures["kill -9 to all at rest s"] = took(lambda: not stage.unquiet(), WORKER_KILLED_S, "the remaining work was not done")
    assert len(intents) == 20
    reconcile(stage).insist(doubts=4)


@pytest.mark.parametrize("seconds", [HOUR, -HOUR, 24 * HOUR, -24 * HOUR])
def test_nothing_changes_when_the_clock_of_a_worker_is_wrong(grounds: Grounds, seconds: int) -> None:
    with grounds.stage() as stage:
        intents = stage.approve(3) + stage.approve(1, "email")
        stage.start("clock")
        stage.start("worker", TEST_SKEW_SECONDS=str(seconds))
        stage.start("worker")
        stage.settle()
        stage.start("web")
        assert {stage.states()[intent] for intent in intents} == {"sent"}
        for entry in stage.entries():
            assert stage.post(stage.callback(entry, "delivered")) == 204
        until(lambda: {stage.states()[intent] for intent in intents} == {"delivered"}, 10, "the callbacks were not believed")
        reconcile(stage).insist(doubts=0)


def test_leases_end_on_the_clock_of_the_database_when_that_of_the_sweeper_is_wrong(stage: Stage) -> None:
    intents = stage.approve(3)
    stage.hush()
    stage.stub.tell(*["accept_then_slow"] * 3)
    stage.start("clock", TEST_SKEW_SECONDS=str(24 * HOUR))
    stage.start("worker")
    stage.settle()
    assert {stage.states()[intent] for intent in intents} == {"sent"}
    reconcile(stage).insist(doubts=0)
