"""One field finds customers, messages, bills and money by name, address or id, of one's own business alone, and takes any text at all."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from crm.access.setup import found
from crm.contacts.tools.accounts import Created
from kernel.db import Database, raw
from kernel.keys import show
from tests.approvals.hands import doubt, rows
from tests.approvals.test_histories import delivered
from tests.crm.test_invoices import billed, name
from tests.factories import PHONE, Bench, Desk
from tests.portal.guest import Guest, everything, guest_at
from tests.portal.test_why import words


def seek(guest: Guest, typed: str) -> str:
    """What the page says when this is looked for."""
    answer = guest.http.get(f"/portal/find?{urlencode({'q': typed})}")
    assert answer.status_code == 200, typed
    return answer.text


def mia(desk: Desk) -> Created:
    made = desk.run("create_account", name="Mia 100% Park_", phone=PHONE, email="Mia@example.com")
    assert isinstance(made, Created)
    return made


def test_every_page_has_the_field_in_its_head(guest: Guest) -> None:
    guest.sign_in()
    for page in ("/portal", "/portal/lanes", "/portal/find"):
        assert 'action="/portal/find" class="seek" role="search"' in guest.http.get(page).text


def test_a_customer_is_found_by_name_number_and_address(guest: Guest, desk: Desk) -> None:
    name_of = show("acc", mia(desk).account_id)
    at = f'href="/portal/customers/{name_of}"'
    guest.sign_in()
    for typed in ("mia", "PARK", "100%", "Park_", "+44 7400 123456", "+447400123456", "mia@EXAMPLE.com", name_of):
        assert at in seek(guest, typed), typed
    assert at not in seek(guest, "Olga")


def test_wildcards_find_only_themselves(guest: Guest, desk: Desk) -> None:
    mia(desk)
    desk.run("create_account", name="Olga", phone="+33612345678")
    guest.sign_in()
    for typed in ("%%", "__", "M%a", "_ia", "\\%"):
        assert "Nothing here goes by" in seek(guest, typed), typed
    assert "Olga" not in seek(guest, "100%"), "the negative control: as a pattern it would match nothing else, as text it matches Mia"


def test_a_message_is_found_by_its_id_its_request_and_the_providers_id(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = delivered(desk, bench)
    ref = str(rows(owner_db, "SELECT provider_ref FROM attempt WHERE provider_ref IS NOT NULL LIMIT 1")[0][0])
    guest.sign_in()
    intent, approval = pending.intent_ids[0], pending.approval_id
    send, request = f'href="/portal/sends/{show("int", intent)}"', f'href="/portal/approvals/{show("apr", approval)}"'
    assert send in seek(guest, show("int", intent))
    assert send in seek(guest, ref)
    assert send in seek(guest, str(intent)), "an id without its prefix"
    assert request in seek(guest, show("apr", approval))
    assert request not in seek(guest, f"int_{approval.hex}")
    assert "to=%2B447400123456" in seek(guest, "+44 7400 123456")
    notice = rows(owner_db, "SELECT id FROM intent WHERE kind = 'notice' LIMIT 1")[0][0]
    assert "Nothing here goes by" in seek(guest, str(notice)), "mail to our own people is not found"


def test_an_invoice_and_its_payment_are_found_and_lead_to_the_customer(guest: Guest, desk: Desk, owner_db: Database) -> None:
    invoice = name(billed(desk))
    desk.run("mark_invoice_paid", invoiceId=invoice)
    payment, ref = rows(owner_db, "SELECT id, provider_ref FROM payment")[0]
    guest.sign_in()
    for typed in (invoice, "INV-00001", "1", str(ref), show("pay", payment)):  # type: ignore[arg-type] # a row is of objects
        told = words(seek(guest, typed))
        assert "Invoice" in told or "Payment" in told, typed
    assert 'href="/portal/customers/acc_' in seek(guest, invoice)


def test_another_business_finds_nothing_of_it(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    account = mia(desk).account_id
    pending = doubt(desk, bench)
    invoice = name(billed(desk))
    with owner_db.transaction() as session:
        other = found(session, "Other", "eve@example.com")
    eve = guest_at(replace(desk, founded=other))
    eve.sign_in()
    guest.sign_in()
    wanted = ("Mia", PHONE, show("acc", account), show("int", pending.intent_ids[0]), show("apr", pending.approval_id), invoice, "INV-00001")
    for typed in wanted:
        assert "Nothing here goes by" in seek(eve, typed), typed
        assert "Nothing here goes by" not in seek(guest, typed), typed


@pytest.mark.parametrize(
    "typed", ["", " ", "x" * 10_000, "%" * 10_000, "\x00\x07", "'; DROP TABLE account; --", "int_" + "f" * 32, "9" * 40, "\ud83d", "🙂\u202e"]
)
def test_any_text_is_harmless(guest: Guest, desk: Desk, owner_db: Database, typed: str) -> None:
    mia(desk)
    guest.sign_in()
    before = everything(owner_db)
    answer = guest.http.get("/portal/find", params={"q": typed.encode("utf-8", "replace").decode()})
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert everything(owner_db) == before


def test_what_is_found_by_id_walks_an_index_behind_the_wall_too(desk: Desk) -> None:
    with desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        for column, query in (
            ("provider_ref", "SELECT intent_id FROM attempt WHERE provider_ref = 'SM1'"),
            ("provider_ref", "SELECT id FROM payment WHERE provider_ref = 'pi_1'"),
            ("provider_ref", "SELECT id FROM refund WHERE provider_ref = 're_1'"),
            ("provider_ref", "SELECT id FROM dispute WHERE provider_ref = 'dp_1'"),
            ("workspace_id", "SELECT id FROM invoice WHERE number = 1"),
            ("recipient", "SELECT FROM content WHERE recipient = 'x' AND workspace_id = gen_random_uuid()"),
        ):
            plan = [line for (line,) in raw(session).execute(f"EXPLAIN {query}".encode())]
            assert any("Index Cond" in line and column in line for line in plan), plan
