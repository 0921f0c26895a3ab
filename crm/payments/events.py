"""What a payment provider tells us, type by type: read, found its workspace, and written into the books."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.payments import stripe_objects as stripe
from crm.payments.books import Told, is_recorded, record_dispute, record_payment, record_refund, record_sum_refunded, workspace_here, workspace_of
from crm.payments.stripe_objects import object_in
from outbox.dispatch import ObjectEvent
from outbox.events import happened_in
from outbox.handlers import NotForUs, on
from outbox.inbox import tell_once

REFUND_STATES = {"pending": "pending", "requires_action": "pending", "succeeded": "succeeded", "canceled": "canceled", "failed": "failed"}
DISPUTE_ENDS = {"won": "won", "warning_closed": "won", "prevented": "won", "lost": "lost"}
"""How a dispute can end (docs.stripe.com/api/disputes/object, status); whatever else it says, it is open."""


@on("payment_intent.succeeded")
def payment_arrived(session: Session, event: ObjectEvent) -> None:
    """Record the payment of a succeeded PaymentIntent."""
    at, paid = object_in(event, stripe.PaymentIntent)
    told = Told(event.provider, paid.id, paid.id, paid.amount_received, paid.currency)
    record_payment(session, workspace_here(session, paid.workspace), told, at, paid.invoice)


@on("checkout.session.completed", "checkout.session.async_payment_succeeded")
def page_was_paid(session: Session, event: ObjectEvent) -> None:
    """Record the payment of a page that was paid; it is the same as its PaymentIntent's."""
    at, page = object_in(event, stripe.Session)
    workspace = workspace_here(session, page.workspace)
    if page.payment_status != "paid" or page.payment_intent is None:
        msg = "the page is not paid yet, or is for a subscription, which tells of itself"
        raise NotForUs(msg)
    told = Told(event.provider, page.payment_intent, page.payment_intent, page.amount_total, page.currency)
    record_payment(session, workspace, told, at, page.invoice)


@on("payment_intent.payment_failed")
def payment_failed(session: Session, event: ObjectEvent) -> None:
    """Tell that a card was refused, once; no money moved, and the customer may try again. One that comes after the payment is no news."""
    _, failed = object_in(event, stripe.PaymentIntent)
    workspace = workspace_here(session, failed.workspace)
    told = Told(event.provider, failed.id, failed.id, failed.amount_received, failed.currency)
    if failed.amount_received or is_recorded(session, told, failed.invoice):
        msg = "the payment came after all"
        raise NotForUs(msg)
    if tell_once(session, event):
        happened_in(session, workspace, "payment.failed", failed.id)


@on("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
def refund_moved(session: Session, event: ObjectEvent) -> None:
    """Record a refund, or how far it got."""
    _, refund = object_in(event, stripe.Refund)
    if refund.status not in REFUND_STATES:
        msg = "its status is not one that Stripe documents"
        raise NotForUs(msg)
    told = Told(event.provider, refund.id, refund.payment_intent, refund.amount, refund.currency, REFUND_STATES[refund.status])
    record_refund(session, workspace_of(session, told, refund.workspace), told, refund.intent)


@on("charge.refunded")
def charge_was_refunded(session: Session, event: ObjectEvent) -> None:
    """Record how much of a charge was given back in all."""
    _, charge = object_in(event, stripe.Charge)
    workspace_here(session, charge.workspace)
    record_sum_refunded(session, Told(event.provider, charge.id, charge.payment_intent, charge.amount_refunded, charge.currency))


@on("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated")
def dispute_moved(session: Session, event: ObjectEvent) -> None:
    """Record a dispute, or how it ended."""
    _, dispute = object_in(event, stripe.Dispute)
    state = DISPUTE_ENDS.get(dispute.status, "open")
    told = Told(event.provider, dispute.id, dispute.payment_intent, dispute.amount, dispute.currency, state)
    record_dispute(session, workspace_of(session, told, dispute.workspace), told)
