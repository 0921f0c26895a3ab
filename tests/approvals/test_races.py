"""Deciding, cancelling, withdrawing and expiring at once: one wins, the others are told, and nobody waits for a deadlock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from approvals.requests import Pending
from kernel.errors import SaysoError
from tests.factories import Bench, Desk
from workers.clock import expire_approvals

ROUNDS = 40


def told(deed: Callable[[], object]) -> str:
    try:
        deed()
    except SaysoError as refused:
        return refused.code
    return "done"


def at_once(*deeds: Callable[[], object]) -> list[str]:
    with ThreadPoolExecutor(len(deeds)) as crowd:
        return [answer.result() for answer in [crowd.submit(told, deed) for deed in deeds]]


def deeds(desk: Desk, bench: Bench, pending: Pending) -> dict[str, Callable[[], object]]:
    wire, intent = f"apr_{pending.approval_id.hex}", f"int_{pending.intent_ids[0].hex}"
    return {
        "approve": lambda: desk.decide(pending),
        "reject": lambda: desk.decide(pending, "rejected"),
        "cancel": lambda: desk.run("cancel_scheduled_send", intentId=intent),
        "withdraw": lambda: desk.run("withdraw_send_request", approvalId=wire),
        "expire": lambda: expire_approvals(bench.database),
        "drain": bench.drain,
    }


@pytest.mark.parametrize(
    "rivals",
    [("approve", "cancel"), ("approve", "reject"), ("approve", "withdraw"), ("cancel", "withdraw"), ("approve", "cancel", "reject", "expire", "drain")],
)
def test_rivals_leave_one_story_and_no_deadlock(desk: Desk, bench: Bench, rivals: tuple[str, ...]) -> None:
    stories: Counter[str] = Counter()
    for number in range(ROUNDS):
        pending = desk.ask(f"Round {number}")
        wanted = deeds(desk, bench, pending)
        answers = at_once(*(wanted[name] for name in rivals))
        assert set(answers) <= {"done", "already_decided", "already_left", "not_pending"}, answers
        bench.drain()
        send = desk.send(pending)
        left = sum(dispatch.content.body == f"Round {number}" for dispatch in bench.memory.ledger)
        assert left == (send.state == "sent"), send.state
        stories[send.state] += 1
    assert set(stories) <= {"sent", "cancelled", "rejected"}
    assert sum(stories.values()) == ROUNDS
