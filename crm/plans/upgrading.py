"""Moving to a plan that is paid for: the page at the provider, made ready once and used until it is old, and the visit to what is paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import dict_row
from sqlalchemy.orm import Session

from approvals.inward import begin
from crm.access.throttle import Limit, TooOften, count
from crm.invoices.paying import GOOD_FOR
from crm.plans.table import PLANS, PRICED_IN, Plan, plan_of
from crm.plans.tables import PlanPage
from kernel.call import Call
from kernel.clock import now
from kernel.db import raw, stand_in_line
from kernel.errors import Conflict, RateLimited
from kernel.keys import show
from kernel.settings import Settings
from kernel.tenancy import Workspace
from outbox.content import KINDS

Cycle = Literal["monthly", "yearly"]
Becomes = Literal["active", "past_due", "canceled"]
PAGES = Limit("plan page", 20, timedelta(hours=1))
VISIT_FOR = timedelta(minutes=3)
"""A visit to Stripe's billing page must begin within minutes."""
BACK = "/portal/settings/plan"
STANDING = """
SELECT provider, provider_ref, customer_ref, plan, state, period_from FROM subscription
WHERE workspace_id = %s AND state NOT IN ('canceled', 'incomplete', 'incomplete_expired') ORDER BY recorded_at DESC, id DESC LIMIT 1
"""
CUSTOMER = "SELECT customer_ref FROM subscription WHERE workspace_id = %s AND provider = %s ORDER BY recorded_at DESC, id DESC LIMIT 1"
PAGE = """
SELECT p.intent_id, p.plan, p.cycle, p.created_at, d.state, d.lane, url_of(p.intent_id) AS url
FROM plan_page p JOIN every_delivery d ON d.intent_id = p.intent_id
WHERE p.workspace_id = %s AND p.created_at > %s ORDER BY p.created_at DESC, p.intent_id DESC LIMIT 1
"""
VISIT = """
SELECT d.state, url_of(i.id) AS url FROM intent i JOIN every_delivery d ON d.intent_id = i.id
WHERE i.workspace_id = %s AND i.kind = 'billing_portal' AND i.created_at > %s ORDER BY i.created_at DESC, i.id DESC LIMIT 1
"""
ENDED = ("failed", "cancelled", "expired")


class PlanNotForSale(Conflict):
    """This plan is not paid for, so nobody moves to it by paying."""

    code = "plan_not_for_sale"
    next_step = "Choose one that has a price in list_plan_options. Ending what is paid leads back to the free plan."


class UpgradeNeedless(Conflict):
    """This company has that plan, or one without limits."""

    code = "upgrade_needless"
    next_step = "Nothing to do. get_plan_status shows the plan."


class SubscriptionStands(Conflict):
    """This company pays for a plan already: a second subscription would be paid besides."""

    code = "subscription_stands"
    next_step = "An owner changes it in the portal, under Settings, Plan."


class UpgradesNotConnected(Conflict):
    """Changing plans is not connected on this server: nothing can be charged yet."""

    code = "upgrades_not_connected"
    next_step = "Ask the operator of this server to set STRIPE_PLAN_PRICES."


class PagesTooMany(RateLimited):
    """Pages to pay on were asked for too often."""

    code = "plan_pages_too_many"
    next_step = "Use the one that is there: an owner finds it in the portal under Settings, Plan. Or wait an hour."
    keeps = True


class NothingPaid(Conflict):
    """This company pays for no plan, so there is nothing to manage."""

    code = "nothing_paid"
    next_step = "See what could be paid for with list_plan_options."


@dataclass(frozen=True, slots=True)
class Wish:
    """A plan, and how often it is paid."""

    plan: Plan
    cycle: Cycle

    @property
    def words(self) -> str:
        """As people read it."""
        return f"{self.plan.name} for {self.plan.price_for(self.cycle)} {PRICED_IN} {self.cycle}"


def standing(session: Session, workspace: UUID) -> dict[str, Any] | None:
    """What is paid for its plan, in force or owed; None: nothing."""
    return raw(session).cursor(row_factory=dict_row).execute(STANDING, (workspace,)).fetchone()


