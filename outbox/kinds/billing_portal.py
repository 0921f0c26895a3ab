"""Billing portal: the payment provider's page on which a business sees what it pays for its plan, and changes or ends it."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import OneLine, Part, Preview, kind
from outbox.kinds.payment_page import PlanPage


@kind
class BillingPortal(PlanPage):
    """A visit to that page; it lasts minutes, so one more harms nothing."""

    kind: ClassVar[str] = "billing_portal"

    customer: OneLine = Field(min_length=1, max_length=255, description="As the provider knows the business.")
    back: str = Field(description="Where the visit ends.")

    @override
    def preview(self, sender: str) -> Preview:
        """Whose it is."""
        return Preview(channel="payments", sender=sender, recipient=self.workspace, parts=[Part(label="Opens", text="What this business pays for its plan")])
