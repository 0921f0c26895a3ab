"""Page closing: a payment page that is not to be paid any more ends at the provider; it reaches nobody and takes nothing, so it needs no approval."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field
from typing_extensions import override

from outbox.content import Part, Preview, kind
from outbox.kinds.payment_page import InvoicePage


@kind
class PageClosing(InvoicePage):
    """The end of one page; one that has ended by itself, or was paid, is left as it is."""

    kind: ClassVar[str] = "page_closing"

    page: str = Field(pattern="^[A-Za-z0-9_-]{1,255}$", description="The page, as the provider calls it.")

    @override
    def preview(self, sender: str) -> Preview:
        """Whose page it is."""
        return Preview(channel="payments", sender=sender, recipient=self.invoice, parts=[Part(label="Closes", text=f"The page to pay {self.number} on")])