def page_of(session: Session, workspace: UUID) -> dict[str, Any] | None:
    """The newest page that can still be paid on, with its address once it is ready."""
    found = raw(session).cursor(row_factory=dict_row).execute(PAGE, (workspace, now() - GOOD_FOR)).fetchone()
    return None if found is None or found["state"] in ENDED else found


def visit_of(session: Session, workspace: UUID) -> dict[str, Any] | None:
    """The newest visit to the provider's billing page, while it is fresh."""
    return raw(session).cursor(row_factory=dict_row).execute(VISIT, (workspace, now() - VISIT_FOR)).fetchone()


def judge(call: Call, wish: Wish) -> None:
    """Raises what stands in the way of paying for it."""
    has = plan_of(call.session.get_one(Workspace, call.workspace).plan)
    if wish.plan.price_for(wish.cycle) is None:
        raise PlanNotForSale(plan=wish.plan.code)
    if has is wish.plan or (not has.limits and has.price is None):
        raise UpgradeNeedless(plan=has.code)
    if standing(call.session, call.workspace):
        raise SubscriptionStands
    if call.settings.payments == "stripe" and f"{wish.plan.code}:{wish.cycle}" not in dict(call.settings.plan_prices):
        raise UpgradesNotConnected(plan=has.code)


def prepare(call: Call, wish: Wish) -> UUID:
    """Have the provider make a page ready, unless there is a young one of the same; answers its intent. Raises what stands in the way."""
    stand_in_line(raw(call.session), f"plan {call.workspace}")
    judge(call, wish)
    young = page_of(call.session, call.workspace)
    if young and (young["plan"], young["cycle"]) == (wish.plan.code, wish.cycle):
        found: UUID = young["intent_id"]
        return found
    _count(call)
    known = raw(call.session).execute(CUSTOMER, (call.workspace, call.settings.payments)).fetchone()
    intent = _begin(call, "plan_upgrade", plan=wish.plan.code, cycle=wish.cycle, customer=known[0] if known else "")
    call.session.add(PlanPage(intent_id=intent, workspace_id=call.workspace, plan=wish.plan.code, cycle=wish.cycle, created_at=now()))
    call.session.flush()
    return intent


def visit(call: Call) -> UUID:
    """Have the provider open its billing page for this business. Raises NothingPaid."""
    paid = standing(call.session, call.workspace)
    if paid is None:
        raise NothingPaid
    _count(call)
    return _begin(call, "billing_portal", customer=paid["customer_ref"])


def pretend(call: Call, becomes: Becomes) -> UUID:
    """Have the sandbox pretend that the owner paid on the page, did not pay, or ended it. Raises NothingPaid."""
    if call.settings.payments != "sandbox":
        raise NothingPaid
    paid, page = standing(call.session, call.workspace), page_of(call.session, call.workspace)
    if paid is None and page and becomes == "active":
        wish = Wish(PLANS[page["plan"]], page["cycle"])
        judge(call, wish)
        return _begin(call, "pretend_subscription", plan=wish.plan.code, cycle=wish.cycle, becomes=becomes, subscription=f"sub_sandbox_{page['intent_id'].hex}")
    if paid is None or paid["provider"] != "sandbox":
        raise NothingPaid
    return _begin(call, "pretend_subscription", plan=paid["plan"], cycle="monthly", becomes=becomes, subscription=paid["provider_ref"])


def _count(call: Call) -> None:
    try:
        count(call.session, call.settings.secret, PAGES, call.workspace.hex)
    except TooOften:
        raise PagesTooMany from None


def _begin(call: Call, kind: str, **said: Any) -> UUID:
    named = {"workspace": show("org", call.workspace), "back": f"{call.settings.base_url}{BACK}"}
    return begin(call.session, call.settings, call.workspace, call.caller, KINDS[kind](**named, **said))


def is_for_sale(settings: Settings, plan: Plan) -> bool:
    """Whether it can be paid for here."""
    return plan.price is not None and (settings.payments == "sandbox" or any(named.partition(":")[0] == plan.code for named, _ in settings.plan_prices))
