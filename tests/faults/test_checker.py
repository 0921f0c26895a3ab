"""The negative controls: each defence is switched off in turn, and the checker says what that let happen."""

from __future__ import annotations

import re
import urllib.request

import pytest

from outbox.references import reference_to
from tests.faults.checker import reconcile
from tests.fixtures.nursery import KILLED
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import until


def _broken(stage: Stage) -> str:
    return "\n".join(reconcile(stage).broken)


def test_duplicates_are_caught_when_ended_leases_are_handed_out_again(stage: Stage) -> None:
    intents = stage.approve(4)
    stage.hush()
    stage.start("clock", TEST_DEFECT="leases are handed out again")
    assert stage.start("worker", SAYSO_CRASH_AT="answer_received").ended() == KILLED
    stage.start("worker")
    until(lambda: {stage.states()[intent] for intent in intents} == {"sent"}, 15, "they were not all sent")
    found = reconcile(stage)
    assert found.duplicates >= 1
    assert re.search(r"taken 2 times", "\n".join(found.broken))


def test_duplicates_are_caught_when_doubts_are_retried(stage: Stage) -> None:
    stage.approve(4)
    stage.hush()
    stage.stub.tell("accept_then_500", "accept_then_reset")
    stage.start("clock")
    stage.start("worker", TEST_DEFECT="doubts are retried")
    stage.settle()
    assert reconcile(stage).duplicates == 2


def test_a_loss_is_caught_when_an_approved_message_never_leaves(stage: Stage) -> None:
    stage.approve(1)
    stage.hush()
    assert re.search(r"approved, yet it is ready", _broken(stage))


def test_a_claim_of_success_is_caught_when_no_provider_took_it(stage: Stage) -> None:
    stage.approve(1)
    stage.hush()
    stage.execute("UPDATE delivery SET state = 'sent' WHERE state = 'ready'")
    assert re.search(r"is sent, yet no provider took it", _broken(stage))


def _dial(stage: Stage, reference: str, body: str) -> None:
    """A request that no worker made."""
    form = f"To=%2B447400123001&From=%2B15005550006&Body={body}&StatusCallback=http%3A%2F%2Fx%2F%3Fref%3D{reference}"
    with urllib.request.urlopen(f"{stage.stub.url}/2010-04-01/Accounts/AC/Messages.json", form.encode()):
        pass


@pytest.mark.parametrize(
    ("fate", "said"), [("held", "dialled without permission"), ("cancelled", "took it, yet it is cancelled"), ("sent", "not what was approved")]
)
def test_a_request_is_caught_when_it_should_not_have_been_made(stage: Stage, fate: str, said: str) -> None:
    pending = stage.ask(1)
    intent = pending.intent_ids[0]
    if fate != "held":
        stage.desk.decide(pending)
        stage.execute("UPDATE delivery SET state = :fate, attempt = 1 WHERE intent_id = :intent", fate=fate, intent=intent)
    _dial(stage, reference_to(stage.settings.secrets, intent, 1), "Altered.")
    stage.hush()
    assert re.search(said, _broken(stage))


def test_a_request_is_caught_when_it_proves_no_intent(stage: Stage) -> None:
    _dial(stage, "forged.1", "Anything.")
    assert re.search(r"no intent of ours explains", _broken(stage))


def test_a_decision_is_caught_when_the_audit_lacks_it(stage: Stage) -> None:
    stage.approve(1)
    stage.hush()
    stage.execute("DELETE FROM audit WHERE action = 'approval.approved'")
    assert re.search(r"is in the audit 0 times", _broken(stage))
