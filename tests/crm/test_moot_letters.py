"""A bill that still waits when its money comes by the provider is cancelled with the reason, in the transaction that books the payment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from approvals.decide import AlreadyDecided
from approvals.requests import Pending
from crm.invoices.shapes import InvoiceShown
from kernel.db import Database
from kernel.keys import show
from tests.approvals.hands import rows
from tests.crm.test_invoices import again, billed, name
from tests.crm.test_payments import event, receive
from tests.factories import Bench, Desk

LETTERS = "email:sandbox"


def bill(desk: Desk) -> tuple[Any, Pending]:
    invoice = billed(desk)
    return invoice, cast("Pending", desk.run("mark_invoice_sent", invoiceId=name(invoice)))


def paid(desk: Desk, worker_db: Database, invoice: InvoiceShown, minor: int = 3999) -> None:
    metadata = {"sayso_workspace": show("org", desk.founded.workspace), "sayso_invoice": name(invoice)}
    receive(desk, worker_db, event(desk, currency="usd", amount_received=minor, metadata=metadata))


def test_a_bill_that_waits_for_its_turn_does_not_leave_once_it_is_paid(desk: Desk, worker_db: Database, bench: Bench) -> None:
    invoice, pending = bill(desk)
    desk.decide(pending)
    paid(desk, worker_db, invoice)
    bench.drain(LETTERS)
    told = desk.send(pending)
    assert (told.state, told.wait_reason, again(desk, invoice).status) == ("cancelled", "The invoice was paid.", "paid")
    assert not [sent for sent in bench.memory.ledger if "Invoice" in str(sent.content)]


def test_a_bill_that_waits_for_a_person_is_not_asked_about_any_more(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    invoice, pending = bill(desk)
    paid(desk, worker_db, invoice)
    assert (desk.send(pending).state, rows(owner_db, "SELECT state FROM approval")) == ("cancelled", [("withdrawn",)])
    with pytest.raises(AlreadyDecided):
        desk.decide(pending)


def test_part_of_the_money_leaves_the_bill_alone(desk: Desk, worker_db: Database, bench: Bench) -> None:
    """The negative control."""
    invoice, pending = bill(desk)
    desk.decide(pending)
    paid(desk, worker_db, invoice, 1000)
    bench.drain(LETTERS)
    assert desk.send(pending).state == "sent"


def test_a_payment_and_a_decision_at_once_end_in_one_truth(desk: Desk, worker_db: Database, bench: Bench, owner_db: Database) -> None:
    invoice, pending = bill(desk)

    def say_yes() -> None:
        try:
            desk.decide(pending)
        except AlreadyDecided:
            return

    with ThreadPoolExecutor(2) as hands:
        for done in [hands.submit(say_yes), hands.submit(paid, desk, worker_db, invoice)]:
            done.result(60)
    bench.drain(LETTERS)
    assert desk.send(pending).state == "cancelled"
    assert rows(owner_db, "SELECT count(*) FROM payment") == [(1,)]
