"""What providers do to us: each way to fail and the state it leads to, callbacks early, repeated and reversed, doubts settled by them."""

from __future__ import annotations

from collections import Counter
from email.utils import formatdate

import pytest

from kernel.clock import now
from tests.faults.checker import reconcile
from tests.faults.conftest import Grounds
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import until

CHANNELS = ("sms", "email")
DOUBTFUL = ("accept_then_hang", "accept_then_reset", "accept_then_500", "500", "503", "hang", "reset", "truncate", "html", "empty", "408", "see_other")
"""Each may have been taken, so none is ever tried again by itself."""
WAITS = {"seconds": "2", "date": "", "absent": None, "junk": "soon", "past": "Wed, 21 Oct 2015 07:28:00 GMT", "zero": "0", "below zero": "-5"}
SENDS = 100
FULL = "SELECT state, wait_reason, extract(epoch FROM due_at - changed_at)::float, attempt, tries FROM delivery WHERE intent_id = CAST(:intent AS uuid)"


def _told(stage: Stage, channel: str, number: int, told: dict[str, object]) -> str:
    """An approved message whose recipient's provider is told how to behave."""
    pending = stage.ask(number, channel)
    stage.stub.tell({**told, "to": stage.desk.send(pending).recipient})
    stage.desk.decide(pending)
    return str(pending.intent_ids[0])


def _working(stage: Stage) -> None:
    stage.start("clock")
    stage.start("worker")


def test_an_ambiguous_answer_is_in_doubt_and_asked_for_once_when_a_provider_fails(stage: Stage, figures: dict[str, object]) -> None:
    wanted = {(channel, do): _told(stage, channel, number, {"do": do}) for number, do in enumerate(DOUBTFUL) for channel in CHANNELS}
    _working(stage)
    stage.settle()
    states = stage.states()
    assert {case: states[intent] for case, intent in wanted.items()} == dict.fromkeys(wanted, "in_doubt")
    heard = [stage.intent_of(entry) for entry in stage.entries(accepted=False)]
    assert sorted(heard) == sorted(wanted.values())
    reconcile(stage).insist(doubts=len(wanted))
    figures["ways to fail"] = len(wanted)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_lane_that_is_asked_to_slow_down_tries_later_when_told_in_any_form(grounds: Grounds, channel: str) -> None:
    with grounds.stage(SAYSO_SLOTS="8") as stage:
        waits = {**WAITS, "date": formatdate(now().timestamp() + 3, usegmt=True)}
        told = {form: {} if value is None else {"Retry-After": value} for form, value in waits.items()}
        wanted = {form: _told(stage, channel, number, {"do": "429", "headers": headers}) for number, (form, headers) in enumerate(told.items())}
        _working(stage)
        stage.settle()
        assert {stage.states()[intent] for intent in wanted.values()} == {"sent"}
        tries = {form: stage.execute(FULL, intent=intent)[0] for form, intent in wanted.items()}
        assert {form: found[3] for form, found in tries.items()} == dict.fromkeys(wanted, 2)
        reconcile(stage).insist(doubts=0)


@pytest.mark.timeout(120)
def test_every_message_is_sent_and_few_calls_are_useless_when_a_provider_takes_few_a_second(grounds: Grounds, figures: dict[str, object]) -> None:
    with grounds.stage(SAYSO_SLOTS="16") as stage:
        stage.execute("UPDATE lane SET rate = NULL, burst = 1")
        stage.approve(SENDS)
        stage.hush()
        stage.stub.limit(10)
        _working(stage)
        stage.settle(60)
        taken = [entry.accepted for entry in stage.entries(accepted=False)]
        assert Counter(stage.states().values())["sent"] == SENDS
        assert stage.execute("SELECT DISTINCT tries FROM delivery WHERE state = 'sent' AND lane = 'sms:twilio'") == [(1,)]
        assert taken.count(False) <= SENDS / 2
        figures["useless calls"] = f"{taken.count(False)} beside {SENDS}"
        reconcile(stage).insist(doubts=0)


def test_a_wait_without_end_is_cut_to_an_hour_when_a_provider_asks_for_it(stage: Stage) -> None:
    intent = _told(stage, "sms", 1, {"do": "429", "headers": {"Retry-After": "999999999"}})
    _working(stage)
    until(lambda: stage.execute(FULL, intent=intent)[0][1], 10, "it was not tried")
    state, _, wait, attempt, tries = stage.execute(FULL, intent=intent)[0]
    assert (state, attempt, tries) == ("ready", 1, 0)
    assert 3590 < wait <= 3600


def test_a_refusal_is_final_when_the_provider_says_so(stage: Stage) -> None:
    wanted = [_told(stage, channel, 1, {"do": "400"}) for channel in CHANNELS]
    _working(stage)
    stage.settle()
    assert {stage.states()[intent] for intent in wanted} == {"failed"}
    assert len(stage.entries(accepted=False)) == 2
    reconcile(stage).insist(doubts=0)


@pytest.mark.parametrize("do", ["401", "403", "redirect"])
def test_the_lane_rests_and_no_try_is_counted_when_the_account_is_refused(stage: Stage, do: str) -> None:
    intent = _told(stage, "sms", 1, {"do": do})
    _working(stage)
    until(lambda: stage.execute("SELECT 1 FROM lane WHERE id = 'sms:twilio' AND breaker_until > now()"), 10, "the lane does not rest")
    assert stage.execute(FULL, intent=intent)[0][0] == "ready"
    assert stage.execute(FULL, intent=intent)[0][4] == 0
    until(lambda: not stage.execute("SELECT 1 FROM delivery WHERE state = 'calling'"), 10, "a call does not end")
    reconcile(stage).insist(doubts=0)


def test_it_is_sent_once_when_nobody_listened_at_first(stage: Stage) -> None:
    intent, *_ = stage.approve(3)
    stage.stub.stop()
    _working(stage)
    until(lambda: stage.execute(FULL, intent=intent)[0][4] >= 1, 10, "it was not tried")
    assert stage.execute(FULL, intent=intent)[0][0] in ("ready", "calling")
    assert stage.entries(accepted=False) == []
