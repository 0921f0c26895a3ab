"""What a payment provider tells us of a business's own subscription: whatever the event, it is asked for and kept as it stands."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from crm.payments import stripe_objects as stripe
from crm.payments.books import workspace_here
from crm.payments.stripe_objects import object_in
from crm.plans.subscriptions import STATES, Seen, record, workspace_of
from outbox.dispatch import ObjectEvent
from outbox.handlers import NotForUs, on

MOVES = (
    *("created", "updated", "deleted", "paused", "resumed", "pending_update_applied", "trial_will_end"),
    *("active", "trialing", "past_due", "unpaid", "incomplete", "incomplete_expired", "item_price_changed"),
)
"""The second line comes as thin events alone."""
BILLS = ("paid", "payment_failed", "payment_action_required", "marked_uncollectible", "voided")


@on(*(f"customer.subscription.{move}" for move in MOVES), *(f"invoice.{bill}" for bill in BILLS), hints=True)
def subscription_moved(session: Session, event: ObjectEvent) -> None:
    """Keep the subscription as it stands now, and move the plan."""
    _, found = object_in(event, stripe.Subscription)
    if found.status not in STATES:
        msg = "its status is not one that Stripe documents"
        raise NotForUs(msg)
    began = found.period_from
    period = None if began is None else datetime.fromtimestamp(began, UTC)
    plan = event.body.get("plan")
    seen = Seen(event.provider, found.id, found.customer, plan if isinstance(plan, str) else None, found.status, period, event.asked)
    record(session, workspace_of(session, seen) or workspace_here(session, found.workspace), seen)


@on("customer.created", "customer.updated", "customer.deleted")
def customer_moved(_session: Session, _event: ObjectEvent) -> None:
    """Nothing is kept of a customer of the provider; that a subscription ends with it, the subscription tells itself."""
    msg = "nothing is kept of it but the id that a subscription names"
    raise NotForUs(msg)
