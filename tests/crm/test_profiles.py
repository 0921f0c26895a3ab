"""Everything about one customer: shown, exported, and erased by a person alone, whole or not at all, with the audit left as it was."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from approvals.people import Rank
from approvals.requests import Pending
from approvals.wanted import OptedOut
from crm.bookings.shapes import BookingShown
from crm.bookings.tools.reading import BookingDetail
from crm.bookings.tools.services import ServiceShown
from crm.contacts.tools.accounts import Members
from crm.invoices.shapes import InvoiceShown
from crm.invoices.tools.writing import InvoiceChanged
from crm.profiles import erasure
from crm.profiles.erasure import StillLeaving
from crm.profiles.tools import AccountExport, ErasureAsked, MemberProfile, Messages, WhichAccount, export_account, get_member_profile
from kernel import clock
from kernel.call import Call, Caller
from kernel.db import Database, raw
from kernel.errors import InvalidArguments, NotFound, ScopeMissing
from kernel.keys import new_id, read, show
from outbox import chain, retirement
from tests.approvals.crowds import campaign
from tests.approvals.hands import doubt, rows
from tests.approvals.test_standing import allow
from tests.crm.test_contacts import acc, customer
from tests.crm.test_conversations import says
from tests.factories import PHONE, Bench, Desk
from tests.house.tree import ROOT
from tests.portal.guest import everything, guest_at, joined
from workers.clock import seal_audit

WORDS = re.compile(r"mia|nuts|tea\b|447400123456", re.IGNORECASE)
"""What is personal of the customer below."""
ANSWERED = """INSERT INTO idempotency (workspace_id, key, operation, request_digest, answer)
    VALUES (:w, 'makes-the-customer', 'create_account', '', cast(:answer AS jsonb))"""
SQL = ROOT / "migrations/sql/0001_first_say_so/4_erasure.sql"
DELETED = re.compile(r"DELETE FROM (?:public\.)?(\w+)")


def lived(desk: Desk, bench: Bench) -> str:
    """A customer with a bit of everything."""
    who = acc(customer(desk, "Mia Park", email="Mia@example.com", phone=PHONE, firstName="Mia", notes="Allergic to nuts."))
    desk.run("attach_tags", accountId=who, tags=["likes tea"])
    desk.run("set_consent", accountId=who, channel="email", consent=True, evidence="Mia ticked the box.")
    desk.run("set_consent", accountId=who, channel="whatsapp", consent=False)
    desk.run("earn_loyalty_points", accountId=who, points=5, reason="Mia brought a friend.")
    service = show("svc", cast("ServiceShown", desk.run("create_service", name="Haircut", durationMinutes=60, price="49.00")).service_id)
    day = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%d")
    desk.run("create_booking", serviceId=service, start=f"{day}T10:00:00Z", accountId=who, notes="Mia likes tea.")
    desk.approved("Dear Mia, see you soon.")
    bench.drain()
    return who


def erase(desk: Desk, who: str, person: UUID | None = None) -> int:
    """What the button in the portal does."""
    with desk.signed_in(person) as (session, somebody):
        return erasure.erase(Call(session, somebody.as_caller(), desk.founded.workspace, clock.now(), desk.settings), read("acc", who))


def personal(owner_db: Database) -> dict[str, list[str]]:
    """The tables that hold something personal, with what."""
    found = {table: [row for row in held if WORDS.search(row)] for table, held in everything(owner_db).items()}
    return {table: held for table, held in found.items() if held}


def test_a_profile_tells_the_whole_of_a_customer(desk: Desk, bench: Bench) -> None:
    who = lived(desk, bench)
    seen = cast("MemberProfile", desk.run("get_member_profile", accountId=who))
    assert (seen.name, seen.first_name, seen.tags, seen.points, seen.upcoming, seen.visits) == ("Mia Park", "Mia", ["likes tea"], 5, 1, 0)
    assert [(one.channel, one.consent, one.is_suppressed) for one in seen.consents] == [
        ("whatsapp", "withdrawn", True),
        ("sms", "unknown", False),
        ("email", "given", False),
    ]
    assert [(one.text, one.state) for one in seen.messages] == [("Dear Mia, see you soon.", "sent")]
    assert [one.service_name for one in seen.next_bookings] == ["Haircut"]


def test_messages_are_listed_page_by_page_and_mail_to_our_own_people_is_not_among_them(desk: Desk, worker_db: Database) -> None:
    who = acc(customer(desk, email="olivia@example.com", phone=PHONE))
    for number in range(5):
        desk.ask(f"Number {number}")
    desk.ask("To somebody else", to="+447400123499")
    says(desk, worker_db, "Yes please", at=(clock.now() + timedelta(seconds=1)).timestamp())
    first = cast("Messages", desk.run("list_account_messages", accountId=who, limit=3))
    second = cast("Messages", desk.run("list_account_messages", accountId=who, limit=3, cursor=first.next_cursor))
    said = [(one.direction, one.text) for one in (*first.items, *second.items)]
    assert said == [("in", "Yes please"), *(("out", f"Number {number}") for number in (4, 3, 2, 1, 0))]
    assert second.next_cursor is None
    for odd in ("nonsense", "2026-01-01,x", "2026-01-01T00:00:00,01990000000070008000000000000000"):
        with pytest.raises(InvalidArguments):
            desk.run("list_account_messages", accountId=who, cursor=odd)


def test_an_export_holds_everything(desk: Desk, bench: Bench) -> None:
    said = cast("AccountExport", desk.run("export_account", accountId=lived(desk, bench)))
    assert (len(said.consents), len(said.bookings), said.points, len(said.points_entries), len(said.messages)) == (2, 1, 5, 1, 1)
    assert (said.customer.email, said.bookings[0].notes, said.is_complete) == ("Mia@example.com", "Mia likes tea.", True)


def test_a_key_reads_through_a_profile_only_what_its_scopes_say(desk: Desk, bench: Bench) -> None:
    who = lived(desk, bench)
    narrow = Caller("agent", desk.founded.key.id, "narrow", frozenset({"contacts"}))
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        call = Call(session, narrow, desk.founded.workspace, clock.now(), desk.settings)
        seen = get_member_profile(call, WhichAccount.model_validate({"accountId": who}))
        assert (seen.messages, seen.next_bookings, seen.name) == ([], [], "Mia Park")
        with pytest.raises(ScopeMissing):
            export_account(call, WhichAccount.model_validate({"accountId": who}))


def test_an_invoice_that_a_letter_voided_stays_void(desk: Desk, bench: Bench, owner_db: Database) -> None:
    who = lived(desk, bench)
    made = cast("InvoiceShown", desk.run("create_invoice", accountId=who, lines=[{"description": "Haircut", "quantity": 1, "unitPrice": "49.00"}]))
    invoice = show("inv", made.invoice_id)
    desk.decide(cast("Pending", desk.run("mark_invoice_sent", invoiceId=invoice)))
    bench.drain("email:sandbox")
    void = cast("InvoiceChanged", desk.run("void_invoice", invoiceId=invoice))
    desk.decide(cast("Pending", desk.run("get_approval", approvalId=show("apr", cast("UUID", void.approval_id)))))
    bench.drain("email:sandbox")
    assert cast("InvoiceShown", desk.run("get_invoice", invoiceId=invoice)).status == "void"
    assert erase(desk, who) == 3
    assert cast("InvoiceShown", desk.run("get_invoice", invoiceId=invoice)).status == "void"


def test_an_agent_only_asks_to_erase(desk: Desk, bench: Bench, owner_db: Database) -> None:
    who = lived(desk, bench)
    asked = cast("ErasureAsked", desk.run("erase_account", accountId=who, reason="Mia asked by e-mail."))
    assert (asked.status, asked.portal_url) == ("waits_for_a_person", f"{desk.settings.base_url}/portal/customers/{who}/erase")
    desk.run("erase_account", accountId=who, reason="Again.")
    assert rows(owner_db, "SELECT reason FROM erasure") == [("Mia asked by e-mail.",)]
    assert cast("MemberProfile", desk.run("get_member_profile", accountId=who)).is_erasure_asked
    with pytest.raises(ProgrammingError), desk.database.transaction(workspace=desk.founded.workspace) as session:
        session.execute(text("SELECT erase_account(id) FROM account"))


def test_staff_cannot_erase_whatever_the_page_lets_through(desk: Desk, bench: Bench, owner_db: Database) -> None:
    who = lived(desk, bench)
    with pytest.raises(Exception, match="only a signed-in decider"):
        erase(desk, who, joined(desk, owner_db, "Sam", Rank.STAFF))
    assert "account" in personal(owner_db)


def test_nothing_personal_is_left_but_the_opt_out(desk: Desk, bench: Bench, owner_db: Database, worker_db: Database) -> None:
    who = lived(desk, bench)
    says(desk, worker_db, "Thank you, Mia.")
    assert [one.text for one in cast("AccountExport", desk.run("export_account", accountId=who)).messages if one.direction == "in"] == ["Thank you, Mia."]
    with owner_db.transaction() as session:
        session.execute(text(ANSWERED), {"w": desk.founded.workspace, "answer": f'{{"accountId": "{who}", "name": "Mia"}}'})
    assert {"account", "content", "booking", "consent", "idempotency", "heard", "conversation", "inbox"} <= set(personal(owner_db))
    assert erase(desk, who) == 1
    assert set(personal(owner_db)) == {"suppression"}
    assert rows(owner_db, "SELECT name, email, erased_at IS NOT NULL FROM account") == [("Erased customer", None, True)]


def test_the_audit_and_its_chain_stay_whole(desk: Desk, bench: Bench, owner_db: Database, worker_db: Database) -> None:
    who = lived(desk, bench)
    seal_audit(worker_db)
    before = rows(owner_db, "SELECT id, action, detail::text FROM audit ORDER BY id")
    digests = rows(owner_db, "SELECT encode(digest, 'hex') FROM approval")
    erase(desk, who)
    seal_audit(worker_db)
    after = rows(owner_db, "SELECT id, action, detail::text FROM audit ORDER BY id")
    assert (after[: len(before)], after[-1][1]) == (before, "customer.erased")
    assert all(any(str(digest) in str(row) for row in after) for (digest,) in digests), "what was approved can still be proved by its digest"
    with owner_db.transaction() as session:
        assert chain.verify(raw(session), desk.founded.workspace).fault is None


def test_what_waits_is_cancelled_and_others_messages_stay(desk: Desk, bench: Bench, owner_db: Database) -> None:
    who = acc(customer(desk, "Mia Park", phone=PHONE))
    customer(desk, "Ben", phone="+447400123499")
    many, held = campaign(desk), desk.ask("Dear Mia")
    assert erase(desk, who) == 2
    assert rows(owner_db, "SELECT recipient FROM content WHERE NOT sealed") == [("+447400123499",)]
    assert rows(owner_db, "SELECT id FROM approval") == [(many.approval_id,)]
    with pytest.raises(NotFound):
        desk.run("get_send_status", approvalId=show("apr", held.approval_id))
    assert bench.memory.ledger == []


def test_a_message_in_doubt_is_settled_first(desk: Desk, bench: Bench, owner_db: Database) -> None:
    who = acc(customer(desk, "Mia Park", phone=PHONE))
    doubt(desk, bench)
    with pytest.raises(StillLeaving):
        erase(desk, who)
    assert rows(owner_db, "SELECT name, erased_at FROM account") == [("Mia Park", None)]


def test_a_standing_approval_for_whoever_was_erased_ends_and_loses_its_words(desk: Desk, owner_db: Database) -> None:
    who = acc(customer(desk, "Mia Park", phone=PHONE))
    allow(desk, desk.approved("Dear Mia, see you soon."), to_same=True)
    allow(desk, desk.approved("See you soon.", to="+447400123499"), to_same=True)
    erase(desk, who)
    kept = "SELECT recipient, words #>> '{content,body}', revoked_at IS NULL FROM standing ORDER BY id"
    assert rows(owner_db, kept) == [("erased", "erased", False), ("+447400123499", "See you soon.", True)]
    guest = guest_at(desk)
    guest.sign_in()
    assert guest.http.get("/portal/standing").status_code == 200


def test_whoever_was_erased_is_found_nowhere_and_their_bookings_stay_countable(desk: Desk, bench: Bench) -> None:
    who = lived(desk, bench)
    erase(desk, who)
    assert cast("Members", desk.run("search_members")).total == 0
    for name in ("get_member_profile", "export_account", "list_account_messages"):
        with pytest.raises(NotFound):
            desk.run(name, accountId=who)
    (booked,) = cast("Any", desk.run("list_bookings")).items
    assert cast("BookingShown", booked).customer_name == "Erased customer"
    assert cast("BookingDetail", desk.run("get_booking_detail", bookingId=show("bkg", booked.booking_id))).notes is None
    assert customer(desk, "Mia Park", phone=PHONE).is_new, "whoever comes back is somebody new"


def test_the_opt_out_of_whoever_was_erased_still_holds(desk: Desk, bench: Bench) -> None:
    who = acc(customer(desk, "Mia Park", phone=PHONE))
    desk.run("set_consent", accountId=who, channel="sms", consent=False)
    erase(desk, who)
    with pytest.raises(OptedOut):
        desk.approved()
    bench.drain()
    assert bench.memory.ledger == []


def test_erasing_takes_all_that_forgetting_takes_of_a_send() -> None:
    """Two places know what belongs to a send; neither may learn of a table that the other does not know."""
    forgotten = {table for statement in (*retirement.FORGET, *retirement.FORGET_REQUESTS, retirement.LINKS) for table in DELETED.findall(statement)}
    erased = set(DELETED.findall(SQL.read_text()))
    assert forgotten - erased == set()
    assert erased - forgotten == {"delivery", "account_tag", "consent", "erasure", "heard", "conversation", "reply_window"}


def test_nobody_reads_or_erases_a_customer_of_another_workspace(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        session.execute(text("INSERT INTO workspace (id, name) VALUES (:w, 'Other')"), {"w": (other := new_id())})
        session.execute(text("INSERT INTO account (id, workspace_id, name) VALUES (:a, :w, 'Canary')"), {"a": (theirs := new_id()), "w": other})
    for name in ("get_member_profile", "export_account", "list_account_messages"):
        with pytest.raises(NotFound):
            desk.run(name, accountId=show("acc", theirs))
    with pytest.raises(NotFound):
        desk.run("erase_account", accountId=show("acc", theirs), reason="x")
    with pytest.raises(NotFound):
        erase(desk, show("acc", theirs))
    with desk.signed_in() as (session, _):
        assert session.execute(text("SELECT * FROM erase_account(:a)"), {"a": theirs}).all() == []
    assert rows(owner_db, "SELECT name FROM account") == [("Canary",)]
    assert isinstance(desk.ask(), Pending)
