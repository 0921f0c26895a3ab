"""The tools about the plan: what it holds, whether something would go, and what else there is."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from crm.access.keys import SCOPES
from crm.plans.gate import Usage, plan_in, renews, usages
from crm.plans.table import CALLS, PLANS, QUOTAS, UNCOUNTED, Plan
from crm.plans.upgrading import BACK, NothingPaid, Wish, judge, prepare, standing
from kernel.arguments import plain
from kernel.call import Call
from kernel.errors import Conflict, NotFound
from kernel.keys import show
from kernel.operation import Answer, Asked, Effect, NoArguments, find, operation
from outbox.events import Actor, note
from outbox.sends import IntentId

LONGEST_CODE = 80
PLENTY = 1_000_000
NEEDLESS = "Nothing to do: this plan has no limits."
OWED = "The last payment failed: an owner settles it in the portal under Settings, Plan, or the plan ends."
ASK_OWNER = "An owner chooses another plan; list_plan_options shows them."


class QuotaShown(Answer):
    """A quota, and how far it is used."""

    code: str = Field(description="What quotaCode takes.")
    name: str
    limit: int | None = Field(description="null: none.")
    used: int = Field(description="Now, or this month.")
    left: int | None = Field(description="null: no limit.")
    renews_at: datetime | None = Field(None, description="When it begins anew.")


class PlanStatus(Answer):
    """The plan and what is used of it."""

    plan: str = Field(description="Its code.")
    name: str
    modules: list[str] = Field(description="What moduleCode takes, as far as the plan holds it.")
    quotas: list[QuotaShown] = Field(description="Each, used and left.")
    paid: str | None = Field(None, description="How paying for it stands: active, trialing, past_due, unpaid or paused.")
    next_step: str


@operation("workspace", Effect.READ)
def get_plan_status(call: Call, asked: NoArguments) -> PlanStatus:  # noqa: ARG001 - every operation takes both
    """Show the plan of this company, its modules, and how much of each quota is used and left."""
    plan = plan_in(call)
    shown = [_quota(usage, call.moment) for usage in usages(call, plan)]
    paid = standing(call.session, call.workspace)
    says = OWED if paid and paid["state"] in ("past_due", "unpaid") else ASK_OWNER if plan.limits else NEEDLESS
    return PlanStatus(plan=plan.code, name=plan.name, modules=_modules(plan), quotas=shown, paid=paid["state"] if paid else None, next_step=says)


class CheckPlanOperation(Asked):
    """What somebody is about to do."""

    tool_name: str | None = Field(None, max_length=LONGEST_CODE, description="A tool that is to be called.")
    module_code: str | None = Field(None, max_length=LONGEST_CODE, description="A module, from get_plan_status.")
    quota_code: str | None = Field(None, max_length=LONGEST_CODE, description="A quota, from get_plan_status.")
    delta: int = Field(1, ge=1, le=PLENTY, description="How many more.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.tool_name or self.module_code or self.quota_code):
            msg = "give toolName, moduleCode or quotaCode"
            raise ValueError(msg)
        return self


class UpgradeAction(Answer):
    """What would help."""

    tool: str = Field(description="Call it.")
    next_step: str


class Checked(Answer):
    """Whether it would go now; the call itself is judged again."""

    allowed: bool = Field(description="Whether the plan allows it now.")
    reason: str | None = Field(None, description="plan_module_missing or plan_quota_reached, and which.")
    upgrade_action: UpgradeAction | None = Field(None, description="When it is not allowed.")


@operation("workspace", Effect.READ, example={"toolName": "create_booking"})
def check_plan_operation(call: Call, asked: CheckPlanOperation) -> Checked:
    """Say beforehand whether the plan allows a tool, a module, or so many more of a quota."""
    plan, named = plan_in(call), find(asked.tool_name) if asked.tool_name else None
    if asked.tool_name and named is None:
        raise _unknown("tool", asked.tool_name, "Find one with query_platform.")
    modules = {named.scope} if named and named.name not in UNCOUNTED else set()
    modules |= {_known("module", asked.module_code, SCOPES)} if asked.module_code else set()
    quotas = {quota.code for quota in QUOTAS if named and (named.name in quota.adds or (quota is CALLS and named.name not in UNCOUNTED))}
    quotas |= {_known("quota", asked.quota_code, tuple(quota.code for quota in QUOTAS))} if asked.quota_code else set()
    lacking = sorted(modules - set(_modules(plan)))
    over = [usage.quota.code for usage in usages(call, plan) if usage.quota.code in quotas and usage.left is not None and usage.left < asked.delta]
    reasons = [*(f"plan_module_missing: {code}" for code in lacking), *(f"plan_quota_reached: {code}" for code in over)]
    if not reasons:
        return Checked(allowed=True)
    return Checked(allowed=False, reason="; ".join(reasons), upgrade_action=UpgradeAction(tool="list_plan_options", next_step=ASK_OWNER))


class PlanOption(Answer):
    """A plan."""

    plan_code: str = Field(description="What planCode takes.")
    name: str
    description: str = Field(description="For whom it is.")
    is_current: bool = Field(description="Whether it is yours.")
    price: str | None = Field(description="A month's, decimal; null: nothing is charged.")
    limits: dict[str, int] = Field(description="By quota; what is not named has none.")
    modules: list[str] = Field(description="What it holds.")


class PlanOptions(Answer):
    """Every plan."""

    items: list[PlanOption]
    next_cursor: str | None = None


@operation("workspace", Effect.READ)
def list_plan_options(call: Call, asked: NoArguments) -> PlanOptions:  # noqa: ARG001 - every operation takes both
    """List the plans with their limits, modules and prices."""
    mine = plan_in(call)
    return PlanOptions(items=[_option(plan, is_current=plan is mine) for plan in PLANS.values()])


class ConfirmationNeeded(Conflict):
    """Nothing was done, because nobody confirmed it."""

    code = "confirmation_needed"
    next_step = "Ask an owner. If the answer is yes, call again with confirm: true; even then nothing is charged before an owner pays."


class ReturnsElsewhere(Conflict):
    """Whoever paid is led back to this server, and nowhere else."""

    code = "return_url_elsewhere"
    next_step = "Leave returnUrl out, or give an address of this server."


class CreatePlanUpgradeLink(Asked):
    """To which plan, and how it is paid."""

    plan_code: str = Field(max_length=LONGEST_CODE, description="From list_plan_options.")
    billing_cycle: Literal["monthly", "yearly"] = Field("monthly", description="How often it is paid.")
    return_url: str | None = Field(None, max_length=2000, description="Where the payment page leads afterwards; an address of this server.")
    confirm: bool = Field(default=False, description="true once an owner said yes.")


class UpgradeLink(Answer):
    """Where an owner pays."""

    url: str = Field(description="For an owner, who signs in there; it charges nothing by itself.")
    intent_id: IntentId | None = Field(None, description="The page at the provider, which is being made ready; ask get_send_status.")
    next_step: str


@operation("workspace", Effect.SET, example={"planCode": "pro", "billingCycle": "monthly", "confirm": True})
def create_plan_upgrade_link(call: Call, asked: CreatePlanUpgradeLink) -> UpgradeLink:
    """Make a page where an owner pays for another plan. Without confirm: true nothing is done, and the refusal says what would be."""
    wish = Wish(PLANS[_known("plan", asked.plan_code, tuple(PLANS))], asked.billing_cycle)
    judge(call, wish)
    if asked.return_url and not asked.return_url.startswith(f"{call.settings.base_url}/"):
        raise ReturnsElsewhere
    if not asked.confirm:
        raise ConfirmationNeeded(f"This would make a page where an owner pays for {wish.words}. Nothing was done.", plan=wish.plan.code)
    intent = prepare(call, wish)
    note(call.session, Actor.of(call), "plan.page_made", show("int", intent), plan=wish.plan.code, cycle=wish.cycle)
    return UpgradeLink(url=f"{call.settings.base_url}{BACK}", intent_id=intent, next_step=f"Give an owner the address: there they pay for {wish.words}.")


class CreateBillingPortalLink(Asked):
    """Whether an owner asked for it."""

    confirm: bool = Field(default=False, description="true once an owner said yes.")


@operation("workspace", Effect.SET, example={"confirm": True})
def create_billing_portal_link(call: Call, asked: CreateBillingPortalLink) -> UpgradeLink:
    """Say where an owner sees, changes or ends what is paid for the plan. Without confirm: true it is refused."""
    if standing(call.session, call.workspace) is None:
        raise NothingPaid
    if not asked.confirm:
        raise ConfirmationNeeded("This would give the address where an owner sees and ends what is paid for the plan. Nothing was done.")
    return UpgradeLink(url=f"{call.settings.base_url}{BACK}", next_step="Give an owner the address; they sign in and open the billing page there.")


def _quota(usage: Usage, moment: datetime) -> QuotaShown:
    quota = usage.quota
    return QuotaShown(code=quota.code, name=quota.name, limit=usage.limit, used=usage.used, left=usage.left, renews_at=renews(quota.window, moment))


def _modules(plan: Plan) -> list[str]:
    return sorted(SCOPES if plan.modules is None else plan.modules)


def _option(plan: Plan, *, is_current: bool) -> PlanOption:
    told: dict[str, Any] = {"plan_code": plan.code, "name": plan.name, "description": plan.says, "price": plan.price}
    return PlanOption(**told, is_current=is_current, limits=dict(plan.limits), modules=_modules(plan))


def _known(what: str, code: str, known: tuple[str, ...]) -> str:
    if code not in known:
        raise _unknown(what, code, f"There are: {', '.join(known)}.")
    return code


def _unknown(what: str, code: str, next_step: str) -> NotFound:
    return NotFound(f"There is no {what} '{plain(code)}'.", next_step=next_step)
