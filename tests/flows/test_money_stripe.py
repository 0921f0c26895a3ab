"""The story of money with Stripe's stub, over MCP alone: billed, paid, partly given back after a person approved; every webhook comes twice and in reverse.

In the end the books are compared with the stub's own lists, as the worker does each day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from approvals.requests import Pending
from kernel.clock import now
from kernel.db import Database
from providers.stripe_calls import Stripe
from providers.transport import Transport
from tests.approvals.hands import rows
from tests.crm.test_invoices import MIA
from tests.crm.test_reminders import booked, in_days
from tests.factories import Desk
from tests.fixtures.stub_provider import StubProvider
from tests.fixtures.webhooks import WHSEC, stripe_inbound
from tests.flows.test_money import House, Post
from tests.portal.guest import app_of, changed
from workers.calls import Calls
from workers.drain import Drains
from workers.receive import Receiver
from workers.reckoning import Reckoning

Told = list[tuple[str, dict[str, Any]]]


@dataclass
class Till:
    """A house whose money goes through Stripe, and Stripe with a customer before it."""

    house: House
    stub: StubProvider
    told: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        """One provider for all calls."""
        self.stripe = Stripe(self.house.desk.settings, Transport(self.stub.url))

    def work(self) -> None:
        """Dial what may leave."""
        Drains(self.house.desk.settings, self.house.worker_db, Calls(self.house.desk.settings, {"stripe": self.stripe})).drain("payments:stripe")

    def pay(self) -> None:
        """The customer pays on the newest page."""
        _, page = next(made for made in self.stub.stripe.objects if made[1]["object"] == "checkout.session")
        fields = next(entry.fields for entry in self.stub.entries() if entry.ref == page["id"])
        amount = int(fields["line_items[0][price_data][unit_amount]"])
        named = {name.removeprefix("payment_intent_data[metadata][")[:-1]: value for name, value in fields.items() if "intent_data[metadata]" in name}
        money = {"currency": fields["line_items[0][price_data][currency]"], "created": int(now().timestamp())}
        intent = {"id": "pi_1", "object": "payment_intent", "status": "succeeded", "amount": amount, "amount_received": amount, "metadata": named, **money}
        page |= {"payment_status": "paid", "status": "complete", "payment_intent": "pi_1", "amount_total": amount, **money}
        charge = {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount": amount, "amount_refunded": 0, "metadata": named, **money}
        self.stub.stripe.objects.insert(0, ("/v1/payment_intents", intent))
        self._tell([("charge.succeeded", charge), ("payment_intent.succeeded", intent), ("checkout.session.completed", page)])

    def tell_of_refund(self) -> None:
        """Stripe tells of the refund that it made."""
        _, refund = next(made for made in self.stub.stripe.objects if made[1]["object"] == "refund")
        _, intent = next(made for made in self.stub.stripe.objects if made[1]["object"] == "payment_intent")
        charge = {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount_refunded": refund["amount"]}
        charge |= {"currency": refund["currency"], "metadata": intent["metadata"]}
        self._tell([("refund.created", refund | {"status": "pending"}), ("charge.refunded", charge), ("refund.updated", refund)])

    def _tell(self, told: Told) -> None:
        for kind, about in told:
            created = int(now().timestamp())
            event = {"id": f"evt_{len(self.told)}", "object": "event", "type": kind, "created": created, "livemode": False, "data": {"object": about}}
            self.told.append(stripe_inbound(event).body)

    def deliver(self) -> None:
        """Everything that was ever told, in reverse, twice; worked off until nothing waits."""
        for body in [*reversed(self.told), *reversed(self.told)]:
            signed = stripe_inbound(body.decode()).headers
            assert self.house.web.post("/webhooks/stripe", content=body, headers=dict(signed)).status_code == 204
        for _ in range(4):
            changed(self.house.owner_db, "UPDATE inbox SET due_at = now() WHERE state = 'new'")
            Receiver(self.house.desk.settings, self.house.worker_db).receive()
        assert rows(self.house.owner_db, "SELECT type FROM inbox WHERE state NOT IN ('done', 'ignored')") == []

    def compare(self) -> dict[str, Any]:
        """What the agent reads of the comparison with the stub's own lists."""
        reckoning = Reckoning(self.house.worker_db, {"stripe": self.stripe})
        reckoning.compare("stripe", now() - timedelta(days=1), now() + timedelta(minutes=1))
        return self.house.say("get_reconciliation_report")


