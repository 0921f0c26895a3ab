"""Plans hold: each quota ends exactly at its limit however many call at once, a module that is missing is refused, and no limit costs next to nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import quantiles
from time import thread_time
from typing import Any

import pytest
from sqlalchemy import text

from crm.access.keys import SCOPES
from crm.plans import gate, table
from crm.plans.table import FREE, PLANS, QUOTAS, UNCOUNTED
from kernel import clock
from kernel.call import Call, Caller
from kernel.db import Database
from kernel.errors import SaysoError
from kernel.operation import Operation
from surfaces import invoke as surface
from surfaces.door import Door
from surfaces.invoke import Done, invoke, look_again
from tests.factories import Desk
from tests.house.declared import OPERATIONS

MAY = datetime(2026, 5, 18, 8, tzinfo=UTC)
MANY = 20


@pytest.fixture(autouse=True)
def _in_may() -> Iterator[None]:
    clock.skew(MAY - clock.now())
    yield
    clock.skew(timedelta(0))


def call(desk: Desk, tool: str, /, **arguments: Any) -> Done:
    """A call as an agent's, by the one way in."""
    agent = Caller("agent", desk.founded.key.id, "first agent", frozenset(SCOPES))
    return invoke(Door(desk.settings, desk.database), agent, desk.founded.workspace, tool, arguments)


def code_of(desk: Desk, tool: str, /, **arguments: Any) -> str:
    """How it ends: `done`, or the code of the refusal."""
    try:
        call(desk, tool, **arguments)
    except SaysoError as refused:
        return refused.code
    return "done"


