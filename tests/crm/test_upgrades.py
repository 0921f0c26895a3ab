"""Paying for a plan: nothing without a yes, one page however often it is asked, never a second subscription; the owner pays, and the plan moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg.errors import CheckViolation
from pydantic import SecretStr
from starlette.testclient import TestClient

from approvals.inward import begin
from crm.plans.upgrading import BACK, page_of, standing
from kernel.call import Caller
from kernel.db import Database
from kernel.errors import SaysoError
from kernel.keys import show
from outbox.content import KINDS
from providers.sandbox import Sandbox
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.flows.test_money import House, Post
from tests.portal.guest import Guest, Reader, app_of, changed, joined
from workers.questions import Questions

PRO = {"planCode": "pro", "billingCycle": "monthly"}


@pytest.fixture
def house(desk: Desk, worker_db: Database, owner_db: Database) -> Iterator[House]:
    """A business on the free plan."""
    changed(owner_db, "UPDATE workspace SET plan = 'free'")
    with TestClient(app_of(desk), base_url=desk.settings.base_url, raise_server_exceptions=False, follow_redirects=False) as web:
        yield House(desk, web, Post(web), worker_db, owner_db)


def refused(desk: Desk, tool: str, **said: Any) -> SaysoError:
    with pytest.raises(SaysoError) as refusal:
        desk.run(tool, **said)
    return refusal.value


def at_work(house: House) -> None:
    """Dial, deliver each event twice, and ask what they hint at."""
    house.work_off()
    sandbox = Sandbox(house.desk.settings, house.post)  # type: ignore[arg-type]  # it posts as a transport does
    Questions(house.worker_db, {"sandbox": sandbox}).ask()
    assert rows(house.owner_db, "SELECT type, reason FROM inbox WHERE state <> 'done'") == []


def press(guest: Guest, deed: str) -> tuple[int, str]:
    answer = guest.http.post(BACK, data={**Reader(guest.http.get(BACK).text).fields, "deed": deed})
    return answer.status_code, answer.headers.get("location") or answer.text


def plan_of(house: House) -> str:
    return str(house.say("get_plan_status")["plan"])


def test_an_owner_pays_on_the_page_and_the_plan_moves_there_and_back(house: House) -> None:
    said = house.say("create_plan_upgrade_link", **PRO)
    assert (said["code"], "29.00 USD monthly" in said["message"], rows(house.owner_db, "SELECT 1 FROM intent")) == ("confirmation_needed", True, [])
    link = house.say("create_plan_upgrade_link", **PRO, confirm=True)
    assert link["url"] == f"{house.desk.settings.base_url}{BACK}"
    assert house.say("create_plan_upgrade_link", **PRO, confirm=True)["intentId"] == link["intentId"]
    at_work(house)
    guest = Guest(house.desk, house.web)
    guest.sign_in()
    assert "Pay (pretend)" in guest.http.get(BACK).text
    assert press(guest, "pretend-active") == (303, f"{BACK}?wait=pretend-active")
    assert Reader(guest.http.get(f"{BACK}?wait=pretend-active").text).refresh
    at_work(house)
    assert not Reader(guest.http.get(f"{BACK}?wait=pretend-active").text).refresh
    assert (plan_of(house), house.say("get_plan_status")["paid"]) == ("pro", "active")
    assert house.say("create_plan_upgrade_link", **PRO, confirm=True)["code"] == "upgrade_needless"
    assert house.say("create_billing_portal_link")["code"] == "confirmation_needed"
    assert house.say("create_billing_portal_link", confirm=True)["url"] == link["url"]
    for deed, plan, paid in (("pretend-past_due", "pro", "past_due"), ("pretend-canceled", "free", None)):
        press(guest, deed)
        at_work(house)
        status = house.say("get_plan_status")
        assert (status["plan"], status["paid"]) == (plan, paid)
    assert rows(house.owner_db, "SELECT state FROM subscription") == [("canceled",)]


def test_only_an_owner_presses_and_everybody_sees(house: House) -> None:
    manager = Guest(house.desk, house.web)
    manager.sign_in(joined(house.desk, house.owner_db, "Mara", "manager"))  # type: ignore[arg-type]  # a rank by its name
    page = manager.http.get(BACK)
    assert (page.status_code, "Free" in page.text, "deed" in page.text) == (200, True, False)
    status, _ = press(manager, "upgrade-monthly")
    assert (status, rows(house.owner_db, "SELECT 1 FROM intent")) == (403, [])


def test_a_second_subscription_is_refused_while_one_stands(house: House) -> None:
    workspace = house.desk.founded.workspace
    names = "id, workspace_id, provider, provider_ref, customer_ref, plan, state, asked"
    changed(house.owner_db, f"INSERT INTO subscription ({names}) VALUES (:w, :w, 'stripe', 'sub_9', 'cus_9', 'pro', 'unpaid', 1)", w=workspace)
    assert refused(house.desk, "create_plan_upgrade_link", **PRO, confirm=True).code == "subscription_stands"


def test_pages_are_not_made_without_end(house: House) -> None:
    cycles = ("monthly", "yearly") * 10
    for cycle in cycles:
        house.desk.run("create_plan_upgrade_link", planCode="pro", billingCycle=cycle, confirm=True)
    assert refused(house.desk, "create_plan_upgrade_link", **PRO, confirm=True).code == "plan_pages_too_many"


@pytest.mark.parametrize("where", ["https://evil.example/", "http://sayso.test.evil.example/", "javascript:alert(1)", "/portal"])
def test_whoever_paid_is_led_nowhere_else(house: House, where: str) -> None:
    assert refused(house.desk, "create_plan_upgrade_link", **PRO, confirm=True, returnUrl=where).code == "return_url_elsewhere"


def test_with_stripe_and_no_price_nothing_is_sold(house: House) -> None:
    stripe = house.desk.settings.model_copy(update={"payments": "stripe", "stripe_api_key": SecretStr("sk_test_x")})
    with_stripe = Desk(house.desk.database, stripe, house.desk.founded)
    assert refused(with_stripe, "create_plan_upgrade_link", **PRO, confirm=True).code == "upgrades_not_connected"
    priced = Desk(house.desk.database, stripe.model_copy(update={"stripe_plan_prices": "pro:monthly=price_1"}), house.desk.founded)
    assert refused(priced, "create_plan_upgrade_link", **PRO).code == "confirmation_needed"
    assert refused(priced, "create_plan_upgrade_link", planCode="pro", billingCycle="yearly").code == "upgrades_not_connected"


def attempt(desk: Desk, kind: str, **said: Any) -> None:
    """As whoever holds the web role would try it."""
    content = KINDS[kind](**{"workspace": show("org", desk.founded.workspace), "back": "http://sayso.test/"} | said)
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        begin(session, desk.settings, desk.founded.workspace, Caller("agent", None, "eve"), content)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("billing_portal", {"customer": "cus_of_another"}),
        ("plan_upgrade", {"plan": "pro", "cycle": "monthly", "customer": "cus_of_another"}),
        ("plan_upgrade", {"plan": "pro", "cycle": "monthly", "workspace": "org_" + "0" * 32}),
    ],
)
def test_nobody_opens_the_bills_of_another_or_pays_for_another(house: House, kind: str, said: dict[str, Any]) -> None:
    with pytest.raises(CheckViolation):
        attempt(house.desk, kind, **said)


def test_what_is_its_own_goes_without_a_say_so(house: House) -> None:
    attempt(house.desk, "plan_upgrade", plan="pro", cycle="monthly")
    with house.desk.database.transaction(workspace=house.desk.founded.workspace) as session:
        assert standing(session, house.desk.founded.workspace) is None
        assert page_of(session, house.desk.founded.workspace) is None
