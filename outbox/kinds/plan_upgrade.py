"""Plan upgrade: a page of the payment provider on which a business pays for its own plan; by itself it reaches nobody and charges nothing."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from outbox.content import OneLine, Part, Preview, kind
from outbox.kinds.payment_page import PlanPage


@kind
class PlanUpgrade(PlanPage):
    """A page to pay a plan on; asked for twice under one key it is one page."""

    kind: ClassVar[str] = "plan_upgrade"

    plan: str = Field(pattern="^[a-z_]{1,40}$", description="The plan's code.")
    cycle: Literal["monthly", "yearly"] = Field(description="How often it is paid.")
    customer: OneLine = Field("", max_length=255, description="As the provider knows the business already; empty: not yet.")
    back: str = Field(description="Where whoever paid comes back to.")

    @override
    def preview(self, sender: str) -> Preview:
        """What is to be paid for."""
        return Preview(channel="payments", sender=sender, recipient=self.workspace, parts=[Part(label="Pays for", text=f"{self.plan}, {self.cycle}")])


@kind
class PretendSubscription(PlanUpgrade):
    """The sandbox's owner pays, does not pay, or ends it: a subscription without money."""

    kind: ClassVar[str] = "pretend_subscription"

    subscription: str = Field(pattern="^sub_sandbox_[0-9a-f]{32}$", description="Which one.")
    becomes: Literal["active", "past_due", "canceled"] = Field(description="What it is from now on.")
