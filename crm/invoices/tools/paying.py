"""The tool that makes an invoice payable."""

from __future__ import annotations

from pydantic import Field

from crm.invoices.paying import give_link, payable, prepare
from crm.invoices.shapes import InvoiceId, locked
from crm.invoices.tools.writing import EXAMPLE, WHICH
from kernel.call import Call
from kernel.keys import show
from kernel.money import as_decimal
from kernel.operation import Answer, AskedOnce, Effect, operation
from outbox.events import Actor, happened, note
from outbox.sends import IntentId


class CreatePaymentLink(AskedOnce):
    """Which invoice."""

    invoice_id: InvoiceId = Field(description=WHICH)


class PaymentLinkShown(Answer):
    """Where an invoice can be paid."""

    url: str = Field(description="A page on which the customer pays. Whoever has it can pay; it works until the invoice is paid or void.")
    invoice_id: InvoiceId
    amount: str = Field(description="Decimal: what is still owed.")
    currency: str
    intent_id: IntentId = Field(description="The page at the provider, which is being made ready; ask get_send_status.")
    next_step: str


@operation("payments", Effect.WRITE, example=EXAMPLE)
def create_payment_link(call: Call, asked: CreatePaymentLink) -> PaymentLinkShown:
    """Make a page on which an invoice can be paid, and answer its address at once. Nobody is told of it: send it with send_message."""
    locked(call, asked.invoice_id)
    found = payable(call.session, call.workspace, asked.invoice_id)
    intent = prepare(call.session, call.settings, call.caller, found, f"{call.settings.base_url}/pay/done")
    token = give_link(call.session, call.workspace, asked.invoice_id)
    happened(call, "payment_link.created", show("inv", asked.invoice_id))
    note(call.session, Actor.of(call), "payment_link.created", show("inv", asked.invoice_id))
    return PaymentLinkShown(
        url=f"{call.settings.base_url}/pay/{token}",
        invoice_id=asked.invoice_id,
        amount=as_decimal(found.owed_minor, found.currency),
        currency=found.currency,
        intent_id=intent,
        next_step="Send the address to the customer with send_message, which a person approves. get_invoice tells when it is paid.",
    )
