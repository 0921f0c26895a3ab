"""The gate of the plans: before an agent's operation its module, around it what the business has, in the operation's own transaction.

A quota is counted from the rows before and after, so no operation can be forgotten. Writers of one limited business
stand in line meanwhile: of many at the last unit exactly one gets it. A business without limits pays one read.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from crm.plans.table import CALLS, QUOTAS, UNCOUNTED, Plan, Quota, Window, plan_of
from crm.plans.tables import PlanUse
from kernel.call import Call
from kernel.db import raw, stand_in_line
from kernel.errors import Forbidden
from kernel.operation import Effect, Operation

UPGRADE = {"tool": "list_plan_options"}
PLAN = text("SELECT plan FROM workspace WHERE id = :workspace")
COUNT = text(f"SELECT {', '.join(f'coalesce(({quota.counted}), 0)' for quota in QUOTAS)}")


class PlanModuleMissing(Forbidden):
    """Your plan does not hold this."""

    code = "plan_module_missing"
    next_step = "See the plans that do with list_plan_options, and ask an owner."


class PlanQuotaReached(Forbidden):
    """Your plan's limit is reached."""

    code = "plan_quota_reached"
    next_step = "Nothing was done. See the other plans with list_plan_options, and ask an owner."


@dataclass(frozen=True, slots=True)
class Usage:
    """A quota, its limit and what is used of it."""

    quota: Quota
    limit: int | None
    used: int

    @property
    def left(self) -> int | None:
        """How much is left; None: no limit."""
        return None if self.limit is None else max(self.limit - self.used, 0)


def month_of(moment: datetime) -> date:
    """The first day of its month."""
    return moment.astimezone(UTC).date().replace(day=1)


def renews(window: Window, moment: datetime) -> datetime | None:
    """When a quota begins anew; None: never."""
    if window == "total":
        return None
    first = month_of(moment)
    return datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)


def plan_in(call: Call) -> Plan:
    """The plan of the business that calls."""
    return plan_of(call.session.connection().execute(PLAN, {"workspace": call.workspace}).scalar_one())


def usages(call: Call, plan: Plan) -> list[Usage]:
    """Every quota, and what there is of it at this moment."""
    row = call.session.execute(COUNT, {"workspace": call.workspace, "month": month_of(call.moment)}).one()
    return [Usage(quota, plan.limits.get(quota.code), int(used)) for quota, used in zip(QUOTAS, row, strict=True)]


@contextmanager
def metered(call: Call, operation: Operation) -> Iterator[None]:
    """Run an agent's operation within its plan. Raises PlanModuleMissing, PlanQuotaReached."""
    if call.caller.kind != "agent":
        yield
        return
    plan = plan_in(call)
    if plan.modules is not None and operation.scope not in plan.modules and operation.name not in UNCOUNTED:
        raise PlanModuleMissing(f"The plan {plan.name} does not hold {operation.scope}.", module=operation.scope, plan=plan.code, upgradeAction=UPGRADE)
    if not plan.limits:
        yield
        return
    with _within(call, plan, operation):
        yield
    if operation.name not in UNCOUNTED:
        _take_call(call, plan)


@contextmanager
def _within(call: Call, plan: Plan, operation: Operation) -> Iterator[None]:
    if operation.effect is not Effect.READ:
        stand_in_line(raw(call.session), str(call.workspace))
    before = usages(call, plan)
    spent = next(usage for usage in before if usage.quota is CALLS)
    if spent.left == 0 and operation.name not in UNCOUNTED:
        raise reached(call, plan, spent)
    yield
    if operation.effect is Effect.READ:
        return
    call.session.flush()
    for old, new in zip(before, usages(call, plan), strict=True):
        if new.limit is not None and new.used > max(new.limit, old.used):
            raise reached(call, plan, old)


def _take_call(call: Call, plan: Plan) -> None:
    """Count one call at the very end, so that callers stand in line for no longer than a commit."""
    most = plan.limits.get(CALLS.code)
    if most is None:
        return
    first = insert(PlanUse).values(workspace_id=call.workspace, quota=CALLS.code, month=month_of(call.moment), used=1)
    once_a_month = ["workspace_id", "quota", "month"]
    taken = first.on_conflict_do_update(index_elements=once_a_month, set_={"used": PlanUse.used + 1}, where=PlanUse.used < most).returning(PlanUse.used)
    if most < 1 or call.session.scalar(taken) is None:
        raise reached(call, plan, Usage(CALLS, most, most))


def reached(call: Call, plan: Plan, usage: Usage) -> PlanQuotaReached:
    """The refusal, with what would help."""
    again = renews(usage.quota.window, call.moment)
    told: dict[str, Any] = {"quota": usage.quota.code, "limit": usage.limit, "used": usage.used, "plan": plan.code, "upgradeAction": UPGRADE}
    words = f"The plan {plan.name} ends at {usage.limit} {usage.quota.name.lower()}{' a month' if again else ''}."
    return PlanQuotaReached(words, **told, **({"renewsAt": again.isoformat()} if again else {}))
