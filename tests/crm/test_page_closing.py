"""Closing payment pages: what is void, paid or replaced cannot be paid at the provider any more; each page once, and none that may still be paid."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from approvals.inward import begin
from crm.invoices.shapes import InvoiceShown
from crm.payments.books import PAYMENTS
from kernel import clock
from kernel.db import Database
from kernel.keys import show
from outbox.content import KINDS
from tests.approvals.hands import rows
from tests.crm.test_invoices import billed, name
from tests.crm.test_payment_links import LANE, linked
from tests.factories import Bench, Desk
from tests.portal.guest import changed
from workers.clock import close_pages
from workers.jobs import Means

CLOSED = """
SELECT convert_from(c.snapshot, 'UTF8')::json->'content'->>'page', d.state, g.source FROM intent i JOIN content c ON c.intent_id = i.id
JOIN every_delivery d ON d.intent_id = i.id JOIN grants g ON g.intent_id = i.id WHERE i.kind = 'page_closing' ORDER BY i.id
"""
Tick = Callable[[], None]


@pytest.fixture
def tick(desk: Desk, worker_db: Database) -> Tick:
    """The clock."""
    return lambda: close_pages(Means(worker_db, desk.database, desk.settings))


@pytest.fixture
def paged(desk: Desk, bench: Bench) -> tuple[InvoiceShown, str]:
    """An invoice whose page is there, and that page."""
    invoice = billed(desk)
    linked(desk, invoice)
    bench.drain(LANE)
    return invoice, "memory-1"


@pytest.mark.parametrize("ends", ["mark_invoice_paid", "void_invoice"])
@pytest.mark.usefixtures("paged")
def test_the_page_is_closed_once_when_nothing_is_owed(desk: Desk, bench: Bench, owner_db: Database, tick: Tick, ends: str) -> None:
    tick()
    assert rows(owner_db, CLOSED) == [], "what can be paid stays open"
    ((invoice,),) = rows(owner_db, "SELECT id FROM invoice")
    desk.run(ends, invoiceId=show("inv", invoice))
    with ThreadPoolExecutor(4) as clocks:
        list(clocks.map(lambda _: tick(), range(8)))
    assert rows(owner_db, CLOSED) == [("memory-1", "ready", "system")]
    bench.drain(LANE)
    tick()
    assert rows(owner_db, CLOSED) == [("memory-1", "sent", "system")]


def test_a_page_in_the_making_is_closed_when_it_is_there(desk: Desk, bench: Bench, owner_db: Database, tick: Tick) -> None:
    invoice = billed(desk)
    linked(desk, invoice)
    desk.run("void_invoice", invoiceId=name(invoice))
    tick()
    assert rows(owner_db, CLOSED) == []
    bench.drain(LANE)
    tick()
    assert len(rows(owner_db, CLOSED)) == 1


def test_an_older_page_is_closed_when_a_newer_one_takes_its_place(
    desk: Desk, bench: Bench, owner_db: Database, tick: Tick, paged: tuple[InvoiceShown, str]
) -> None:
    invoice, page = paged
    clock.skew(timedelta(hours=23, minutes=1))
    try:
        linked(desk, invoice)
        bench.drain(LANE)
    finally:
        clock.skew(timedelta(0))
    tick()
    assert [closed for closed, *_ in rows(owner_db, CLOSED)] == [page]


def test_a_page_for_more_than_is_owed_is_closed(owner_db: Database, tick: Tick, paged: tuple[InvoiceShown, str]) -> None:
    changed(owner_db, "UPDATE checkout SET amount_minor = amount_minor + 1")
    tick()
    assert [closed for closed, *_ in rows(owner_db, CLOSED)] == [paged[1]]


def attempt(desk: Desk, invoice: InvoiceShown, page: str) -> Any:
    said = {"invoice": name(invoice), "workspace": show("org", desk.founded.workspace), "number": "INV-00001", "page": page}
    with desk.database.transaction(desk.founded.workspace) as session:
        return begin(session, desk.settings, desk.founded.workspace, PAYMENTS, KINDS["page_closing"](**said))


def test_the_database_lets_no_page_be_closed_that_may_be_paid_or_is_not_ours(desk: Desk, paged: tuple[InvoiceShown, str]) -> None:
    invoice, page = paged
    with pytest.raises(Exception, match="only a notice"):
        attempt(desk, invoice, page)
    desk.run("void_invoice", invoiceId=name(invoice))
    with pytest.raises(Exception, match="only a notice"):
        attempt(desk, invoice, "cs_of_another")
    assert attempt(desk, invoice, page)
