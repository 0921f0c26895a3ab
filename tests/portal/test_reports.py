"""The reports' page shows the figures that the tools answer."""

from __future__ import annotations

from kernel.db import Database
from tests.crm.test_invoices import billed, name
from tests.crm.test_reports import over
from tests.factories import Bench, Desk
from tests.portal.guest import Guest


def test_the_page_shows_the_same_figures(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    desk.approved("One.")
    bench.drain()
    over(desk, owner_db, ["complete_booking", "mark_no_show"])
    desk.run("mark_invoice_paid", invoiceId=name(billed(desk)))
    guest.sign_in()
    page = guest.http.get("/portal/reports").text
    assert [words in page for words in ("1 of 2 did not come", "39.99", "Asked for", "<rect")] == [True] * 4
