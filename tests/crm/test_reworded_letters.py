"""A letter about an invoice that a person wrote in other words says the same: the invoice is billed, void or reminded of by the version that leaves."""

from __future__ import annotations

from typing import Any

import pytest

from approvals.requests import Pending
from approvals.tables import Approval
from crm.invoices.shapes import InvoiceShown
from crm.invoices.tools.writing import NotOpen
from kernel.db import Database
from tests.approvals.test_edits import edit
from tests.crm.test_invoices import again, name
from tests.crm.test_moot_letters import LETTERS, bill, paid
from tests.factories import Bench, Desk
from tests.portal.guest import changed

OTHERWISE = "Dear Mia, 39.99 please."


def shown(desk: Desk, approval: Any) -> Pending:
    """A request that another answer named, as far as a decision over it needs."""
    with desk.database.transaction(desk.founded.workspace) as session:
        row = session.get_one(Approval, approval)
        return Pending.model_construct(approval_id=row.id, digest=row.digest.hex())


def reworded(desk: Desk) -> InvoiceShown:
    invoice, pending = bill(desk)
    edit(desk, pending, body=OTHERWISE)
    return invoice  # type: ignore[no-any-return]  # as it is called there


def test_a_bill_in_other_words_is_on_its_way_and_then_sent_and_is_not_asked_for_twice(desk: Desk, bench: Bench) -> None:
    invoice = reworded(desk)
    assert again(desk, invoice).status == "sending"
    with pytest.raises(NotOpen):
        desk.run("mark_invoice_sent", invoiceId=name(invoice))
    bench.drain(LETTERS)
    assert [getattr(sent.content, "body", "") for sent in bench.memory.ledger] == [OTHERWISE]
    assert again(desk, invoice).status == "sent"


def test_without_the_tie_the_customer_is_billed_twice(desk: Desk, bench: Bench, owner_db: Database) -> None:
    invoice = reworded(desk)
    changed(owner_db, "DELETE FROM invoice_send s USING every_delivery d WHERE d.intent_id = s.intent_id AND d.state <> 'cancelled'")
    bench.drain(LETTERS)
    assert again(desk, invoice).status == "draft"
    desk.decide(desk.run("mark_invoice_sent", invoiceId=name(invoice)))  # type: ignore[arg-type]  # it asks
    bench.drain(LETTERS)
    assert len(bench.memory.ledger) == 2


def test_a_bill_in_other_words_does_not_leave_once_it_is_paid(desk: Desk, worker_db: Database, bench: Bench) -> None:
    invoice = reworded(desk)
    paid(desk, worker_db, invoice)
    bench.drain(LETTERS)
    assert (bench.memory.ledger, again(desk, invoice).status) == ([], "paid")


def test_a_customer_who_was_told_in_other_words_owes_nothing(desk: Desk, bench: Bench) -> None:
    invoice, pending = bill(desk)
    desk.decide(pending)
    bench.drain(LETTERS)
    asked: Any = desk.run("void_invoice", invoiceId=name(invoice))
    edit(desk, shown(desk, asked.approval_id), body="Dear Mia, forget our invoice.")
    assert again(desk, invoice).status == "void"
    with pytest.raises(NotOpen):
        desk.run("mark_invoice_sent", invoiceId=name(invoice))
