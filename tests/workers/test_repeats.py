"""What Stripe knows again by its key: an answer that was lost is asked for again, it is one page and one refund, and later a person decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from approvals.halting import OnItsWay, halt
from crm.invoices.shapes import InvoiceShown
from kernel.db import Database
from kernel.keys import show
from kernel.settings import Settings
from outbox.dispatch import NoWord, ObjectEvent
from outbox.inbox import store
from outbox.inquiries import MOST_REPEATS
from outbox.store import sweep
from providers.stripe_calls import Stripe
from providers.transport import Transport
from tests.approvals.hands import act, rows
from tests.crm.test_invoices import billed, name
from tests.factories import Desk
from tests.fixtures.stub_provider import StubProvider
from tests.portal.guest import changed, guest_at
from workers.calls import Calls
from workers.clock import close_pages
from workers.drain import Drains
from workers.inquiries import Inquiries
from workers.jobs import Means
from workers.receive import Receiver

LANE = "payments:stripe"
STANDS = f"SELECT state, attempt FROM delivery WHERE lane = '{LANE}'"


@dataclass(frozen=True)
class Till:
    """A business whose money goes through Stripe."""

    desk: Desk
    stub: StubProvider
    database: Database
    owner_db: Database

    @property
    def settings(self) -> Settings:
        """Of the business."""
        return self.desk.settings

    def __post_init__(self) -> None:
        """One provider for all calls."""
        object.__setattr__(self, "stripe", Stripe(self.settings, Transport(self.stub.url)))

    def drain(self) -> None:
        """Dial what is due."""
        changed(self.owner_db, "UPDATE delivery SET due_at = now() WHERE state = 'ready'")
        changed(self.owner_db, "UPDATE lane SET breaker_until = NULL, breaker_reason = NULL")
        Drains(self.settings, self.database, self._calls).drain(LANE)

    def ask(self) -> None:
        """Look the doubts up."""
        changed(self.owner_db, "UPDATE delivery SET due_at = now() WHERE state = 'in_doubt'")
        changed(self.owner_db, "UPDATE attempt SET at = at - interval '61 s' WHERE source = 'lookup'")
        Inquiries(self.database, self._calls).ask()

    @property
    def _providers(self) -> dict[str, Any]:
        return {"stripe": vars(self)["stripe"]}

    @property
    def _calls(self) -> Calls:
        return Calls(self.settings, self._providers)

    @property
    def made(self) -> int:
        """How many objects there are at Stripe."""
        return len(self.stub.stripe.objects)

    def link(self) -> Any:
        """A link to an invoice."""
        return self.desk.run("create_payment_link", invoiceId=name(self.invoice()))

    def invoice(self) -> InvoiceShown:
        """An invoice over 39.99."""
        return billed(self.desk)

    def stands(self) -> tuple[object, ...]:
        """State and attempt of the one intent."""
        (row,) = rows(self.owner_db, STANDS)
        return row


@pytest.fixture
def till(desk: Desk, worker_db: Database, owner_db: Database, tmp_path: Path) -> Iterator[Till]:
    with StubProvider(tmp_path / "journal.jsonl") as stub:
        settings = desk.settings.model_copy(update={"payments": "stripe", "stripe_api_base": stub.url})
        yield Till(Desk(desk.database, settings, desk.founded), stub, worker_db, owner_db)


def page(till: Till, link: Any) -> str:
    return guest_at(till.desk).http.get(str(link.url).removeprefix(till.settings.base_url)).text


def test_our_page_leads_to_stripes_once_it_is_made(till: Till) -> None:
    link = till.link()
    assert 'http-equiv="refresh"' in page(till, link)
    till.drain()
    assert till.stands() == ("sent", 1)
    assert 'href="https://checkout.stripe.example/c/pay/cs_test_' in page(till, link)
    assert "pretend" not in page(till, link)


def test_a_page_whose_answer_was_lost_is_found_in_the_list_with_its_address(till: Till) -> None:
    link = till.link()
    till.stub.tell("accept_then_reset")
    till.drain()
    assert till.stands() == ("in_doubt", 1)
    till.ask()
    assert (till.stands(), till.made) == (("sent", 1), 1)
    assert "checkout.stripe.example" in page(till, link)


def test_a_page_whose_closing_was_lost_is_found_closed_under_its_own_id(till: Till) -> None:
    """The page's id belongs to whoever had it made as well, and nobody takes it from there."""
    till.link()
    till.drain()
    till.desk.run("void_invoice", invoiceId=show("inv", rows(till.owner_db, "SELECT id FROM invoice")[0][0]))  # type: ignore[arg-type]  # a row is of objects
    close_pages(Means(till.database, till.desk.database, till.settings))
    till.stub.tell("accept_then_reset")
    till.drain()
    till.ask()
    assert rows(till.owner_db, "SELECT state FROM delivery ORDER BY intent_id") == [("sent",), ("sent",)]


