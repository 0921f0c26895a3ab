"""Invoices: numbers without a gap, sums to the minor unit, and a status that is read from what was sent, paid and voided."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest

from approvals.requests import Pending
from crm.bookings.tools.bookings import Changed
from crm.contacts.shapes import Member
from crm.invoices.shapes import InvoiceShown
from crm.invoices.tools.reading import Invoices, InvoiceStats
from crm.invoices.tools.writing import InvoiceChanged, InvoiceExists, NotOpen
from kernel.clock import now
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import show
from tests.approvals.hands import rows
from tests.crm.test_reminders import booked, in_days
from tests.factories import Bench, Desk
from tests.portal.guest import changed

MIA = {"name": "Mia Park", "email": "mia@example.com", "phone": "+447400123456"}
LINES = [{"description": "Colour", "quantity": 2, "unitPrice": "19.99"}, {"description": "Tip", "unitPrice": "0.01"}]


def customer(desk: Desk, **more: Any) -> str:
    return show("acc", cast("Member", desk.run("create_account", **(MIA | more))).account_id)


def billed(desk: Desk, **more: Any) -> InvoiceShown:
    given = {"accountId": customer(desk), "lines": LINES} if not {"bookingId", "accountId"} & set(more) else {}
    return cast("InvoiceShown", desk.run("create_invoice", **(given | more)))


def name(invoice: InvoiceShown) -> str:
    return show("inv", invoice.invoice_id)


def again(desk: Desk, invoice: InvoiceShown) -> InvoiceShown:
    return cast("InvoiceShown", desk.run("get_invoice", invoiceId=name(invoice)))


def test_a_booking_is_billed_once_at_its_price(desk: Desk) -> None:
    booking: Changed = booked(desk, in_days(3), MIA)
    first = billed(desk, bookingId=show("bkg", booking.booking_id))
    assert (first.number, first.status, first.total, first.lines[0].description) == ("INV-00001", "draft", "49.00", "Haircut")
    with pytest.raises(InvoiceExists) as refused:
        billed(desk, bookingId=show("bkg", booking.booking_id))
    assert refused.value.data == {"invoiceId": name(first)}
    desk.run("void_invoice", invoiceId=name(first), reason="Wrong name")
    assert billed(desk, bookingId=show("bkg", booking.booking_id)).number == "INV-00002"


def test_lines_are_summed_to_the_minor_unit(desk: Desk) -> None:
    invoice = billed(desk)
    assert (invoice.total, [line.total for line in invoice.lines], invoice.currency) == ("39.99", ["39.98", "0.01"], "USD")


@pytest.mark.parametrize(
    "wrong",
    [
        {"lines": [{"description": "x", "unitPrice": "0.001"}]},
        {"lines": [{"description": "x", "unitPrice": "-1"}]},
        {"lines": [{"description": "x", "unitPrice": "1e3"}]},
        {"lines": [{"description": "x", "unitPrice": "١٢"}]},
        {"lines": [{"description": "x\r\nBcc: y", "unitPrice": "1"}]},
        {"lines": [{"description": "x", "unitPrice": "999999999", "quantity": 10000}]},
        {"lines": [{"description": "x", "unitPrice": "1", "quantity": 0}]},
        {"lines": []},
        {"currency": "XXX"},
        {"dueDate": "2020-01-01"},
        {"dueDate": "2999-01-01"},
        {"bookingId": "bkg_01990000000070008000000000000000", "accountId": "acc_01990000000070008000000000000000"},
    ],
)
def test_what_does_not_fit_is_refused(desk: Desk, owner_db: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises((InvalidArguments, NotFound)):
        billed(desk, **({"accountId": customer(desk), "lines": LINES} | wrong))
    assert rows(owner_db, "SELECT count(*) FROM invoice") == [(0,)]
    assert rows(owner_db, "SELECT count(*) FROM invoice_number") == [(0,)], "no number is lost to a refusal"


def test_numbers_have_no_gap_however_many_write_at_once(desk: Desk) -> None:
    account = customer(desk)
    with ThreadPoolExecutor(8) as writers:
        made = list(writers.map(lambda _: billed(desk, accountId=account, lines=LINES), range(24)))
    assert sorted(one.number for one in made) == [f"INV-{number:05d}" for number in range(1, 25)]


def test_it_is_sent_when_a_person_approved_and_the_provider_took_it(desk: Desk, bench: Bench) -> None:
    invoice = billed(desk)
    pending = cast("Pending", desk.run("mark_invoice_sent", invoiceId=name(invoice)))
    assert (pending.status, again(desk, invoice).status) == ("pending", "sending")
    with pytest.raises(NotOpen):
        desk.run("mark_invoice_sent", invoiceId=name(invoice))
    desk.decide(pending)
    bench.drain("email:sandbox")
    sent = again(desk, invoice)
    assert (sent.status, sent.sent_at is not None) == ("sent", True)
    letter = bench.memory.ledger[-1].content.frozen()
    assert (letter["subject"], "Colour: 2 x 19.99 = 39.98 USD" in letter["body"]) == ("Invoice INV-00001 from Studio Ola", True)


def test_a_rejected_e_mail_leaves_it_a_draft(desk: Desk) -> None:
    invoice = billed(desk)
    desk.decide(cast("Pending", desk.run("mark_invoice_sent", invoiceId=name(invoice))), "rejected")
    assert again(desk, invoice).status == "draft"


def test_money_that_came_ends_the_e_mail_that_waits(desk: Desk, bench: Bench) -> None:
    invoice = billed(desk)
    pending = cast("Pending", desk.run("mark_invoice_sent", invoiceId=name(invoice)))
    desk.decide(pending)
    paid = cast("InvoiceChanged", desk.run("mark_invoice_paid", invoiceId=name(invoice), method="cash"))
    assert (paid.status, paid.paid, paid.cancelled_sends) == ("paid", "39.99", 1)
    desk.run("mark_invoice_paid", invoiceId=name(invoice))
    bench.drain("email:sandbox")
    assert [sent for sent in bench.memory.ledger if "Invoice" in str(sent.content)] == []
    assert again(desk, invoice).paid == "39.99", "paid once"


def test_two_who_record_the_same_money_record_it_once(desk: Desk, owner_db: Database) -> None:
    invoice = billed(desk)
    with ThreadPoolExecutor(6) as hands:
        list(hands.map(lambda _: desk.run("mark_invoice_paid", invoiceId=name(invoice)), range(6)))
    assert rows(owner_db, "SELECT count(*), sum(amount_minor) FROM payment") == [(1, 3999)]


def test_what_was_sent_is_void_only_with_a_persons_yes(desk: Desk, bench: Bench) -> None:
    invoice = billed(desk)
    desk.decide(cast("Pending", desk.run("mark_invoice_sent", invoiceId=name(invoice))))
    bench.drain("email:sandbox")
    asked = cast("InvoiceChanged", desk.run("void_invoice", invoiceId=name(invoice)))
    assert (asked.status, asked.approval_id is not None) == ("sent", True)
    status: Any = desk.run("get_send_status", approvalId=show("apr", cast("Any", asked.approval_id)))
    pending = Pending(approval_id=cast("Any", asked.approval_id), digest=status.approval.digest, expires_at=now(), intent_ids=[], preview=[])
    desk.decide(pending)
    assert again(desk, invoice).status == "void"
    with pytest.raises(NotOpen):
        desk.run("mark_invoice_paid", invoiceId=name(invoice))


def test_what_is_paid_cannot_be_voided(desk: Desk) -> None:
    invoice = billed(desk)
    desk.run("mark_invoice_paid", invoiceId=name(invoice))
    with pytest.raises(NotOpen):
        desk.run("void_invoice", invoiceId=name(invoice))


def test_what_is_paid_in_part_cannot_be_voided_either(desk: Desk, owner_db: Database) -> None:
    desk.run("mark_invoice_paid", invoiceId=name(invoice := billed(desk)))
    changed(owner_db, "UPDATE payment SET amount_minor = 1000")
    assert again(desk, invoice).status == "draft"
    with pytest.raises(NotOpen):
        desk.run("void_invoice", invoiceId=name(invoice))
    assert (again(desk, invoice).status, again(desk, invoice).paid) == ("draft", "10.00")


def test_late_ones_are_listed_and_summed(desk: Desk, owner_db: Database) -> None:
    late, open_ = billed(desk), billed(desk)
    changed(owner_db, "UPDATE invoice SET due_date = current_date - 2 WHERE id = :it", it=late.invoice_id)
    listed = cast("Invoices", desk.run("list_overdue_invoices"))
    assert [one.invoice_id for one in listed.items] == [late.invoice_id]
    assert (again(desk, late).is_overdue, again(desk, open_).is_overdue) == (True, False)
    (sums,) = cast("InvoiceStats", desk.run("get_invoice_stats")).items
    assert (sums.status, sums.count, sums.total, sums.owed, sums.overdue) == ("draft", 2, "79.98", "79.98", 1)


def test_a_page_leads_to_the_next(desk: Desk) -> None:
    made = [billed(desk).invoice_id for _ in range(3)]
    first = cast("Invoices", desk.run("list_invoices", limit=2))
    second = cast("Invoices", desk.run("list_invoices", limit=2, cursor=show("inv", cast("Any", first.next_cursor))))
    assert [one.invoice_id for one in (*first.items, *second.items)] == made[::-1]
