"""Callbacks ahead of our own commit, ten at once, in reverse and for doubts: the state they leave is what the provider knows last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.checker import reconcile
from tests.fixtures.stage import Stage
from tests.fixtures.stub_shapes import Entry
from tests.fixtures.waiting import took, until

CHANNELS = ("sms", "email")
SPOKEN = {"sms": ("sent", "delivered"), "email": ("processed", "delivered")}
"""What each provider says of a message, in its order."""
DOUBT_BY = ("accept_then_hang", "accept_then_500", "truncate")


@pytest.fixture
def running(stage: Stage) -> Stage:
    """A stage with every process."""
    for name in ("clock", "worker", "web"):
        stage.start(name)
    return stage


def _told(stage: Stage, channel: str, do: str) -> str:
    """An approved message whose provider is told what to do with it."""
    pending = stage.ask(1, channel)
    stage.stub.tell({"do": do, "to": stage.desk.send(pending).recipient})
    stage.desk.decide(pending)
    return str(pending.intent_ids[0])


def _taken(stage: Stage, intent: str) -> Entry:
    found = until(lambda: [entry for entry in stage.entries() if stage.intent_of(entry) == intent], 10, "no provider took it")
    return found[0]


def _becomes(stage: Stage, intent: str, state: str, within: float = 10) -> None:
    until(lambda: stage.states()[intent] == state, within, lambda: f"it did not become {state}, it is {stage.states()[intent]}")


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_callback_ahead_of_our_commit_is_kept_when_the_answer_comes_later(running: Stage, channel: str) -> None:
    intent = _told(running, channel, "accept_then_slow")
    entry = _taken(running, intent)
    assert running.states()[intent] == "calling"
    assert running.post(running.callback(entry, "delivered")) == 204
    _becomes(running, intent, "delivered")
    until(lambda: running.execute("SELECT 1 FROM attempt WHERE source = 'call'"), 5, "the call was not recorded")
    assert running.states()[intent] == "delivered"
    reconcile(running).insist(doubts=0)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_callback_takes_effect_once_when_it_is_posted_ten_times_at_once(running: Stage, channel: str) -> None:
    (intent,) = running.approve(1, channel)
    callback = running.callback(_taken(running, intent), "delivered")
    with ThreadPoolExecutor(10) as hands:
        assert set(hands.map(lambda _: running.post(callback), range(10))) == {204}
    _becomes(running, intent, "delivered")
    assert len(running.execute("SELECT 1 FROM attempt WHERE source = 'callback'")) == 1
    reconcile(running).insist(doubts=0)


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_last_word_stays_when_callbacks_come_in_reverse(running: Stage, channel: str) -> None:
    (intent,) = running.approve(1, channel)
    entry = _taken(running, intent)
    _becomes(running, intent, "sent")
    for status in reversed(SPOKEN[channel]):
        assert running.post(running.callback(entry, status)) == 204
        until(lambda: not running.execute("SELECT 1 FROM inbox WHERE state = 'new'"), 10, "the inbox is not worked off")
        assert running.states()[intent] == "delivered"
    reconcile(running).insist(doubts=0)


@pytest.mark.parametrize("do", DOUBT_BY)
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_doubt_is_settled_when_a_callback_names_its_attempt(running: Stage, figures: dict[str, object], channel: str, do: str) -> None:
    intent = _told(running, channel, do)
    entry = _taken(running, intent)
    _becomes(running, intent, "in_doubt")
    assert running.post(running.callback(entry, "delivered")) == 204
    settled = took(lambda: running.states()[intent] == "delivered", 10, "the doubt was not settled")
    figures["slowest settled s"] = max(settled, figures.get("slowest settled s", 0.0))
    reconcile(running).insist(doubts=0)


def test_a_doubt_of_a_dead_worker_is_settled_when_a_callback_names_its_attempt(stage: Stage) -> None:
    (intent,) = stage.approve(1)
    stage.hush()
    stage.start("clock")
    stage.start("worker", SAYSO_CRASH_AT="answer_received").ended()
    _becomes(stage, intent, "in_doubt")
    stage.start("web")
    stage.start("worker")
    assert stage.post(stage.callback(_taken(stage, intent), "delivered")) == 204
    _becomes(stage, intent, "delivered")
    stage.settle()
    reconcile(stage).insist(doubts=1)


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_is_stored_when_a_callback_is_forged(running: Stage, channel: str) -> None:
    (intent,) = running.approve(1, channel)
    entry = _taken(running, intent)
    _becomes(running, intent, "sent")
    forged = running.callback(entry, "delivered")
    forged.headers.update({name: "AAAA" + value[4:] for name, value in forged.headers.items() if "signature" in name})
    assert running.post(forged) in (400, 401, 403)
    assert not running.execute("SELECT 1 FROM inbox")
    assert running.states()[intent] == "sent"
