"""Payment link: a page of the payment provider on which one invoice can be paid; by itself it reaches nobody, so it needs no approval."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import Content, Medium, OneLine, OnUnknown, Part, Preview, kind

MOST_MINOR = 99_999_999_999
INVOICE = r"^inv_[0-9a-f]{32}$"


@kind
class PaymentLink(Content):
    """A page to pay on; asked for twice under one key it is one page."""

    kind: ClassVar[str] = "payment_link"
    channel: ClassVar[Medium] = "payments"
    gated: ClassVar[bool] = False
    on_unknown: ClassVar[OnUnknown] = "repeat"
    priority: ClassVar[int] = 20

    invoice: str = Field(pattern=INVOICE, description="The invoice's id.")
    workspace: str = Field(description="Whose it is, as its id.")
    number: OneLine = Field(description="The invoice's number, as the customer reads it.")
    business: OneLine = Field(description="Who is paid.")
    amount_minor: int = Field(gt=0, le=MOST_MINOR, description="In minor units.")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217.")
    back: str = Field(description="Where the customer comes back to.")

    @property
    @override
    def recipient(self) -> str:
        """The invoice: nobody is written to."""
        return self.invoice

    @override
    def preview(self, sender: str) -> Preview:
        """What is to be paid."""
        return Preview(channel="payments", sender=sender, recipient=self.invoice, parts=[Part(label="Pays", text=f"{self.number} of {self.business}")])


@kind
class PretendPayment(PaymentLink):
    """The sandbox's customer presses its button: a payment without money."""

    kind: ClassVar[str] = "pretend_payment"