@pytest.fixture
def limit(owner_db: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put the workspace on a free plan with these limits."""

    def put(modules: frozenset[str] | None = None, **limits: int) -> None:
        monkeypatch.setitem(PLANS, "free", replace(FREE, limits=limits, modules=modules))
        with owner_db.transaction() as session:
            session.execute(text("UPDATE workspace SET plan = 'free', zone = 'UTC', country = 'GB' WHERE id = :id"), {"id": desk.founded.workspace})

    return put


def customers(desk: Desk, first: int, last: int) -> Counter[str]:
    """As many at once as there are numbers, and how they end."""
    with ThreadPoolExecutor(MANY) as pool:
        return Counter(pool.map(lambda number: code_of(desk, "create_account", name=f"Guest {number}"), range(first, last)))


def test_twenty_at_the_last_unit_and_exactly_one_passes(desk: Desk, limit: Callable[..., None]) -> None:
    limit(customers=3)
    assert customers(desk, 0, 2) == {"done": 2}
    assert customers(desk, 2, 2 + MANY) == {"done": 1, "plan_quota_reached": MANY - 1}


def test_without_the_line_more_than_one_would_pass(desk: Desk, limit: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    limit(customers=3)
    assert customers(desk, 0, 2) == {"done": 2}
    monkeypatch.setattr(gate, "stand_in_line", lambda *_: None)
    slow = f"SELECT counted.* FROM ({gate.COUNT.text}) AS counted (customers, bookings, calls), pg_sleep(0.2)"
    monkeypatch.setattr(gate, "COUNT", text(slow))
    assert customers(desk, 2, 2 + MANY)["done"] > 1


def test_twenty_at_the_last_call_and_exactly_one_passes(desk: Desk, limit: Callable[..., None]) -> None:
    limit(tool_calls=1)
    with ThreadPoolExecutor(MANY) as pool:
        ended = Counter(pool.map(lambda _: code_of(desk, "list_services"), range(MANY)))
    assert ended == {"done": 1, "plan_quota_reached": MANY - 1}
    assert call(desk, "get_plan_status").structured["quotas"][2]["used"] == 1


def test_whichever_tool_adds_a_customer_is_held_to_the_limit(desk: Desk, limit: Callable[..., None]) -> None:
    limit(customers=1)
    service = call(desk, "create_service", name="Haircut", durationMinutes=60, price="49.00").structured["serviceId"]
    booked = {"serviceId": service, "customer": {"name": "Mia", "email": "mia@example.com"}}
    assert code_of(desk, "create_booking", **booked, start="2026-05-20T10:00:00Z") == "done"
    assert code_of(desk, "create_booking", **booked, start="2026-05-21T10:00:00Z") == "done"
    other = {"serviceId": service, "customer": {"name": "Ben", "email": "ben@example.com"}, "start": "2026-05-22T10:00:00Z"}
    assert code_of(desk, "create_booking", **other) == "plan_quota_reached"
    assert call(desk, "list_bookings").structured["total"] == 2


def test_bookings_are_counted_by_the_month(desk: Desk, limit: Callable[..., None], owner_db: Database) -> None:
    limit(bookings=1)
    service = call(desk, "create_service", name="Haircut", durationMinutes=60, price="49.00").structured["serviceId"]
    booked = {"serviceId": service, "customer": {"name": "Mia", "email": "mia@example.com"}}
    assert code_of(desk, "create_booking", **booked, start="2026-05-20T10:00:00Z") == "done"
    with owner_db.transaction() as session:
        session.execute(text("UPDATE booking SET created_at = '2026-05-02T10:00:00Z'"))
    assert code_of(desk, "create_booking", **booked, start="2026-05-21T10:00:00Z") == "plan_quota_reached"
    clock.skew(timedelta(0))
    clock.skew(datetime(2026, 6, 1, tzinfo=UTC) - clock.now())
    assert code_of(desk, "create_booking", **booked, start="2026-06-02T10:00:00Z") == "done"


def test_a_refusal_says_what_would_help(desk: Desk, limit: Callable[..., None]) -> None:
    limit(tool_calls=0)
    with pytest.raises(gate.PlanQuotaReached) as refused:
        call(desk, "list_services")
    told = refused.value.body()["details"]
    assert told == {
        "quota": "tool_calls",
        "limit": 0,
        "used": 0,
        "plan": "free",
        "upgradeAction": {"tool": "list_plan_options"},
        "renewsAt": "2026-06-01T00:00:00+00:00",
    }


def test_whoever_is_over_the_limit_may_still_change_and_take_away(desk: Desk, limit: Callable[..., None]) -> None:
    mia = call(desk, "create_account", name="Mia").structured["accountId"]
    call(desk, "create_account", name="Ben")
    limit(customers=1)
    assert code_of(desk, "get_member_profile", accountId=mia) == "done"
    assert code_of(desk, "create_service", name="Haircut", durationMinutes=60, price="49.00") == "done"
    assert code_of(desk, "create_account", name="Eve") == "plan_quota_reached"


def test_module_that_the_plan_lacks_is_refused_and_the_way_out_is_not(desk: Desk, limit: Callable[..., None]) -> None:
    limit(modules=frozenset({"contacts"}))
    assert code_of(desk, "create_account", name="Mia") == "done"
    assert code_of(desk, "list_services") == "plan_module_missing"
    assert code_of(desk, "get_plan_status") == "done"
    checked = call(desk, "check_plan_operation", toolName="create_booking", moduleCode="contacts").structured
    assert (checked["allowed"], checked["reason"], checked["upgradeAction"]["tool"]) == (False, "plan_module_missing: bookings", "list_plan_options")


def test_asking_beforehand_agrees_with_the_gate(desk: Desk, limit: Callable[..., None]) -> None:
    limit(customers=1, tool_calls=50)
    assert call(desk, "check_plan_operation", toolName="create_account").structured["allowed"] is True
    assert call(desk, "check_plan_operation", quotaCode="customers", delta=2).structured["reason"] == "plan_quota_reached: customers"
    assert code_of(desk, "create_account", name="Mia") == "done"
    assert call(desk, "check_plan_operation", toolName="create_account").structured["allowed"] is False
    assert code_of(desk, "create_account", name="Ben") == "plan_quota_reached"
    for wrong in ({"toolName": "fly"}, {"moduleCode": "flying"}, {"quotaCode": "wings"}):
        assert code_of(desk, "check_plan_operation", **wrong) == "not_found"
    assert code_of(desk, "check_plan_operation") == "invalid_arguments"


def test_no_call_left_still_lets_ask_and_stop(desk: Desk, limit: Callable[..., None]) -> None:
    limit(tool_calls=0)
    assert code_of(desk, "get_plan_status") == "done"
    assert code_of(desk, "list_plan_options") == "done"
    assert code_of(desk, "create_plan_upgrade_link", planCode="free") == "plan_not_for_sale"
    assert code_of(desk, "create_plan_upgrade_link", planCode="pro") == "confirmation_needed"
    assert code_of(desk, "create_billing_portal_link") == "nothing_paid"
    assert code_of(desk, "create_plan_upgrade_link", planCode="gold") == "not_found"
    assert code_of(desk, "cancel_scheduled_send", intentId="int_01990000000070008000000000000000") == "not_found"


def test_a_repeated_call_adds_nothing_and_waiting_is_one_call(desk: Desk, limit: Callable[..., None]) -> None:
    limit(customers=1)
    again = {"name": "Mia", "idempotencyKey": "mia-the-first"}
    assert (code_of(desk, "create_account", **again), code_of(desk, "create_account", **again)) == ("done", "done")
    before = call(desk, "get_plan_status").structured
    agent = Caller("agent", desk.founded.key.id, "first agent", frozenset(SCOPES))
    look_again(Door(desk.settings, desk.database), agent, desk.founded.workspace, "list_services", {})
    assert call(desk, "get_plan_status").structured == before


def test_plan_cannot_be_changed_by_what_serves_agents(desk: Desk) -> None:
    with pytest.raises(Exception, match="permission denied"), desk.database.transaction(workspace=desk.founded.workspace) as session:
        session.execute(text("UPDATE workspace SET plan = 'self_hosted'"))
    with pytest.raises(Exception, match="permission denied"), desk.database.transaction(workspace=desk.founded.workspace) as session:
        session.execute(text("DELETE FROM plan_use"))


def test_table_names_what_exists() -> None:
    assert {code for plan in PLANS.values() for code in plan.limits} <= {quota.code for quota in QUOTAS}
    assert {name for quota in QUOTAS for name in quota.adds} | UNCOUNTED <= set(OPERATIONS)
    assert all(plan.modules is None or plan.modules <= set(SCOPES) for plan in PLANS.values())
    assert table.plan_of("gone") is FREE


def test_unlimited_plan_costs_half_a_millisecond_at_most(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[float] = []

    @contextmanager
    def timed(asked: Call, operation: Operation) -> Iterator[None]:
        began = thread_time()
        with gate.metered(asked, operation):
            entered = thread_time()
            yield
            left = thread_time()
        spent.append(entered - began + thread_time() - left)

    monkeypatch.setattr(surface, "metered", timed)
    for _ in range(200):
        call(desk, "list_services")
    # Even CPU time grows while a neighbour empties the caches: the quickest quarter is what the work itself takes.
    quarter, middle, _ = (spent_s * 1000 for spent_s in quantiles(spent, n=4))
    print(f"{quarter:.3f} ms CPU a call in the gate ({middle:.3f} in the middle), {len(OPERATIONS)} tools")
    assert quarter < 0.5