def test_what_stripe_does_not_have_is_asked_for_again_under_the_same_key(till: Till) -> None:
    till.link()
    till.stub.tell("reset")
    till.drain()
    till.ask()
    assert till.stands() == ("ready", 1)
    till.drain()
    assert (till.stands(), till.made) == (("sent", 2), 1)
    first, second = till.stub.entries()
    assert (first.reference, first.fields) == (second.reference, second.fields)


def test_a_worker_that_died_while_it_asked_leaves_one_page(till: Till) -> None:
    till.link()
    till.stub.tell("accept_then_reset")
    till.drain()
    end = "UPDATE delivery SET state = 'calling', lease_until = now() - interval '1 s', owner = gen_random_uuid() WHERE state = 'in_doubt'"
    changed(till.owner_db, end)
    changed(till.owner_db, "DELETE FROM attempt")
    with till.database.line() as line:
        assert sweep(line) == 1
    till.ask()
    assert (till.stands()[0], till.made) == ("sent", 1)


def test_a_failure_that_stripe_keeps_ends_with_a_person(till: Till) -> None:
    till.link()
    till.stub.tell({"do": "500", "kept": True, "body": None})
    for _ in range(MOST_REPEATS + 2):
        till.drain()
        till.ask()
    assert till.stands() == ("in_doubt", MOST_REPEATS)
    assert "A person decides" in str(rows(till.owner_db, "SELECT wait_reason FROM delivery")[0][0])


def test_after_a_day_nothing_is_asked_for_again(till: Till) -> None:
    till.link()
    till.stub.tell("reset")
    till.drain()
    changed(till.owner_db, "UPDATE attempt SET started_at = now() - interval '23 hours 1 minute'")
    for _ in range(3):
        till.ask()
        till.drain()
    assert (till.stands(), till.made) == (("in_doubt", 1), 0)


def refunded(till: Till) -> Any:
    """A refund of 10.00 that a person said yes to."""
    metadata = {"sayso_workspace": show("org", till.desk.founded.workspace), "sayso_invoice": name(till.invoice())}
    paid = {"id": "pi_1", "amount_received": 3999, "currency": "usd", "metadata": metadata}
    with till.desk.database.transaction() as session:
        store(session, "stripe", ObjectEvent("evt_1", "payment_intent.succeeded", {"created": 1_780_000_000, "data": {"object": paid}}))
    Receiver(till.settings, till.database).receive()
    payment = show("pay", rows(till.owner_db, "SELECT id FROM payment")[0][0])  # type: ignore[arg-type]  # a row is of objects
    pending: Any = till.desk.run("refund_payment", paymentId=payment, amount="10.00")
    till.desk.decide(pending)
    return pending


def test_a_refund_whose_answer_was_lost_is_given_back_once(till: Till) -> None:
    pending = refunded(till)
    for told in ("accept_then_reset", "accept_then_500"):
        till.stub.tell(told)
    till.drain()
    till.stub.stripe.kept.clear()
    till.ask()
    till.drain()
    ((_, refund),) = till.stub.stripe.objects
    assert (refund["amount"], refund["payment_intent"]) == (1000, "pi_1")
    assert till.desk.send(pending).state == "sent"


def test_a_refund_that_was_stopped_in_doubt_is_not_asked_for_again(till: Till) -> None:
    pending = refunded(till)
    till.stub.tell("reset")
    till.drain()
    assert till.stands() == ("in_doubt", 1)
    with pytest.raises(OnItsWay):
        act(till.desk, halt, pending.approval_id)
    till.ask()
    till.drain()
    assert till.stands() == ("in_doubt", 1), "one look proves nothing, and its key is used no more"
    changed(till.owner_db, "UPDATE attempt SET at = at - interval '2 minutes'")
    till.ask()
    till.drain()
    assert (till.stands(), till.made) == (("cancelled", 1), 0)


def test_a_refund_that_was_stopped_after_stripe_took_it_is_shown_as_made(till: Till) -> None:
    pending = refunded(till)
    till.stub.tell("accept_then_reset")
    till.drain()
    with pytest.raises(OnItsWay):
        act(till.desk, halt, pending.approval_id)
    till.ask()
    assert (till.stands(), till.made) == (("sent", 1), 1)


def test_a_refund_that_was_stopped_stays_in_doubt_while_nobody_knows(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    pending = refunded(till)
    till.stub.tell("reset")
    till.drain()
    with pytest.raises(OnItsWay):
        act(till.desk, halt, pending.approval_id)
    monkeypatch.setattr(Stripe, "look_up", lambda *_: NoWord("Stripe's list could not be read."))
    for _ in range(3):
        till.ask()
        till.drain()
    assert (till.stands(), till.made) == (("in_doubt", 1), 0)
