"""A business with its own Twilio account beside one without: whose credentials dial, what a disconnection holds, and a death at the call."""

from __future__ import annotations

from dataclasses import replace

from crm.access.setup import found
from kernel.failpoints import Instant
from kernel.roles import Role
from outbox.credentials import DISCONNECTED
from tests.faults.checker import reconcile
from tests.fixtures.nursery import KILLED
from tests.fixtures.senders import NUMBER, SID, TOKEN, connected, disconnected
from tests.fixtures.stage import Stage
from tests.fixtures.stub_shapes import account_in
from tests.fixtures.waiting import until

PROVED = "SELECT 1 FROM channel_account WHERE proved_at >= connected_at AND NOT test_due"
LOOK_NOW = "UPDATE delivery SET due_at = now() WHERE state = 'in_doubt'"
DEFAULT = "AC" + "0" * 32


def _connect(stage: Stage) -> None:
    """The owner connects it, and a worker finds that Twilio lets it in; the stub knows it by this token alone."""
    stage.stub.let_in(SID, TOKEN)
    connected(stage.desk)
    until(lambda: stage.execute(PROVED), 10, "no worker tested the account")


def test_each_business_sends_by_its_own_account_and_a_disconnection_holds(stage: Stage) -> None:
    for name in ("clock", "worker"):
        stage.start(name)
    _connect(stage)
    with stage.pools[Role.OWNER].transaction() as session:
        other = replace(stage.desk, founded=found(session, "Elsewhere", "olivia@else.example"))
    stage.approve(2)
    other.approved("Theirs.")
    stage.settle()
    took = sorted((account_in(entry.path), entry.sender) for entry in stage.entries())
    assert took == [(DEFAULT, "+15005550006"), (SID, NUMBER), (SID, NUMBER)]
    waiting = stage.ask(7)
    disconnected(stage.desk, stage.execute("SELECT id FROM channel_account")[0][0])
    stage.desk.decide(waiting)
    other.approved("Theirs again.")
    until(lambda: len(stage.entries()) == 4, 10, "the other business waits too")
    held = stage.desk.send(waiting)
    assert (held.state, held.wait_reason, account_in(stage.entries()[-1].path)) == ("ready", DISCONNECTED, DEFAULT)
    connected(stage.desk)
    until(lambda: stage.desk.send(waiting).state == "sent", 10, "what waited did not leave when it was connected again")
    assert TOKEN not in stage.words()


def test_a_call_of_a_dead_worker_is_looked_up_with_the_accounts_own_credentials(stage: Stage) -> None:
    healthy = stage.start("worker")
    _connect(stage)
    assert healthy.stop() == 0
    (intent,) = stage.approve(1)
    stage.hush()
    stage.start("clock")
    assert stage.start("worker", SAYSO_CRASH_AT=Instant.ANSWER_RECEIVED).ended() == KILLED
    until(lambda: stage.states()[intent] == "in_doubt", 15, lambda: f"it is {stage.states()[intent]}")
    stage.start("worker")
    stage.execute(LOOK_NOW)
    until(lambda: stage.states()[intent] == "sent", 15, lambda: f"the look-up did not settle it, it is {stage.states()[intent]}")
    assert [(account_in(entry.path), entry.sender) for entry in stage.entries()] == [(SID, NUMBER)]
    reconcile(stage).insist(doubts=0)
