"""Payment links: an address at once, one page at the provider however often it is asked for, dead when nothing is owed, and no way round the gate."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from approvals.inward import begin
from crm.invoices.paying import CUSTOMER, NothingToPay
from crm.invoices.shapes import InvoiceShown
from kernel import clock
from kernel.db import Database
from kernel.keys import show, token_hash
from outbox.content import KINDS
from tests.approvals.hands import rows
from tests.crm.test_invoices import again, billed, name
from tests.factories import Bench, Desk
from tests.portal.guest import Reader, guest_at

LANE = "payments:sandbox"


def linked(desk: Desk, invoice: InvoiceShown) -> Any:
    return desk.run("create_payment_link", invoiceId=name(invoice))


def path(desk: Desk, link: Any) -> str:
    assert link.url.startswith(f"{desk.settings.base_url}/pay/")
    return str(link.url).removeprefix(desk.settings.base_url)


def test_a_link_is_there_at_once_and_the_token_is_kept_as_a_hash(desk: Desk, owner_db: Database) -> None:
    invoice = billed(desk)
    link = linked(desk, invoice)
    assert (link.amount, link.currency, link.invoice_id) == ("39.99", "USD", invoice.invoice_id)
    token = path(desk, link).removeprefix("/pay/")
    assert rows(owner_db, "SELECT token_hash FROM payment_link") == [(token_hash(token),)]
    assert rows(
        owner_db, "SELECT i.kind, d.lane, d.state, g.source FROM delivery d JOIN intent i ON i.id = d.intent_id JOIN grants g ON g.id = d.grant_id"
    ) == [("payment_link", LANE, "ready", "system")]


def test_a_second_link_uses_the_page_of_the_first_while_it_is_young(desk: Desk) -> None:
    invoice = billed(desk)
    first, second = linked(desk, invoice), linked(desk, invoice)
    assert first.url != second.url
    assert first.intent_id == second.intent_id
    clock.skew(timedelta(hours=23, minutes=1))
    try:
        assert linked(desk, invoice).intent_id != first.intent_id
    finally:
        clock.skew(timedelta(0))


def test_the_page_says_who_what_and_how_much_and_nothing_secret(desk: Desk, bench: Bench) -> None:
    link = linked(desk, billed(desk))
    bench.drain(LANE)
    page = guest_at(desk).http.get(path(desk, link))
    assert page.status_code == 200
    for words in ("Studio Ola", "INV-00001", "39.99 USD", "Pay (pretend)", "no money moves"):
        assert words in page.text
    assert "mia@example.com" not in page.text
    assert "Mia" not in page.text


@pytest.mark.parametrize("tool", ["mark_invoice_paid", "void_invoice"])
def test_the_page_is_dead_when_nothing_is_owed(desk: Desk, tool: str) -> None:
    invoice = billed(desk)
    link = linked(desk, invoice)
    guest = guest_at(desk)
    fields = Reader(guest.http.get(path(desk, link)).text).fields
    desk.run(tool, invoiceId=name(invoice))
    page = guest.http.get(path(desk, link))
    assert "<form" not in page.text
    assert re.search("is paid|nothing to pay", page.text)
    late = guest.http.post(path(desk, link), data={**fields, "deed": "pretend"})
    assert (late.status_code, "There is nothing to pay" in late.text) == (409, True)
    with pytest.raises(NothingToPay):
        linked(desk, invoice)


@pytest.mark.parametrize("token", ["x" * 22, "é", "a" * 65])
def test_an_address_that_leads_nowhere_says_so_calmly(desk: Desk, token: str) -> None:
    answer = guest_at(desk).http.get(f"/pay/{token}")
    assert answer.status_code == 404
    assert "Ask the business for a new link." in answer.text
    assert "Sign in" not in answer.text


def content(desk: Desk, of: InvoiceShown, **changed: Any) -> dict[str, Any]:
    said = {"number": "INV-00001", "business": "Studio Ola", "amount_minor": 3999, "currency": "USD", "back": "http://sayso.test/pay/done"}
    return said | {"invoice": name(of), "workspace": show("org", desk.founded.workspace)} | changed


@pytest.mark.parametrize("kind", ["payment_link", "pretend_payment"])
def test_what_reaches_nobody_is_granted_by_the_system(desk: Desk, kind: str) -> None:
    invoice = billed(desk)
    with desk.database.transaction(desk.founded.workspace) as session:
        begin(session, desk.settings, desk.founded.workspace, CUSTOMER, KINDS[kind](**content(desk, invoice)))


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("payment_link", {"amount_minor": 4000}),
        ("payment_link", {"currency": "EUR"}),
        ("payment_link", {"invoice": "inv_" + "0" * 32}),
        ("sms", {"to": "+447400123456", "body": "Pay at once"}),
        ("email", {"to": "mia@example.com", "subject": "Pay", "body": "Pay at once"}),
        ("refund", {"payment_ref": "pi_1", "workspace": "org_1", "amount_minor": 1, "currency": "USD", "gives": "0.01", "of": "x", "about": "INV-00001"}),
    ],
)
def test_nothing_else_is_granted_by_the_system(desk: Desk, kind: str, changed: dict[str, Any]) -> None:
    invoice = billed(desk)
    given = changed if kind in ("sms", "email", "refund") else content(desk, invoice, **changed)
    with pytest.raises(Exception, match="only a notice"), desk.database.transaction(desk.founded.workspace) as session:
        begin(session, desk.settings, desk.founded.workspace, CUSTOMER, KINDS[kind](**given))


@pytest.mark.parametrize("ends", ["mark_invoice_paid", "void_invoice"])
def test_no_page_is_made_of_what_is_not_owed(desk: Desk, ends: str) -> None:
    invoice = billed(desk)
    desk.run(ends, invoiceId=name(invoice))
    assert again(desk, invoice).status in ("paid", "void")
    with pytest.raises(Exception, match="only a notice"), desk.database.transaction(desk.founded.workspace) as session:
        begin(session, desk.settings, desk.founded.workspace, CUSTOMER, KINDS["payment_link"](**content(desk, invoice)))


def test_a_pretended_payment_is_for_the_sandbox_alone(desk: Desk) -> None:
    invoice = billed(desk)
    real = desk.settings.model_copy(update={"payments": "stripe"})
    with pytest.raises(Exception, match="only a notice"), desk.database.transaction(desk.founded.workspace) as session:
        begin(session, real, desk.founded.workspace, CUSTOMER, KINDS["pretend_payment"](**content(desk, invoice)))


def test_a_button_that_is_pressed_without_end_is_refused(desk: Desk, owner_db: Database) -> None:
    link = linked(desk, billed(desk))
    guest = guest_at(desk)
    fields = {**Reader(guest.http.get(path(desk, link)).text).fields, "deed": "pretend"}
    answers = [guest.http.post(path(desk, link), data=fields) for _ in range(22)]
    assert [answer.status_code for answer in answers[-3:]] == [303, 429, 429]
    assert "pressed too often" in answers[-1].text
    assert rows(owner_db, "SELECT count(*) FROM intent WHERE kind = 'pretend_payment'") == [(20,)]
