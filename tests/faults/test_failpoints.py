"""Death by SIGKILL at every named instant of a worker, with one worker and with two: nothing twice, nothing lost, doubts only where possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from kernel.failpoints import Instant
from tests.faults.checker import Reckoning, reconcile
from tests.faults.conftest import Grounds
from tests.fixtures.nursery import KILLED, Child
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import until

SLOTS = 2
LANES = 2
AT_ONCE = 5
"""Plays wait more than they work, so some are given side by side."""
UNHURRIED = {"SAYSO_CALL_SECONDS": "5", "SAYSO_LEASE_SECONDS": "8"}
"""A machine that is slow makes no doubts of its own: those counted are of the dead."""
SENDING = {
    Instant.TICKET_TAKEN: 0,
    Instant.TICK_BEFORE_COMMIT: 0,
    Instant.TICK_AFTER_COMMIT: 1,
    Instant.BEFORE_DIALLING: 1,
    Instant.ANSWER_RECEIVED: 1,
    Instant.OUTCOME_BEFORE_COMMIT: 1,
    Instant.OUTCOME_AFTER_COMMIT: 1,
}
"""Instants on the way of a message, and whether a death there may leave the calls in flight in doubt."""
RECEIVING = (Instant.TRANSACTION_BEFORE_COMMIT, Instant.TRANSACTION_AFTER_COMMIT, Instant.EVENT_BEFORE_COMMIT)
CASES = [(instant, workers) for workers in (1, 2) for instant in (*SENDING, *RECEIVING)]


def _die(stage: Stage, instant: Instant, workers: int) -> None:
    doomed = [stage.start("worker", SAYSO_CRASH_AT=instant) for _ in range(workers)]
    for child in doomed:
        assert child.ended() == KILLED


def _sending(stage: Stage, instant: Instant, workers: int) -> None:
    stage.approve(5)
    stage.approve(2, "email")
    stage.start("clock")
    _die(stage, instant, workers)
    stage.start("worker")
    stage.settle()


def _receiving(stage: Stage, instant: Instant, workers: int) -> None:
    intents = stage.approve(3)
    stage.start("clock")
    stage.start("web")
    healthy = stage.start("worker")
    stage.settle()
    assert healthy.stop() == 0
    posted = [stage.post(stage.callback(entry, "delivered")) for entry in stage.entries()]
    assert posted == [204] * 3
    _die(stage, instant, workers)
    stage.start("worker")
    until(lambda: {stage.states()[intent] for intent in intents} == {"delivered"}, 30, "the events were not applied")


def _play(grounds: Grounds, instant: Instant, workers: int) -> Reckoning:
    given: Callable[[Stage, Instant, int], None] = _sending if instant in SENDING else _receiving
    with grounds.stage(SAYSO_SLOTS=str(SLOTS), **UNHURRIED) as stage:
        given(stage, instant, workers)
        return reconcile(stage)


@pytest.fixture(scope="module")
def plays(request: pytest.FixtureRequest, grounds: Grounds) -> Iterator[dict[tuple[Instant, int], Future[Reckoning]]]:
    """The plays of the cases that were asked for, already on their way."""
    asked = [item.callspec.params for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    with ThreadPoolExecutor(AT_ONCE) as hands:
        yield {(case["instant"], case["workers"]): hands.submit(_play, grounds, case["instant"], case["workers"]) for case in asked}


@pytest.mark.parametrize(("instant", "workers"), CASES)
def test_nothing_is_twice_or_lost_when_a_worker_dies(plays: Any, figures: dict[str, Any], instant: Instant, workers: int) -> None:
    found: Reckoning = plays[instant, workers].result()
    for name in ("intents", "accepted", "duplicates", "lost", "in_doubt"):
        figures[name] = figures.get(name, 0) + getattr(found, name)
    found.insist(doubts=SENDING.get(instant, 0) * workers * SLOTS * LANES)


def test_the_answered_call_is_lost_with_its_process_when_it_dies_before_the_record(stage: Stage) -> None:
    """The negative control of the instants: a death there does leave what the table says, so the cases above mean something."""
    stage.approve(1)
    stage.hush()
    stage.start("clock")
    child: Child = stage.start("worker", SAYSO_CRASH_AT=Instant.ANSWER_RECEIVED)
    assert child.ended() == KILLED
    assert (len(stage.entries()), "calling" in stage.states().values()) == (1, True)
