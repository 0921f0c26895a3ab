"""Payment link: a page of the payment provider on which one invoice can be paid; by itself it reaches nobody, so it needs no approval."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import OneLine, Part, Preview, kind
from outbox.kinds.payment_page import InvoicePage

MOST_MINOR = 99_999_999_999


@kind
class PaymentLink(InvoicePage):
    """A page to pay on; asked for twice under one key it is one page."""

    kind: ClassVar[str] = "payment_link"

    business: OneLine = Field(description="Who is paid.")
    amount_minor: int = Field(gt=0, le=MOST_MINOR, description="In minor units.")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217.")
    back: str = Field(description="Where the customer comes back to.")

    @override
    def preview(self, sender: str) -> Preview:
        """What is to be paid."""
        return Preview(channel="payments", sender=sender, recipient=self.invoice, parts=[Part(label="Pays", text=f"{self.number} of {self.business}")])


@kind
class PretendPayment(PaymentLink):
    """The sandbox's customer presses its button: a payment without money."""

    kind: ClassVar[str] = "pretend_payment"
