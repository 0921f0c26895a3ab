"""The plans, what each holds, and how each quota is counted: data that the gate and the tools read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Window = Literal["month", "total"]


@dataclass(frozen=True, slots=True)
class Quota:
    """Something that a plan may bound; months begin on the first, in UTC."""

    code: str
    name: str
    window: Window
    counted: str
    """SQL that counts what there is of it now, from the rows themselves: nothing can drift."""
    adds: frozenset[str] = frozenset()
    """The tools that usually take one more; said when somebody asks beforehand. The gate counts, whichever tool it was."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a business may use; without modules all of them, and a quota without a limit is unlimited."""

    code: str
    name: str
    says: str
    modules: frozenset[str] | None = None
    """Scopes of operations; None: every one there is."""
    limits: Mapping[str, int] = field(default_factory=dict)
    price: str | None = None
    """A month's, as a decimal in PRICED_IN; None where nothing is charged."""
    price_of_year: str | None = None
    """A year's."""

    def price_for(self, cycle: str) -> str | None:
        """What is paid for each cycle; None: it is not for sale."""
        return self.price_of_year if cycle == "yearly" else self.price


CALLS = Quota("tool_calls", "Tool calls", "month", "SELECT used FROM plan_use WHERE workspace_id = :workspace AND quota = 'tool_calls' AND month = :month")
QUOTAS = (
    Quota(
        "customers",
        "Customers",
        "total",
        "SELECT count(*) FROM account WHERE workspace_id = :workspace AND erased_at IS NULL",
        frozenset({"create_account"}),
    ),
    Quota(
        "bookings",
        "Bookings made",
        "month",
        "SELECT count(*) FROM booking WHERE workspace_id = :workspace AND created_at >= :month",
        frozenset({"create_booking"}),
    ),
    CALLS,
)
SELF_HOSTED = Plan("self_hosted", "Self-hosted", "Everything, without limits.")
FREE = Plan("free", "Free", "Everything, for a small business.", limits={"customers": 100, "bookings": 200, "tool_calls": 1000})
PRO = Plan("pro", "Pro", "Everything, without limits.", price="29.00", price_of_year="290.00")
PLANS: dict[str, Plan] = {plan.code: plan for plan in (SELF_HOSTED, FREE, PRO)}
PRICED_IN = "USD"
UNCOUNTED = frozenset(
    {
        "get_plan_status",
        "check_plan_operation",
        "list_plan_options",
        "create_billing_portal_link",
        "create_plan_upgrade_link",
        "query_platform",
        "describe_tool",
        "report_agent_issue",
        "withdraw_send_request",
        "cancel_scheduled_send",
    },
)
"""Tools that neither count as calls nor end with them: finding out, asking for more, and stopping what shall not leave."""


def plan_of(code: str) -> Plan:
    """The plan with this code; one that nobody knows any more is held to the free one's limits."""
    return PLANS.get(code, FREE)
