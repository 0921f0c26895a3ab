"""A campaign of two hundred whose workers die in the middle: nobody twice, nobody lost, and each receipt says what the sandbox kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from approvals.halting import halt
from kernel.failpoints import Instant
from kernel.keys import show
from kernel.roles import Role
from outbox.references import attempt_of
from providers.sandbox import read
from tests.approvals.crowds import campaign, due, meet
from tests.faults.campaign import run
from tests.faults.conftest import Grounds
from tests.fixtures.nursery import KILLED
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import until

MANY = 200
SLOTS = 4
DEATHS = (20, 70, 120)
"""How many the sandbox has kept when a worker is killed."""
PACE = "INSERT INTO lane (id, rate, burst, tokens) VALUES ('sms:sandbox', 100, 8, 0) ON CONFLICT (id) DO UPDATE SET rate = 100, burst = 8, tokens = 0"
OPTED_OUT = "INSERT INTO suppression (workspace_id, channel, recipient, reason) VALUES (:workspace, 'sms', '+447400000200', 'STOP')"
STOOD = "SELECT i.id::text, d.state FROM intent i JOIN every_delivery d ON d.intent_id = i.id JOIN approval_item t ON t.intent_id = i.id"
TAKEN = {"sent", "delivered", "in_doubt"}


@pytest.fixture
def sandboxed(grounds: Grounds) -> Iterator[Stage]:
    """A stage whose messages the sandbox keeps, at a pace at which a worker can be killed in the middle."""
    with grounds.stage(SAYSO_SMS="sandbox", SAYSO_SLOTS=str(SLOTS)) as stage:
        stage.execute(PACE)
        yield stage


def kept(stage: Stage) -> list[Path]:
    """A file for each message."""
    return list((Path(stage.environment["SAYSO_DATA_DIR"]) / "sandbox" / "sms").glob("SB*.json"))


def written(stage: Stage) -> Counter[str]:
    """How often the sandbox kept each intent, as the signed references prove."""
    called = [attempt_of(stage.settings.secrets, message.reference) for message in read(Path(stage.environment["SAYSO_DATA_DIR"]))]
    assert all(called)
    return Counter(str(one[0]) for one in called if one)


def begun(stage: Stage, many: int = MANY) -> UUID:
    """An approved campaign to so many, whose time for an undo is over."""
    meet(stage.desk, stage.pools[Role.OWNER], many)
    pending = campaign(stage.desk)
    stage.desk.decide(pending)
    stage.hush()
    due(stage.pools[Role.OWNER])
    return pending.approval_id


def receipts(stage: Stage, approval: UUID) -> dict[str, int]:
    """How many stand in which state, as the agent and the page are told."""
    told: Any = stage.desk.run("get_send_status", approvalId=show("apr", approval))
    found: dict[str, int] = told.approval.bulk.states
    return found


@pytest.mark.parametrize("defect", ["", "leases are handed out again"], ids=["as it is", "were ended leases handed out again"])
def test_nobody_is_messaged_twice_or_forgotten_when_workers_die_in_the_middle(sandboxed: Stage, figures: dict[str, Any], defect: str) -> None:
    stage = sandboxed
    approval = begun(stage)
    stage.execute(OPTED_OUT, workspace=stage.desk.founded.workspace)
    stage.start("clock", TEST_DEFECT=defect)
    assert stage.start("worker", SAYSO_CRASH_AT=f"{Instant.ANSWER_RECEIVED}:10").ended() == KILLED
    for turn in DEATHS:
        victim = stage.start("worker")
        until(lambda turn=turn: len(kept(stage)) >= turn, 20, "it did not come so far")
        victim.kill()
    assert len(kept(stage)) < MANY - 1
    stage.start("worker")
    stage.settle(30)
    found, stood = written(stage), dict(map(tuple, stage.execute(STOOD)))
    twice = sum(many > 1 for many in found.values())
    if defect:
        assert twice
        return
    told = receipts(stage, approval)
    figures |= {"kept": len(found), "twice": twice, "in doubt": told.get("in_doubt", 0)}
    assert (twice, told) == (0, dict(Counter(stood.values())))
    assert (sum(told.values()), told["suppressed"], set(told) <= TAKEN | {"suppressed"}) == (MANY, 1, True)
    assert 1 <= told["in_doubt"] <= (len(DEATHS) + 1) * SLOTS
    assert {intent for intent, state in stood.items() if state in TAKEN - {"in_doubt"}} <= set(found) <= {i for i, state in stood.items() if state in TAKEN}


def test_a_stop_while_a_worker_dies_leaves_each_either_kept_or_cancelled(sandboxed: Stage) -> None:
    stage = sandboxed
    approval = begun(stage)
    stage.start("clock")
    victim = stage.start("worker")
    until(lambda: len(kept(stage)) >= 30, 20, "it did not come so far")
    with stage.desk.signed_in() as (session, owner):
        stopped = halt(session, owner, approval)
    victim.kill()
    stage.start("worker")
    stage.settle(30)
    told, found = receipts(stage, approval), written(stage)
    assert (told["cancelled"], max(found.values()), sum(told.values())) == (stopped, 1, MANY)
    assert MANY - stopped - SLOTS <= len(found) <= MANY - stopped


@pytest.mark.parametrize("defect", ["", "leases are handed out again"], ids=["as it is", "were ended leases handed out again"])
def test_the_soak_of_campaigns_finds_what_is_broken_and_nothing_else(stage: Stage, defect: str) -> None:
    found = run(stage, 80, 2, defect)
    assert any("twice" in words for words in found.broken) if defect else not found.broken, found.line()


@pytest.mark.parametrize(("told", "is_found"), [("accept_then_hang", False), ("accept_then_reset", True)])
def test_the_soak_tells_an_answer_that_came_late_from_a_call_that_broke(stage: Stage, told: str, *, is_found: bool) -> None:
    stage.stub.tell(told)
    found = run(stage, 20, 0)
    assert found.late_answers == 1
    assert [words.partition(":")[0] for words in found.broken] == ["a call is in doubt that had not had its time"] * is_found, found.line()
