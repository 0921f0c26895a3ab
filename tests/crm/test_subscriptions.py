"""What a business pays moves its plan: whatever the order, number and staleness of a subscription's events, it ends as Stripe has it."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import text

from crm.plans.subscriptions import GRACE, Seen, record
from kernel.clock import now
from kernel.db import Database
from kernel.keys import new_id, show
from outbox import handlers
from outbox.dispatch import Gone, ObjectEvent
from outbox.inbox import store
from providers.memory import Memory
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.portal.guest import changed
from workers.clock import end_grace
from workers.questions import Questions
from workers.receive import Receiver

Body = dict[str, Any]
LIFE = ("active", "past_due", "active", "canceled")
TYPES = {0: "created", len(LIFE) - 1: "deleted"}


class Stripe(Memory):
    """Has one subscription, which may move between any two questions."""

    def __init__(self, has: Body) -> None:
        super().__init__()
        self.has = has
        self.meanwhile: list[Callable[[], None]] = []

    def ask_about(self, event: ObjectEvent) -> ObjectEvent | Gone:
        """As it stands now; then something may happen."""
        answer = ObjectEvent(event.key, event.type, event.body | {"data": {"object": dict(self.has)}, "plan": "pro"}, event.provider)
        for happens in self.meanwhile[:1]:
            self.meanwhile.pop(0)
            happens()
        return answer


@pytest.fixture
def free(desk: Desk, owner_db: Database) -> Desk:
    """A business on the free plan."""
    changed(owner_db, "UPDATE workspace SET plan = 'free'")
    return desk


def subscription(desk: Desk, state: str = "active", **more: Any) -> Body:
    """As Stripe shapes one (docs.stripe.com/api/subscriptions/object), as far as we read it."""
    begun = int((now() - timedelta(days=1)).timestamp())
    items = {"object": "list", "data": [{"id": "si_1", "price": {"id": "price_1"}, "current_period_start": begun}]}
    metadata = {"sayso_workspace": show("org", desk.founded.workspace)}
    return {"id": "sub_1", "object": "subscription", "customer": "cus_1", "currency": "usd", "status": state, "items": items, "metadata": metadata} | more


def event(number: int, about: Body, kind: str = "customer.subscription.updated") -> ObjectEvent:
    return ObjectEvent(f"evt_{number}", kind, {"id": f"evt_{number}", "object": "event", "created": 1_780_000_000, "data": {"object": about}})


def life(desk: Desk) -> list[ObjectEvent]:
    """Its events with the snapshots of their moments, all within one second."""
    return [event(place, subscription(desk, state), f"customer.subscription.{TYPES.get(place, 'updated')}") for place, state in enumerate(LIFE)]


def arrive(desk: Desk, worker_db: Database, *events: ObjectEvent) -> None:
    with desk.database.transaction() as session:
        for one in events:
            store(session, "stripe", one)
    Receiver(desk.settings, worker_db).receive()


def stands(owner_db: Database) -> list[Any]:
    return rows(owner_db, "SELECT s.state, s.plan, w.plan FROM subscription s JOIN workspace w ON w.id = s.workspace_id")


def begin_anew(owner_db: Database) -> None:
    for statement in ("DELETE FROM inbox", "DELETE FROM subscription", "UPDATE workspace SET plan = 'free'"):
        changed(owner_db, statement)


def test_every_order_of_a_life_ends_as_stripe_has_it(free: Desk, owner_db: Database, worker_db: Database) -> None:
    """Events come in any order while the life goes on: each is asked for at a random moment of it, the last no earlier than its end."""
    told, seen = life(free), []
    for place, order in enumerate(permutations(told)):
        begin_anew(owner_db)
        chance = random.Random(place)
        stripe, moment = Stripe(subscription(free, LIFE[0])), 0
        for index, one in enumerate(order):
            moment = len(LIFE) - 1 if index == len(order) - 1 else max(moment, chance.randrange(len(LIFE)))
            stripe.has = subscription(free, LIFE[moment])
            arrive(free, worker_db, one)
            Questions(worker_db, {"stripe": stripe}).ask()
        seen.append(stands(owner_db))
    assert len(seen) == 24
    assert all(one == [("canceled", "pro", "free")] for one in seen)


def test_believed_snapshots_would_end_otherwise_in_another_order(free: Desk, owner_db: Database, worker_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events of one second cannot be told apart, so without asking the order of arrival would decide."""
    monkeypatch.setattr(handlers, "HINTS", frozenset())
    ends = set()
    for order in permutations(life(free)[:2]):
        begin_anew(owner_db)
        arrive(free, worker_db, *order)
        ends.add(stands(owner_db)[0][0])
    assert ends == {"active", "past_due"}


@pytest.mark.parametrize("seed", range(10))
def test_answers_that_come_in_any_order_end_as_the_latest_question_was_answered(free: Desk, owner_db: Database, worker_db: Database, seed: int) -> None:
    chance = random.Random(seed)
    states = ["active", "past_due", "unpaid", "paused", "trialing"]
    chance.shuffle(states)
    period = now() - timedelta(days=1)
    answers = [Seen("stripe", "sub_1", "cus_1", "pro", state, period, number) for number, state in enumerate(states, 1)]
    mixed = answers * 2
    chance.shuffle(mixed)
    for one in mixed:
        with worker_db.transaction() as session:
            record(session, free.founded.workspace, one)
    ((state, _, plan),) = stands(owner_db)
    assert state == states[-1]
    assert plan == ("pro" if state in ("active", "past_due", "trialing") else "free")


