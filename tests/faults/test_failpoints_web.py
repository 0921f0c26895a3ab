"""Death of the web process and of the clock at their instants: a tool, a decision, a stored event, an expiry, a sweep."""

from __future__ import annotations

import anyio
import httpx2
import pytest

from kernel.failpoints import Instant
from processes.cast import StoryBroken, look
from tests.factories import PHONE
from tests.faults.checker import reconcile
from tests.fixtures.nursery import KILLED
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import until
from tests.portal.guest import invited

COMMITS = (Instant.TRANSACTION_BEFORE_COMMIT, Instant.TRANSACTION_AFTER_COMMIT)
MOST_COMMITS = 12
SURVIVED = "no request died"


def _ask(stage: Stage, key: str) -> httpx2.Response:
    told = {"to": PHONE, "body": "Asked over the wire.", "idempotencyKey": key}
    headers = {"Authorization": f"Bearer {stage.desk.founded.key.secret}"}
    return httpx2.post(f"{stage.settings.base_url}/api/send_sms", json=told, headers=headers, timeout=10)


def _ask_until_answered(stage: Stage, instant: Instant, turn: int) -> bool:
    """Ask with one key; when the web process dies, start it anew and ask again. Whether it died."""
    key = f"asked-{instant}-{turn}"
    doomed = stage.start("web", SAYSO_CRASH_AT=f"{instant}:{turn}")
    try:
        assert _ask(stage, key).is_success
    except httpx2.TransportError:
        assert doomed.ended() == KILLED
        healthy = stage.start("web")
        assert _ask(stage, key).json()["status"] == "pending"
        healthy.kill()
        return True
    doomed.kill()
    return False


@pytest.mark.parametrize("instant", COMMITS)
def test_a_tool_takes_effect_once_when_the_web_process_dies_at_any_commit(stage: Stage, instant: Instant) -> None:
    deaths = 0
    while _ask_until_answered(stage, instant, deaths + 1):
        deaths += 1
        assert deaths < MOST_COMMITS
    assert deaths, SURVIVED
    held = [state for state in stage.states().values() if state == "held"]
    assert len(held) == deaths + 1
    stage.hush()
    reconcile(stage).insist(doubts=0)


def _decide(stage: Stage, link: str, code: str) -> None:
    async def by_link() -> None:
        await (await look(f"{stage.settings.base_url}/a/{link}", code)).decide("approved")

    anyio.run(by_link)


def _decide_until_done(stage: Stage, instant: Instant, turn: int) -> bool:
    """Follow a link and approve; when the web process dies, start it anew and try again. Whether it died."""
    pending = stage.ask(turn)
    invitation = invited(stage.desk, pending)
    doomed = stage.start("web", SAYSO_CRASH_AT=f"{instant}:{turn}")
    died = False
    try:
        _decide(stage, invitation.token, invitation.code)
    except httpx2.TransportError:
        assert doomed.ended() == KILLED
        died = True
        stage.start("web")
        try:
            _decide(stage, invitation.token, invitation.code)
        except StoryBroken:
            assert stage.desk.send(pending).granted_at, "neither decided nor decidable"
    assert stage.desk.send(pending).granted_at
    stage.clear()
    return died


@pytest.mark.parametrize("instant", COMMITS)
def test_a_decision_is_made_once_when_the_web_process_dies_at_any_commit(stage: Stage, instant: Instant) -> None:
    deaths = 0
    while _decide_until_done(stage, instant, deaths + 1):
        deaths += 1
        assert deaths < MOST_COMMITS
    assert deaths, SURVIVED
    stage.start("clock")
    stage.start("worker")
    stage.settle()
    found = reconcile(stage)
    found.insist(doubts=0)
    assert len(stage.entries()) == deaths + 1


@pytest.mark.parametrize("instant", [*COMMITS, Instant.EVENT_STORED])
def test_an_event_is_applied_once_when_the_web_process_dies_before_it_answers(stage: Stage, instant: Instant) -> None:
    (intent,) = stage.approve(1)
    stage.start("clock")
    stage.start("worker")
    stage.settle()
    (entry,) = stage.entries()
    doomed = stage.start("web", SAYSO_CRASH_AT=instant)
    callback = stage.callback(entry, "delivered")
    with pytest.raises(httpx2.TransportError):
        stage.post(callback)
    assert doomed.ended() == KILLED
    stored = len(stage.execute("SELECT 1 FROM inbox"))
    assert stored == (0 if instant is Instant.TRANSACTION_BEFORE_COMMIT else 1)
    stage.start("web")
    assert stage.post(callback) == 204
    until(lambda: stage.states()[intent] == "delivered", 10, "the event was not applied")
    assert len(stage.execute("SELECT 1 FROM inbox")) == 1
    assert len(stage.execute("SELECT 1 FROM attempt WHERE source = 'callback'")) == 1
    reconcile(stage).insist(doubts=0)


@pytest.mark.parametrize("clocks", [1, 2])
def test_a_lease_ends_in_doubt_when_the_clock_dies_in_the_sweep(stage: Stage, clocks: int) -> None:
    (intent,) = stage.approve(1)
    stage.hush()
    ringing = stage.start("clock")
    assert stage.start("worker", SAYSO_CRASH_AT=Instant.ANSWER_RECEIVED).ended() == KILLED
    ringing.kill()
    until(lambda: stage.execute("SELECT 1 FROM delivery WHERE lease_until < now()"), 10, "no lease ended")
    doomed = [stage.start("clock", SAYSO_CRASH_AT=Instant.SWEEP_BEFORE_COMMIT) for _ in range(clocks)]
    assert [child.ended() for child in doomed] == [KILLED] * clocks
    assert stage.states()[intent] == "calling"
    stage.start("clock")
    until(lambda: stage.states()[intent] == "in_doubt", 5, "the sweep was not taken over")
    stage.settle()
    reconcile(stage).insist(doubts=2)


@pytest.mark.parametrize("instant", COMMITS)
def test_an_undecided_request_expires_unsent_when_the_clock_dies_at_its_commit(stage: Stage, instant: Instant) -> None:
    pending = stage.ask(1)
    stage.execute("UPDATE approval SET expires_at = now()")
    assert stage.start("clock", SAYSO_CRASH_AT=instant).ended() == KILLED
    stage.start("clock")
    stage.start("worker")
    until(lambda: stage.desk.send(pending).state == "expired", 5, "it did not expire")
    stage.settle()
    assert stage.entries(accepted=False) == []
    reconcile(stage).insist(doubts=0)
