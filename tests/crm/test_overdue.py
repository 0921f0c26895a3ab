"""Overdue invoices: one draft for each stage, decided by a person each time, never twice, and not said once it is paid or void."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from approvals.requests import Pending
from crm.invoices.shapes import InvoiceShown
from kernel.db import Database
from kernel.keys import show
from outbox.dispatch import ObjectEvent
from outbox.inbox import store
from tests.approvals.hands import rows, set_policy
from tests.crm.test_invoices import billed, name
from tests.factories import Bench, Desk
from tests.portal.guest import changed
from workers.clock import ask_for_overdue
from workers.jobs import Means
from workers.receive import Receiver

ASKED = "SELECT a.state, a.action FROM approval a WHERE a.action = 'remind_of_invoice' ORDER BY a.created_at, a.id"
SAID = "SELECT d.state FROM invoice_send s JOIN every_delivery d ON d.intent_id = s.intent_id WHERE s.says = 'overdue' ORDER BY s.intent_id"


@pytest.fixture
def sent(desk: Desk, bench: Bench) -> InvoiceShown:
    """An invoice that its customer has."""
    set_policy(desk, "first_time", in_person=False)
    invoice = billed(desk)
    desk.decide(desk.run("mark_invoice_sent", invoiceId=name(invoice)))  # type: ignore[arg-type]  # it is pending
    bench.drain("email:sandbox")
    return invoice


@pytest.fixture
def days(desk: Desk, owner_db: Database, worker_db: Database) -> Any:
    """Lets so many days pass after the due date, and the clock tick twice."""

    def pass_by(many: int) -> None:
        changed(owner_db, "UPDATE invoice SET due_date = (now() AT TIME ZONE 'Europe/Paris')::date - :many", many=many)
        for _ in range(2):
            ask_for_overdue(Means(worker_db, desk.database, desk.settings))

    return pass_by


@pytest.mark.usefixtures("sent")
def test_each_stage_is_drafted_once_and_nothing_is_sent_by_itself(days: Any, owner_db: Database, bench: Bench) -> None:
    days(2)
    assert rows(owner_db, ASKED) == []
    days(3)
    assert rows(owner_db, ASKED) == [("pending", "remind_of_invoice")]
    bench.drain("email:sandbox")
    assert rows(owner_db, SAID) == [("held",)]
    (words,) = rows(owner_db, "SELECT convert_from(c.snapshot, 'UTF8') FROM content c JOIN invoice_send s ON s.intent_id = c.intent_id AND s.says = 'overdue'")
    assert all(said in str(words[0]) for said in ("Reminder: invoice INV-00001", "39.99 USD", "mia@example.com"))
    days(10)
    days(24)
    days(59)
    assert [state for state, _ in rows(owner_db, ASKED)] == ["withdrawn", "withdrawn", "pending"]
    assert rows(owner_db, SAID) == [("cancelled",), ("cancelled",), ("held",)]


@pytest.mark.usefixtures("sent")
def test_one_that_comes_to_light_late_is_spoken_of_once(days: Any, owner_db: Database) -> None:
    days(30)
    assert rows(owner_db, ASKED) == [("pending", "remind_of_invoice")]
    assert rows(owner_db, "SELECT chased FROM invoice") == [(3,)]


@pytest.mark.usefixtures("sent")
def test_many_clocks_draft_one(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    changed(owner_db, "UPDATE invoice SET due_date = current_date - 5")
    with ThreadPoolExecutor(4) as clocks:
        list(clocks.map(lambda _: ask_for_overdue(Means(worker_db, desk.database, desk.settings)), range(8)))
    assert rows(owner_db, ASKED) == [("pending", "remind_of_invoice")]


def test_none_is_drafted_again_when_its_send_was_forgotten(sent: InvoiceShown, days: Any, owner_db: Database) -> None:
    days(3)
    changed(owner_db, "DELETE FROM invoice_send WHERE says = 'overdue'")
    days(4)
    assert (len(rows(owner_db, ASKED)), sent.number) == (1, "INV-00001")


def test_what_was_never_billed_or_has_no_address_is_nobodys_to_chase(desk: Desk, days: Any, owner_db: Database) -> None:
    billed(desk)
    days(5)
    changed(owner_db, "UPDATE invoice SET billed_at = now()")
    changed(owner_db, "UPDATE account SET email = NULL")
    days(5)
    assert rows(owner_db, ASKED) == []
    changed(owner_db, "UPDATE account SET email = 'mia@example.com'")
    days(61)
    assert rows(owner_db, ASKED) == []
    days(60)
    assert len(rows(owner_db, ASKED)) == 1, "the negative control"


@pytest.fixture
def pay(desk: Desk, sent: InvoiceShown, worker_db: Database) -> Any:
    """Lets the invoice be paid: at the desk, or as the provider tells it."""

    def paid(how: str) -> None:
        if how == "desk":
            desk.run("mark_invoice_paid", invoiceId=name(sent))
            return
        _paid_by_event(desk, sent, worker_db)

    return paid


@pytest.mark.parametrize("how", ["desk", "event"])
def test_it_is_not_said_once_the_invoice_is_paid(desk: Desk, days: Any, owner_db: Database, pay: Any, how: str) -> None:
    days(3)
    pay(how)
    assert rows(owner_db, SAID) == [("cancelled",)]
    assert cast("Any", desk.run("list_pending_approvals")).items == []
    days(10)
    assert len(rows(owner_db, ASKED)) == 1


@pytest.mark.parametrize("how", ["desk", "event"])
def test_a_yes_that_has_not_left_is_not_said_either(desk: Desk, days: Any, owner_db: Database, pay: Any, how: str) -> None:
    days(3)
    desk.decide(_pending(desk))
    assert rows(owner_db, SAID) == [("ready",)]
    pay(how)
    assert rows(owner_db, SAID) == [("cancelled",)]


def test_a_no_is_the_last_word_about_an_invoice(desk: Desk, sent: InvoiceShown, days: Any, owner_db: Database) -> None:
    days(3)
    desk.decide(_pending(desk), "rejected")
    days(10)
    days(24)
    assert (rows(owner_db, ASKED), sent.status) == ([("rejected", "remind_of_invoice")], "draft")


def _pending(desk: Desk) -> Pending:
    (one,) = desk.run("list_pending_approvals").items  # type: ignore[attr-defined]  # the tool's own answer
    return Pending(approval_id=one.approval_id, digest=one.digest, expires_at=one.expires_at, intent_ids=[], preview=[])


def _paid_by_event(desk: Desk, invoice: InvoiceShown, worker_db: Database) -> None:
    metadata = {"sayso_workspace": show("org", desk.founded.workspace), "sayso_invoice": name(invoice)}
    about = {"id": "pi_1", "amount_received": 3999, "currency": "usd", "metadata": metadata}
    with desk.database.transaction() as session:
        store(session, "sandbox", ObjectEvent("evt_1", "payment_intent.succeeded", {"created": 1_780_000_000, "data": {"object": about}}, "sandbox"))
    Receiver(desk.settings, worker_db).receive()
