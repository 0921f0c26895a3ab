"""The receiver, killed in the middle of a stream of events, short."""

from __future__ import annotations

from tests.faults.receiver import Plan, Tally, run


def test_every_event_that_was_answered_is_in_the_inbox_when_the_process_is_killed() -> None:
    tally, lost = run(Plan(rate=50, seconds=2, kills=1))
    assert (lost, tally.refused) == (0, 0)
    assert len(tally.answered) > 50


def test_an_answered_event_that_is_missing_would_be_counted() -> None:
    tally = Tally()
    tally.note("evt_1", 204, 0.1)
    tally.note("evt_2", None, 0.1)
    tally.note("evt_3", 400, 0.1)
    assert (tally.answered - set(), tally.unanswered, tally.refused, tally.at(0.99)) == ({"evt_1"}, 2, 1, 100.0)
