"""A wire that loses replies, between worker and provider and between worker and PostgreSQL: never twice, doubts only where possible."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from sqlalchemy.engine import make_url

from tests.faults.checker import reconcile
from tests.fixtures.proxy import FORWARD, Proxy, Rule
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import until

MANY = 10
LOSSES = {
    "reply swallowed": Rule("swallow", times=3),
    "reply cut": Rule("cut", times=3),
    "reply cut within": Rule("cut", after=20, times=3),
}
COMMITS = {
    "commit answered by nothing": Rule("cut", armed_by=b"COMMIT", times=2),
    "any reply cut": Rule("cut", times=4),
    "reply cut within": Rule("cut", after=7, times=3),
    "slow": Rule(delay=0.1),
}


def _working(stage: Stage) -> None:
    stage.start("clock")
    stage.start("worker")


@pytest.mark.parametrize("loss", LOSSES)
def test_a_message_is_in_doubt_and_sent_once_when_the_answer_of_the_provider_is_lost(stage: Stage, loss: str) -> None:
    with Proxy(("127.0.0.1", int(stage.stub.url.rpartition(":")[2]))) as proxy:
        stage.environment["TWILIO_API_BASE"] = f"http://127.0.0.1:{proxy.port}"
        proxy.obey(LOSSES[loss])
        intents = stage.approve(MANY)
        stage.hush()
        _working(stage)
        stage.settle()
        states = stage.states()
        found = reconcile(stage)
        found.insist(doubts=proxy.losses)
        assert proxy.losses == 3
        assert sorted(states[intent] for intent in intents) == ["in_doubt"] * 3 + ["sent"] * (MANY - 3)


def test_a_message_is_sent_once_when_the_provider_could_not_be_reached_at_first(stage: Stage) -> None:
    with Proxy(("127.0.0.1", int(stage.stub.url.rpartition(":")[2]))) as proxy:
        stage.environment["TWILIO_API_BASE"] = f"http://127.0.0.1:{proxy.port}"
        proxy.obey(Rule(delay=0.2))
        stage.approve(MANY)
        _working(stage)
        stage.settle()
        reconcile(stage).insist(doubts=0)


@pytest.fixture
def wire(stage: Stage) -> Iterator[Proxy]:
    """Between the worker and PostgreSQL; the clock and the test go another way."""
    url = make_url(stage.settings.database_url)
    socket = f"{unquote(str(url.query['host']))}/.s.PGSQL.{url.query['port']}"
    with Proxy(socket) as proxy:
        yield proxy


def _wired(stage: Stage, proxy: Proxy) -> dict[str, str]:
    url = make_url(stage.settings.database_url)
    through = url.set(host="127.0.0.1", port=proxy.port, query={"sslmode": "disable", "gssencmode": "disable"})
    return {"SAYSO_DATABASE_URL": through.render_as_string(hide_password=False)}


@pytest.mark.parametrize("loss", COMMITS)
def test_nothing_is_twice_or_lost_when_replies_of_the_database_are(stage: Stage, wire: Proxy, figures: dict[str, object], loss: str) -> None:
    stage.approve(4)
    stage.start("clock")
    stage.start("worker", **_wired(stage, wire))
    stage.settle()
    wire.obey(COMMITS[loss])
    stage.approve(MANY)
    until(lambda: loss == "slow" or wire.rule is FORWARD, 15, "the rule never struck")
    stage.settle()
    figures[loss] = wire.losses
    reconcile(stage).insist(doubts=wire.losses * 4)


def test_a_claim_whose_commit_was_not_answered_is_given_back_when_its_owner_lives(stage: Stage, wire: Proxy) -> None:
    """The tick was durable and nobody knew: its owner finds what it never dialled, so nothing needs to be in doubt."""
    stage.approve(3)
    stage.hush()
    wire.obey(Rule("cut", armed_by=b"calling", times=1))
    stage.start("clock")
    stage.start("worker", **_wired(stage, wire))
    stage.settle()
    assert wire.losses == 1
    found = reconcile(stage)
    found.insist(doubts=0)
    assert len(stage.entries()) == 3


def test_sending_goes_on_when_the_database_swallows_a_reply_for_ever(stage: Stage, wire: Proxy) -> None:
    """The connection looks alive, so nothing but a bound of the client's own can end the wait: half a lease."""
    stage.approve(3)
    stage.hush()
    wire.obey(Rule("swallow", armed_by=b"calling", times=1))
    stage.start("clock")
    stage.start("worker", **_wired(stage, wire))
    until(lambda: wire.losses, 10, "the rule never struck")
    stage.settle()
    stage.approve(2)
    stage.hush()
    stage.settle(8)
