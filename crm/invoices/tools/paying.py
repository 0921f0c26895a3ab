"""The tool that makes an invoice payable."""

from __future__ import annotations

from typing import Literal, Self
from uuid import UUID

from pydantic import Field
from typing_extensions import override

from crm.invoices.paying import give_link, payable, prepare
from crm.invoices.shapes import InvoiceId, locked
from crm.invoices.tools.writing import EXAMPLE, WHICH
from kernel.call import Call
from kernel.keys import show
from kernel.money import as_decimal
from kernel.operation import LONGEST_WAIT, Answer, AskedOnce, Effect, operation
from outbox import sends
from outbox.events import Actor, happened, note
from outbox.sends import IntentId

Page = Literal["preparing", "ready", "refused"]
SEND = "Send the address to the customer with send_message, which a person approves. get_invoice tells when it is paid."
DO_NOT = "The provider makes no page for it; get_send_status says why. Do not send the address."
NEXT: dict[Page, str] = {"preparing": SEND, "ready": SEND, "refused": DO_NOT}
READY, REFUSED = frozenset({"sent", "delivered"}), frozenset({"failed", "cancelled", "expired", "undelivered"})


class CreatePaymentLink(AskedOnce):
    """Which invoice."""

    invoice_id: InvoiceId = Field(description=WHICH)
    wait_seconds: int = Field(0, ge=0, le=LONGEST_WAIT, description="Wait up to so long for the page at the provider; the address works either way.")


class PaymentLinkShown(Answer):
    """Where an invoice can be paid."""

    url: str = Field(description="A page on which the customer pays. Whoever has it can pay; it works until the invoice is paid or void.")
    invoice_id: InvoiceId
    amount: str = Field(description="Decimal: what is still owed.")
    currency: str
    intent_id: IntentId = Field(description="The making of the page at the provider; get_send_status tells of it.")
    page: Page = Field(description="The page at the provider: preparing, ready or refused. Until it is ready, ours asks for a moment.")
    next_step: str

    @override
    def is_waiting(self) -> bool:
        """Until the provider has answered."""
        return self.page == "preparing"

    def renewed(self, call: Call) -> Self:
        """The same address; how its page at the provider stands now."""
        page = _page(call, self.intent_id)
        return self.model_copy(update={"page": page, "next_step": NEXT[page]})


@operation("payments", Effect.WRITE, example=EXAMPLE)
def create_payment_link(call: Call, asked: CreatePaymentLink) -> PaymentLinkShown:
    """Make a page on which an invoice can be paid, and answer its address at once. Nobody is told of it: send it with send_message."""
    locked(call, asked.invoice_id)
    found = payable(call.session, call.workspace, asked.invoice_id)
    intent = prepare(call.session, call.settings, call.caller, found, f"{call.settings.base_url}/pay/done")
    token = give_link(call.session, call.workspace, asked.invoice_id)
    happened(call, "payment_link.created", show("inv", asked.invoice_id))
    note(call.session, Actor.of(call), "payment_link.created", show("inv", asked.invoice_id))
    page = _page(call, intent)
    return PaymentLinkShown(
        url=f"{call.settings.base_url}/pay/{token}",
        invoice_id=asked.invoice_id,
        amount=as_decimal(found.owed_minor, found.currency),
        currency=found.currency,
        intent_id=intent,
        page=page,
        next_step=NEXT[page],
    )


def _page(call: Call, intent: UUID) -> Page:
    found = sends.find(call.session, call.workspace, [intent])
    state = found[0].state if found else ""
    return "ready" if state in READY else "refused" if state in REFUSED else "preparing"