@pytest.fixture
def till(desk: Desk, worker_db: Database, owner_db: Database, tmp_path: Path) -> Iterator[Till]:
    with StubProvider(tmp_path / "journal.jsonl") as stub:
        stripes = {"payments": "stripe", "stripe_api_base": stub.url, "stripe_webhook_secret": type(desk.settings.stripe_webhook_secret)(WHSEC)}
        at = Desk(desk.database, desk.settings.model_copy(update=stripes), desk.founded)
        with TestClient(app_of(at), base_url=at.settings.base_url, raise_server_exceptions=False, follow_redirects=False) as web:
            yield Till(House(at, web, Post(web), worker_db, owner_db), stub)


def paid(till: Till) -> dict[str, Any]:
    """An invoice for a booking, paid by its customer; Stripe has not told us yet."""
    say = till.house.say
    booking = booked(till.house.desk, in_days(3), MIA)
    invoice = say("create_invoice", bookingId=f"bkg_{booking.booking_id.hex}")
    link = say("create_payment_link", invoiceId=invoice["invoiceId"], idempotencyKey="mia-link-1")
    till.work()
    assert say("get_send_status", intentId=link["intentId"])["sends"][0]["state"] == "sent"
    assert "checkout.stripe.example" in till.house.web.get(link["url"]).text
    till.pay()
    return invoice


def test_a_booking_is_invoiced_paid_and_partly_refunded_and_the_books_agree_with_stripes(till: Till) -> None:
    say = till.house.say
    invoice = paid(till)
    till.deliver()
    assert say("get_invoice", invoiceId=invoice["invoiceId"])["status"] == "paid"
    (payment,) = say("list_payments", invoiceId=invoice["invoiceId"])["items"]
    held = say("refund_payment", paymentId=payment["paymentId"], amount="9.00", reason="Cut too short", idempotencyKey="mia-refund-1")
    till.work()
    assert [made["object"] for _, made in till.stub.stripe.objects] == ["payment_intent", "checkout.session"], "nothing leaves before a person says so"
    till.house.desk.decide(Pending.model_validate(held))
    till.work()
    till.tell_of_refund()
    till.deliver()
    settled = say("get_invoice", invoiceId=invoice["invoiceId"])
    assert (settled["status"], settled["paid"], settled["refunded"]) == ("paid", "49.00", "9.00")
    (payment,) = say("list_payments")["items"]
    assert (payment["amount"], payment["refunded"], payment["refundsAsked"], payment["providerRef"]) == ("49.00", "9.00", "0.00", "pi_1")
    report = till.compare()
    assert (report["compared"], report["different"], report["items"]) == (2, 0, [])
    assert [made["object"] for _, made in till.stub.stripe.objects] == ["refund", "payment_intent", "checkout.session"], "each was made once"


def test_what_stripe_never_told_us_shows_in_the_comparison_until_it_does(till: Till) -> None:
    invoice = paid(till)
    assert till.compare()["items"][0] | {"nextStep": ""} == {
        "what": "payment",
        "kind": "missing_here",
        "ref": "pi_1",
        "here": None,
        "there": "49.00 USD",
        "nextStep": "",
    }
    till.deliver()
    assert till.compare()["different"] == 0
    assert till.house.say("get_invoice", invoiceId=invoice["invoiceId"])["status"] == "paid"
