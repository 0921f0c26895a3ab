"""Stripe's own sample objects of its current API (stripe/openapi, fixtures3.json, MIT), as events: whole ones are read, and not only a few fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import stripe

from kernel.db import Database
from kernel.keys import show
from outbox.dispatch import Inbound, ObjectEvent
from outbox.inbox import store
from providers.memory import Memory
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.fixtures.webhooks import received, stripe_inbound
from tests.portal.guest import changed
from workers.questions import Questions
from workers.receive import Receiver

Body = dict[str, Any]
OBJECTS: dict[str, Body] = json.loads((Path(__file__).parent.parent / "fixtures" / "stripe_objects.json").read_text())
PAID = {"payment_intent": "pi_1"}
TOLD: list[tuple[str, str, Body]] = [
    ("payment_intent.succeeded", "payment_intent", {"id": "pi_1", "status": "succeeded", "amount_received": 4900}),
    ("checkout.session.completed", "checkout.session", {**PAID, "payment_status": "paid", "amount_total": 4900, "currency": "usd"}),
    ("charge.refunded", "charge", {**PAID, "amount_refunded": 900}),
    ("refund.created", "refund", {**PAID, "amount": 900}),
    ("charge.dispute.created", "dispute", {**PAID, "amount": 4900}),
    ("customer.subscription.updated", "subscription", {"id": "sub_1"}),
    ("customer.updated", "customer", {}),
]
"""The type of the event, its object, and what makes the sample one of ours."""


class Samples(Memory):
    """Answers every question with the object of the event."""

    def ask_about(self, event: ObjectEvent) -> ObjectEvent:
        """As it came."""
        return event


def posted(place: int, desk: Desk) -> Inbound:
    """As Stripe posts a snapshot event (docs.stripe.com/api/events/object), signed."""
    kind, sample, ours = TOLD[place]
    about = {**OBJECTS[sample], **ours, "metadata": {"sayso_workspace": show("org", desk.founded.workspace)}}
    around = {"object": "event", "api_version": stripe.api_version, "created": 1_790_000_000, "livemode": False, "pending_webhooks": 1, "request": None}
    return stripe_inbound({"id": f"evt_{place}", "type": kind, "data": {"object": about}, **around})


@pytest.mark.parametrize("backwards", [False, True])
def test_whole_objects_of_the_current_api_are_read_in_either_order(desk: Desk, worker_db: Database, owner_db: Database, backwards: bool) -> None:
    changed(owner_db, "UPDATE workspace SET plan = 'free'")
    order = sorted(range(len(TOLD)), reverse=backwards)
    with desk.database.transaction() as session:
        for place in [*order, *order]:
            for event in received(posted(place, desk)):
                store(session, "stripe", event)
    for _ in range(2):
        changed(owner_db, "UPDATE inbox SET due_at = now() WHERE state = 'new'")
        Receiver(desk.settings, worker_db).receive()
    Questions(worker_db, {"stripe": Samples()}).ask()
    left = rows(owner_db, "SELECT type, state, reason FROM inbox WHERE state <> 'done'")
    assert left == [("customer.updated", "ignored", "nothing is kept of it but the id that a subscription names")]
    assert rows(owner_db, "SELECT amount_minor, currency, told_refunded_minor FROM payment") == [(4900, "USD", 900)]
    assert rows(owner_db, "SELECT provider_ref, state FROM subscription") == [("sub_1", "active")]
    assert rows(owner_db, "SELECT count(*) FROM refund UNION ALL SELECT count(*) FROM dispute") == [(1,), (1,)]


def test_the_sample_bill_names_its_subscription_where_it_is_looked_for() -> None:
    assert isinstance(OBJECTS["invoice"]["parent"]["subscription_details"]["subscription"], str)
