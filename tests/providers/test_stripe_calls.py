"""Stripe's API: one key and the same bytes however often it is asked, its list when a key may be forgotten, and no host but the configured one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest
import stripe

from kernel.clock import now
from kernel.keys import new_id
from outbox.content import Content
from outbox.dispatch import Absent, Accepted, Dispatch, Found, Gone, NoWord, ObjectEvent, Refused, Sought, Unsure
from outbox.kinds.billing_portal import BillingPortal
from outbox.kinds.page_closing import PageClosing
from outbox.kinds.plan_upgrade import PlanUpgrade
from providers import stripe_calls
from providers.stripe_calls import Stripe
from providers.transport import Transport
from tests.contracts.cases import REFUSED_ADDRESS, SECRET, StubRig
from tests.contracts.rigs.stripe import rig as stripe_rig
from tests.fixtures.settings import settings_for


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[StubRig]:
    """Stripe on the stub."""
    made = stripe_rig(tmp_path)
    yield made
    made.close()


def made(rig: StubRig) -> int:
    """How many objects there are at Stripe."""
    return len(rig.stub.stripe.objects)


def again(dispatch: Dispatch, attempt: int = 2) -> Dispatch:
    """The same, as a later attempt dials it: with another reference."""
    return replace(dispatch, attempt=attempt, reference="another", callback_url="http://127.0.0.1:1/other")


def sought(dispatch: Dispatch, at: datetime | None = None) -> Sought:
    return Sought(dispatch, at or now(), frozenset())


def test_a_page_carries_what_ties_it_to_us_and_its_address_comes_back(rig: StubRig) -> None:
    dispatch = rig.arrange("accept")
    outcome = rig.provider.perform(dispatch)
    (entry,) = rig.stub.entries()
    assert outcome == Accepted(entry.ref or "", "open", f"https://checkout.stripe.example/c/pay/{entry.ref}")
    assert (entry.path, entry.authorization) == ("/v1/checkout/sessions", "bearer")
    named = {"sayso_workspace": f"org_{'0' * 32}", "sayso_intent": dispatch.intent.hex, "sayso_invoice": dispatch.recipient}
    for prefix in ("metadata", "payment_intent_data[metadata]"):
        assert {name: entry.fields[f"{prefix}[{name}]"] for name in named} == named
    assert entry.fields["line_items[0][price_data][unit_amount]"] == "4900"
    assert entry.fields["line_items[0][price_data][currency]"] == "eur"


def test_an_answer_that_was_lost_is_asked_for_again_and_it_is_one_page(rig: StubRig) -> None:
    dispatch = rig.arrange("accept_then_reset")
    assert isinstance(rig.provider.perform(dispatch), Unsure)
    assert isinstance(rig.provider.perform(replace(dispatch, reference="another")), Accepted)
    assert made(rig) == 1


def test_two_intents_are_two_pages(rig: StubRig) -> None:
    dispatch = rig.arrange("accept")
    rig.provider.perform(dispatch)
    rig.provider.perform(replace(dispatch, intent=new_id()))
    assert made(rig) == 2


def test_a_forgotten_key_makes_no_second_page_for_its_list_is_read_first(rig: StubRig) -> None:
    dispatch = rig.arrange("accept_then_reset")
    rig.provider.perform(dispatch)
    rig.stub.stripe.kept.clear()
    outcome = rig.provider.perform(again(dispatch))
    assert isinstance(outcome, Accepted)
    assert (made(rig), outcome.url.startswith("https://")) == (1, True)


def test_without_the_list_a_forgotten_key_makes_a_second_page(rig: StubRig) -> None:
    dispatch = rig.arrange("accept_then_reset")
    rig.provider.perform(dispatch)
    rig.stub.stripe.kept.clear()
    rig.provider.perform(replace(dispatch, reference="another"))
    assert made(rig) == 2


def test_a_request_in_flight_is_a_doubt(rig: StubRig) -> None:
    dispatch = rig.arrange("accept")
    rig.stub.stripe.busy.add(f"{dispatch.intent.hex}:session")
    assert isinstance(rig.provider.perform(dispatch), Unsure)
    rig.stub.stripe.busy.clear()
    assert isinstance(rig.provider.perform(again(dispatch)), Accepted)


def test_other_bytes_under_a_key_are_a_doubt_and_no_refusal(rig: StubRig) -> None:
    dispatch = rig.arrange("accept")
    rig.provider.perform(dispatch)
    other = dispatch.content.model_copy(update={"amount_minor": 1})
    outcome = rig.provider.perform(replace(dispatch, content=other))
    assert outcome == Unsure(stripe_calls.OTHER_BYTES)
    assert made(rig) == 1


def test_a_failure_that_is_kept_stays_a_doubt_however_often_it_is_asked(rig: StubRig) -> None:
    dispatch = rig.tell({"do": "500", "kept": True, "body": None})
    for attempt in (1, 2, 3):
        assert isinstance(rig.provider.perform(again(dispatch, attempt)), Unsure)
    assert made(rig) == 0


def test_a_refusal_says_why_in_stripes_words_without_addresses(rig: StubRig) -> None:
    outcome = rig.provider.perform(rig.arrange("400"))
    assert outcome == Refused("Stripe refused it: It was told to.", "parameter_invalid")


def test_a_doubt_is_looked_up_in_the_list(rig: StubRig, tmp_path: Path) -> None:
    dispatch = rig.arrange("accept_then_reset")
    rig.provider.perform(dispatch)
    assert isinstance(rig.provider.look_up(sought(dispatch)), Found)
    assert rig.provider.look_up(sought(replace(dispatch, intent=new_id()))) == Absent()
    nobody = stripe_calls.Stripe(settings_for(tmp_path, stripe_api_key=SECRET, stripe_api_base=REFUSED_ADDRESS), Transport(REFUSED_ADDRESS))
    assert isinstance(nobody.look_up(sought(dispatch)), NoWord)


def test_the_sdk_repeats_and_measures_nothing(rig: StubRig) -> None:
    assert stripe.enable_telemetry is False
    provider = cast("stripe_calls.Stripe", rig.provider)
    rig.provider.perform(rig.tell({"do": "500"}))
    assert len(rig.stub.entries()) == 1
    assert provider.probe() is None


NAMED = {"workspace": f"org_{'0' * 32}", "back": "http://127.0.0.1:1/portal/settings/plan"}
PRICES = "pro:monthly=price_old,pro:monthly=price_1,pro:yearly=price_2"


@pytest.fixture
def seller(rig: StubRig, tmp_path: Path) -> Stripe:
    """Stripe on the stub, with prices."""
    settings = settings_for(tmp_path, stripe_api_key=SECRET, stripe_api_base=rig.stub.url, stripe_plan_prices=PRICES)
    return Stripe(settings, Transport(rig.stub.url))


def of_plan(rig: StubRig, content: Content) -> Dispatch:
    return replace(rig.arrange("accept"), content=content, recipient=content.recipient)


def test_a_page_for_a_plan_asks_for_its_newest_price_and_ties_the_subscription_to_us(rig: StubRig, seller: Stripe) -> None:
    dispatch = of_plan(rig, PlanUpgrade(plan="pro", cycle="monthly", customer="cus_1", **NAMED))
    outcome = seller.perform(dispatch)
    assert seller.perform(dispatch) == outcome
    (entry,) = rig.stub.entries()
    fields = entry.fields
    assert (fields["mode"], fields["line_items[0][price]"], fields["customer"], "payment_intent_data[metadata][sayso_workspace]" in fields) == (
        "subscription",
        "price_1",
        "cus_1",
        False,
    )
    for prefix in ("metadata", "subscription_data[metadata]"):
        assert (fields[f"{prefix}[sayso_workspace]"], fields[f"{prefix}[sayso_intent]"]) == (NAMED["workspace"], dispatch.intent.hex)
    assert list(rig.stub.stripe.kept) == [f"{dispatch.intent.hex}:subscription"]


def test_a_plan_without_a_price_is_refused_and_not_dialled(rig: StubRig) -> None:
    outcome = rig.provider.perform(of_plan(rig, PlanUpgrade(plan="pro", cycle="monthly", **NAMED)))
    assert (isinstance(outcome, Refused), rig.stub.entries()) == (True, [])


def test_a_visit_to_the_billing_page_is_for_the_customer_that_is_named(rig: StubRig, seller: Stripe) -> None:
    dispatch = of_plan(rig, BillingPortal(customer="cus_1", **NAMED))
    outcome = seller.perform(dispatch)
    (entry,) = rig.stub.entries()
    assert isinstance(outcome, Accepted)
    assert (entry.path, entry.fields) == ("/v1/billing_portal/sessions", {"customer": "cus_1", "return_url": NAMED["back"]})
    assert isinstance(seller.perform(again(dispatch)), Accepted)
    assert seller.look_up(sought(dispatch)) == Absent()


def test_a_price_names_its_plan_also_when_it_is_sold_no_more(rig: StubRig, seller: Stripe) -> None:
    for number, price in enumerate(("price_old", "price_2", "price_of_another")):
        has = {"id": f"sub_{number}", "object": "subscription", "items": {"data": [{"price": {"id": price}}]}}
        rig.stub.stripe.things[f"/v1/subscriptions/sub_{number}"] = has
    told = [ObjectEvent("evt", "invoice.paid", {"data": {"object": {"object": "invoice", "id": "in_1", "subscription": f"sub_{n}"}}}) for n in range(3)]
    answers = [seller.ask_about(one) for one in told]
    assert [answer.body["plan"] for answer in answers if isinstance(answer, ObjectEvent)] == ["pro", "pro", None]


def test_a_bill_leads_to_its_subscription_in_old_and_new_shapes(rig: StubRig, seller: Stripe) -> None:
    rig.stub.stripe.things["/v1/subscriptions/sub_1"] = {"id": "sub_1", "object": "subscription"}
    parent = {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}
    rig.stub.stripe.things["/v1/invoices/in_1"] = {"id": "in_1", "object": "invoice", "parent": parent}
    thin = {"object": "v2.core.event", "created": "not a time", "related_object": {"url": "/v1/invoices/in_1"}}
    bills: list[dict[str, object]] = [{"data": {"object": {"object": "invoice", "id": "in_1", "parent": parent}}}, thin]
    for body in bills:
        answer = seller.ask_about(ObjectEvent("evt", "invoice.paid", body))
        assert isinstance(answer, ObjectEvent)
        assert answer.object == {"id": "sub_1", "object": "subscription"}
    single = ObjectEvent("evt", "invoice.paid", {"data": {"object": {"object": "invoice", "id": "in_2", "parent": None}}})
    assert isinstance(seller.ask_about(single), Gone)


def closing_of(rig: StubRig) -> Dispatch:
    """The end of a page that was just made."""
    page = rig.provider.perform(rig.arrange("accept"))
    assert isinstance(page, Accepted)
    content = PageClosing(invoice=f"inv_{'0' * 32}", workspace=f"org_{'0' * 32}", number="INV-00001", page=page.ref)
    return replace(rig.dispatch(), content=content, recipient=content.recipient)


def status_of(rig: StubRig) -> str:
    ((_, page),) = rig.stub.stripe.objects
    return str(page["status"])


def test_a_page_is_closed_under_a_key_of_its_own(rig: StubRig) -> None:
    dispatch = closing_of(rig)
    outcome = rig.provider.perform(dispatch)
    assert (outcome, status_of(rig)) == (Accepted(dispatch.content.frozen()["page"], "expired"), "expired")
    assert f"{dispatch.intent.hex}:expire" in rig.stub.stripe.kept
    assert rig.stub.entries()[-1].path == f"/v1/checkout/sessions/{dispatch.content.frozen()['page']}/expire"
    assert (rig.provider.perform(dispatch), rig.provider.perform(again(dispatch))) == (outcome, outcome)


@pytest.mark.parametrize("stands", ["complete", "expired"])
def test_a_page_that_is_over_has_nothing_to_close(rig: StubRig, stands: str) -> None:
    dispatch = closing_of(rig)
    ((_, page),) = rig.stub.stripe.objects
    page["status"] = stands
    assert rig.provider.perform(dispatch) == Accepted(page["id"], stands)
    assert status_of(rig) == stands


def test_a_refusal_to_close_an_open_page_stays_a_refusal(rig: StubRig) -> None:
    dispatch = closing_of(rig)
    rig.stub.tell("400")
    assert isinstance(rig.provider.perform(dispatch), Refused)
    gone = dispatch.content.model_copy(update={"page": "cs_test_gone"})
    assert isinstance(rig.provider.perform(replace(dispatch, intent=new_id(), content=gone)), Refused)


def test_a_lost_answer_to_a_closing_is_read_from_the_page(rig: StubRig) -> None:
    dispatch = closing_of(rig)
    assert rig.provider.look_up(sought(dispatch)) == Absent()
    rig.stub.tell("accept_then_reset")
    assert isinstance(rig.provider.perform(dispatch), Unsure)
    assert rig.provider.look_up(sought(dispatch)) == Found(dispatch.content.frozen()["page"], "sent")
    assert isinstance(rig.provider.perform(again(dispatch)), Accepted)
    assert len([entry for entry in rig.stub.entries() if entry.path.endswith("/expire")]) == 1