def test_an_end_stays_an_end_whatever_was_asked_later(free: Desk, owner_db: Database, worker_db: Database) -> None:
    for state, number in (("active", 2), ("canceled", 1), ("active", 3), ("past_due", 4)):
        with worker_db.transaction() as session:
            record(session, free.founded.workspace, Seen("stripe", "sub_1", "cus_1", "pro", state, now(), number))
    assert stands(owner_db) == [("canceled", "pro", "free")]


def test_a_late_answer_of_an_early_question_changes_nothing(free: Desk, owner_db: Database, worker_db: Database) -> None:
    """The subscription moves while the first question is on its way, and the second is asked and answered in between."""
    stripe = Stripe(subscription(free, "active"))
    other = Questions(worker_db, {"stripe": stripe})

    def meanwhile() -> None:
        stripe.has = subscription(free, "unpaid")
        arrive(free, worker_db, event(2, subscription(free, "unpaid")))
        other.ask()

    stripe.meanwhile = [meanwhile]
    arrive(free, worker_db, event(1, subscription(free, "active")))
    Questions(worker_db, {"stripe": stripe}).ask()
    assert stands(owner_db) == [("unpaid", "pro", "free")]
    assert rows(owner_db, "SELECT state FROM inbox") == [("done",), ("done",)]


@pytest.mark.parametrize(
    ("state", "plan"),
    [
        ("active", "pro"),
        ("trialing", "pro"),
        ("past_due", "pro"),
        ("unpaid", "free"),
        ("paused", "free"),
        ("incomplete", "free"),
        ("incomplete_expired", "free"),
        ("canceled", "free"),
    ],
)
def test_the_plan_follows_what_is_paid(free: Desk, owner_db: Database, worker_db: Database, state: str, plan: str) -> None:
    arrive(free, worker_db, event(1, subscription(free, state)))
    Questions(worker_db, {"stripe": Stripe(subscription(free, state))}).ask()
    assert stands(owner_db) == [(state, "pro", plan)]
    told = rows(owner_db, "SELECT data->>'plan', data->>'was' FROM event WHERE type = 'plan.changed'")
    assert told == ([("pro", "free")] if plan == "pro" else [])


def test_what_is_not_paid_for_too_long_ends_by_itself_and_comes_back_when_it_is_paid(free: Desk, owner_db: Database, worker_db: Database) -> None:
    def seen(state: str, number: int, ago: timedelta) -> None:
        with worker_db.transaction() as session:
            record(session, free.founded.workspace, Seen("stripe", "sub_1", "cus_1", "pro", state, now() - ago, number))

    seen("past_due", 1, GRACE - timedelta(hours=1))
    end_grace(worker_db)
    assert stands(owner_db) == [("past_due", "pro", "pro")]
    changed(owner_db, "UPDATE subscription SET period_from = period_from - interval '2 hours'")
    end_grace(worker_db)
    assert stands(owner_db) == [("past_due", "pro", "free")]
    end_grace(worker_db)
    assert rows(owner_db, "SELECT count(*) FROM audit WHERE action = 'plan.changed'") == [(2,)]
    seen("active", 2, GRACE)
    assert stands(owner_db) == [("active", "pro", "pro")]


def test_a_plan_without_limits_that_the_operator_gave_is_not_moved(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    with worker_db.transaction() as session:
        record(session, desk.founded.workspace, Seen("stripe", "sub_1", "cus_1", "pro", "canceled", now(), 1))
    assert stands(owner_db) == [("canceled", "pro", "self_hosted")]


def test_another_business_named_in_the_metadata_takes_no_subscription_over(free: Desk, owner_db: Database, worker_db: Database) -> None:
    other = new_id()
    changed(owner_db, "INSERT INTO workspace (id, name, plan) VALUES (:id, 'Elsewhere', 'free')", id=other)
    mine = subscription(free)
    theirs = {**mine, "metadata": {"sayso_workspace": show("org", other)}}
    for number, has in enumerate((mine, theirs)):
        arrive(free, worker_db, event(number, has))
        Questions(worker_db, {"stripe": Stripe(has)}).ask()
    assert rows(owner_db, "SELECT name, plan FROM workspace ORDER BY plan") == [("Elsewhere", "free"), (_name(free, owner_db), "pro")]


def _name(desk: Desk, owner_db: Database) -> str:
    with owner_db.transaction() as session:
        return str(session.scalar(text("SELECT name FROM workspace WHERE id = :id"), {"id": desk.founded.workspace}))


@pytest.mark.parametrize(
    "changed_to",
    [{"metadata": {}}, {"metadata": {"sayso_workspace": "org_" + "0" * 32}}, {"status": "odd"}, {"customer": None}, {"items": []}, {"object": "invoice"}],
)
def test_what_is_no_subscription_of_ours_is_ignored_with_a_reason(free: Desk, owner_db: Database, worker_db: Database, changed_to: Body) -> None:
    has = subscription(free) | changed_to
    has = {name: value for name, value in has.items() if value is not None}
    arrive(free, worker_db, event(1, has))
    Questions(worker_db, {"stripe": Stripe(has)}).ask()
    ((state, reason),) = rows(owner_db, "SELECT state, reason FROM inbox")
    assert (state, stands(owner_db)) == ("ignored", []) if changed_to != {"object": "invoice"} else state == "done"
    assert reason or state == "done"


def test_web_moves_no_plan_and_keeps_no_subscription(free: Desk) -> None:
    for statement in ("UPDATE workspace SET plan = 'pro'", "DELETE FROM subscription", "UPDATE subscription SET state = 'active'"):
        with pytest.raises(Exception, match="permission denied"), free.database.transaction(workspace=free.founded.workspace) as session:
            session.execute(text(statement))
