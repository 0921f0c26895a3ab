"""Our calls against somebody else's idea of Stripe (localstripe 1.15): refunds, look-ups and signed events; `./dev test-foreign`.

It knows no Checkout, no disputes, no idempotency keys and no list by time, so pages to pay on and the books are the stub's to prove.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import httpx2
import pytest
import stripe
from typing_extensions import override

from kernel.clock import now
from kernel.settings import Settings
from outbox.dispatch import Absent, Accepted, Dispatch, ForgedWebhook, Found, Inbound, ObjectEvent, Refused, Sought
from outbox.kinds.refund import Refund
from providers.stripe import receive
from providers.stripe_calls import Stripe
from providers.stripe_lists import Unreadable
from providers.transport import Transport
from tests.fixtures.dispatches import dispatch_to
from tests.fixtures.settings import settings_for
from tests.fixtures.stage import free_port
from tests.fixtures.waiting import until

KEY = "sk_test_12345"
SECRET = "whsec_of_localstripe"
CARD: Any = {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """localstripe, from scratch."""
    port = free_port()
    words = [os.environ["LOCALSTRIPE"], "--port", str(port), "--from-scratch"]
    with subprocess.Popen(words, cwd=tmp_path_factory.mktemp("localstripe"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        until(lambda: _answers(f"http://127.0.0.1:{port}"), 15, "localstripe does not answer")
        yield f"http://127.0.0.1:{port}"
        running.kill()


def _answers(address: str) -> bool:
    try:
        return httpx2.get(f"{address}/v1/balance", headers={"Authorization": f"Bearer {KEY}"}, timeout=1).is_success
    except httpx2.TransportError:
        return False


@pytest.fixture
def settings(address: str, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, stripe_api_key=KEY, stripe_api_base=address, stripe_webhook_secret=SECRET)


@pytest.fixture
def ours(address: str, settings: Settings) -> Stripe:
    """The provider under test."""
    return Stripe(settings, Transport(address))


@pytest.fixture
def theirs(address: str) -> stripe.StripeClient:
    """Stripe's own SDK, by which customers pay."""
    return stripe.StripeClient(KEY, base_addresses={"api": address})


def paid(theirs: stripe.StripeClient) -> str:
    """A payment of 49.00."""
    card = theirs.v1.payment_methods.create(CARD)
    asked: Any = {"amount": 4900, "currency": "usd", "payment_method": card.id, "confirm": True}
    return str(theirs.v1.payment_intents.create(asked).id)


def refunding(payment: str, amount_minor: int = 900) -> Dispatch:
    """The first attempt to give a part of it back."""
    words = {"workspace": f"org_{'0' * 32}", "currency": "USD", "gives": "9.00 USD", "of": "49.00 USD", "about": "INV-1"}
    content = Refund(payment_ref=payment, amount_minor=amount_minor, **words)
    return replace(dispatch_to("payments", f"inv_{'0' * 32}"), recipient="INV-1", content=content)


def refunds(theirs: stripe.StripeClient, payment: str) -> list[int]:
    return [one.amount for one in theirs.v1.refunds.list({"payment_intent": payment}).data]


def test_the_account_answers_the_probe(ours: Stripe) -> None:
    assert ours.probe() is None


def test_a_refund_is_given_once_though_its_answer_is_lost_and_the_key_means_nothing(ours: Stripe, theirs: stripe.StripeClient) -> None:
    payment = paid(theirs)
    dispatch = refunding(payment)
    assert ours.look_up(Sought(dispatch, now(), frozenset())) == Absent()
    first = ours.perform(dispatch)
    assert isinstance(first, Accepted)
    second = ours.perform(replace(dispatch, attempt=2))
    assert isinstance(second, Accepted)
    assert (second.ref, refunds(theirs, payment)) == (first.ref, [900])
    evidence = ours.look_up(Sought(dispatch, now(), frozenset()))
    assert isinstance(evidence, Found)
    assert evidence.ref == first.ref


def test_without_the_list_it_would_be_given_twice(ours: Stripe, theirs: stripe.StripeClient) -> None:
    """The negative control: this server keeps no keys, as Stripe does after a day."""
    payment = paid(theirs)
    dispatch = refunding(payment)
    assert all(isinstance(ours.perform(dispatch), Accepted) for _ in range(2))
    assert refunds(theirs, payment) == [900, 900]


def test_a_payment_that_it_does_not_know_is_a_refusal(ours: Stripe) -> None:
    """More than was paid it would give back, so that refusal is the stub's to prove."""
    assert isinstance(ours.perform(refunding("pi_unknown")), Refused)


def test_what_it_does_not_know_is_refused_or_unreadable_and_never_guessed(ours: Stripe) -> None:
    page = dispatch_to("payments", f"inv_{'0' * 32}")
    assert isinstance(ours.perform(page), Refused)
    with pytest.raises(Unreadable):
        ours.books(now(), now())
    with pytest.raises(Unreadable):
        ours.missed(now())


class _Catch(BaseHTTPRequestHandler):
    caught: SimpleQueue[Inbound] = SimpleQueue()

    def do_POST(self) -> None:
        """Keep what was posted."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.caught.put(Inbound(path="/webhooks/stripe", url="http://x/webhooks/stripe", body=body, headers=headers, query={}))
        self.send_response(204)
        self.end_headers()

    @override
    def log_message(self, *_: Any) -> None:
        """Nothing."""


def test_an_event_that_it_signed_is_ours_and_one_that_was_changed_is_not(address: str, settings: Settings, theirs: stripe.StripeClient) -> None:
    with HTTPServer(("127.0.0.1", 0), _Catch) as catcher:
        Thread(target=catcher.serve_forever, daemon=True).start()
        hook = {"url": f"http://127.0.0.1:{catcher.server_port}/", "secret": SECRET}
        httpx2.post(f"{address}/_config/webhooks/ours", json=hook, timeout=5).raise_for_status()
        paid(theirs)
        seen: list[str] = []
        while "payment_intent.succeeded" not in seen:
            inbound = _Catch.caught.get(timeout=10)
            (event,) = receive(inbound, settings)
            assert isinstance(event, ObjectEvent)
            seen.append(event.type)
            changed = Inbound(inbound.path, inbound.url, inbound.body.replace(b"4900", b"9900") + b" ", inbound.headers, {})
            with pytest.raises(ForgedWebhook):
                receive(changed, settings)
        catcher.shutdown()
