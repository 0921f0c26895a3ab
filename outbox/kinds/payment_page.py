"""Payment page: what kinds about a page of the payment provider share; it reaches nobody and takes nothing by itself, so it needs no approval."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import Content, Medium, OneLine, OnUnknown


class PaymentPage(Content):
    """Asked for twice under one key it is one."""

    channel: ClassVar[Medium] = "payments"
    gated: ClassVar[bool] = False
    on_unknown: ClassVar[OnUnknown] = "repeat"
    priority: ClassVar[int] = 20


class InvoicePage(PaymentPage):
    """About one invoice."""

    invoice: str = Field(pattern=r"^inv_[0-9a-f]{32}$", description="The invoice's id.")
    workspace: str = Field(description="Whose it is, as its id.")
    number: OneLine = Field(description="The invoice's number, as the customer reads it.")

    @property
    @override
    def recipient(self) -> str:
        """The invoice: nobody is written to."""
        return self.invoice


class PlanPage(PaymentPage):
    """About a business's own plan."""

    workspace: str = Field(pattern=r"^org_[0-9a-f]{32}$", description="Whose plan it is, as its id.")

    @property
    @override
    def recipient(self) -> str:
        """The business itself."""
        return self.workspace
