"""The books end the same whatever the order and number of a payment's events; what is terminal never goes back."""

from __future__ import annotations

import random
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from crm.invoices.shapes import InvoiceShown
from kernel.db import Database, raw
from kernel.keys import show
from outbox.dispatch import ObjectEvent
from outbox.handlers import HANDLERS
from outbox.inbox import store
from outbox.replays import Wanted, replay
from tests.approvals.hands import rows
from tests.crm.test_invoices import again, billed, name
from tests.factories import Desk
from tests.portal.guest import changed
from workers.receive import Receiver

Body = dict[str, Any]
BOOKS = (
    "SELECT provider_ref, amount_minor, currency, paid_at, invoice_id, refunded_minor, asked_minor, is_disputed, lost_minor FROM payment_now ORDER BY 1",
    "SELECT provider_ref, payment_ref, amount_minor, state FROM refund ORDER BY 1",
    "SELECT provider_ref, payment_ref, amount_minor, state FROM dispute ORDER BY 1",
    "SELECT status, paid_minor, refunded_minor, paid_at FROM invoice_now",
)
EMPTIED = ("inbox", "payment", "refund", "dispute", "event")


def events(desk: Desk, invoice: InvoiceShown) -> list[ObjectEvent]:
    """What Stripe says of one page that was paid, given back twice, once in vain, and disputed."""
    metadata = {"sayso_workspace": show("org", desk.founded.workspace), "sayso_invoice": name(invoice)}
    usd: Body = {"currency": "usd", "metadata": metadata}
    back: Body = {"currency": "usd", "metadata": {}, "payment_intent": "pi_1"}
    told: list[tuple[str, Body]] = [
        ("checkout.session.completed", {"id": "cs_1", "payment_status": "paid", "payment_intent": "pi_1", "amount_total": 3999, **usd}),
        ("payment_intent.succeeded", {"id": "pi_1", "amount_received": 3999, **usd}),
        ("charge.refunded", {"id": "ch_1", "payment_intent": "pi_1", "amount_refunded": 1500, **usd}),
        ("refund.updated", {"id": "re_1", "amount": 1000, "status": "succeeded", **back}),
        ("refund.failed", {"id": "re_2", "amount": 500, "status": "failed", **back}),
        ("charge.dispute.closed", {"id": "dp_1", "amount": 3999, "status": "won", **back}),
    ]
    first: list[tuple[str, Body]] = [
        ("refund.created", {"id": "re_1", "amount": 1000, "status": "pending", **back}),
        ("refund.updated", {"id": "re_2", "amount": 500, "status": "succeeded", **back}),
        ("charge.dispute.created", {"id": "dp_1", "amount": 3999, "status": "needs_response", **back}),
    ]
    return [
        ObjectEvent(f"evt_{place}", kind, {"id": f"evt_{place}", "created": 1_780_000_000 + place, "data": {"object": said}})
        for place, (kind, said) in enumerate([*told, *first])
    ]


def deliver(desk: Desk, owner_db: Database, worker_db: Database, told: list[ObjectEvent]) -> None:
    """Each event by itself, worked off at once; what came too early is tried again until all is done."""
    for event in told:
        with desk.database.transaction() as session:
            store(session, "stripe", event)
        Receiver(desk.settings, worker_db).receive()
    while rows(owner_db, "SELECT 1 FROM inbox WHERE state = 'new'"):
        changed(owner_db, "UPDATE inbox SET due_at = now() WHERE state = 'new'")
        Receiver(desk.settings, worker_db).receive()
    assert rows(owner_db, "SELECT type, state, reason FROM inbox WHERE state <> 'done'") == []


def books(owner_db: Database) -> list[Any]:
    return [rows(owner_db, query) for query in BOOKS]


def empty(owner_db: Database) -> None:
    for table in EMPTIED:
        changed(owner_db, f"DELETE FROM {table}")


def test_every_order_of_the_first_four_events_ends_in_the_same_books(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    invoice = billed(desk)
    four = events(desk, invoice)[:4]
    seen: list[Any] = []
    for order in permutations(four):
        empty(owner_db)
        deliver(desk, owner_db, worker_db, [*order, *order])
        seen.append(books(owner_db))
    assert len(seen) == 24
    assert all(one == seen[0] for one in seen)
    assert [row[:2] for row in seen[0][0]] == [("pi_1", 3999)]
    assert seen[0][3][0][:3] == ("paid", 3999, 1500)


@pytest.mark.parametrize("seed", range(20))
def test_any_order_and_repetition_of_all_events_ends_in_the_same_books(desk: Desk, owner_db: Database, worker_db: Database, seed: int) -> None:
    invoice = billed(desk)
    told = events(desk, invoice)
    mixed = told * 2
    random.Random(seed).shuffle(mixed)
    deliver(desk, owner_db, worker_db, mixed)
    ((_, amount, _, _, tied, refunded, asked, is_disputed, lost),), refunds, disputes, ((status, paid, _, _),) = books(owner_db)
    assert (amount, tied, refunded, asked, is_disputed, lost) == (3999, invoice.invoice_id, 1000, 0, False, 0)
    assert refunds == [("re_1", "pi_1", 1000, "succeeded"), ("re_2", "pi_1", 500, "failed")]
    assert disputes == [("dp_1", "pi_1", 3999, "won")]
    assert (status, paid) == ("paid", 3999)
    assert rows(owner_db, "SELECT count(*) FROM event WHERE type IN ('payment.succeeded', 'invoice.paid')") == [(2,)]


def test_an_invoice_that_was_given_back_stays_paid(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    invoice = billed(desk)
    deliver(desk, owner_db, worker_db, events(desk, invoice)[:4])
    stands = again(desk, invoice)
    assert (stands.status, stands.paid, stands.refunded) == ("paid", "39.99", "15.00")


def test_what_is_on_its_way_back_is_held_once_also_when_the_charge_tells_of_it(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    (paid, _, charge, *_) = told = events(desk, billed(desk))
    going = {**told[3].body["data"]["object"], "amount": 1500, "status": "pending"}
    refund = ObjectEvent("evt_r", "refund.created", {**told[3].body, "data": {"object": going}})
    for order in permutations([paid, charge, refund]):
        empty(owner_db)
        deliver(desk, owner_db, worker_db, list(order))
        assert rows(owner_db, "SELECT refunded_minor, asked_minor FROM payment_now") == [(0, 1500)]


def test_money_in_another_currency_or_for_another_business_pays_no_invoice(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    invoice = billed(desk)
    (_, paid, *_) = events(desk, invoice)
    euros = ObjectEvent("evt_e", paid.type, {**paid.body, "data": {"object": {**paid.body["data"]["object"], "currency": "eur"}}})
    deliver(desk, owner_db, worker_db, [euros])
    assert again(desk, invoice).status == "draft"
    assert rows(owner_db, "SELECT currency, invoice_id FROM payment") == [("EUR", None)]


def refused_card(desk: Desk, key: str = "evt_f", **changed: Any) -> ObjectEvent:
    """What Stripe says of a card that was refused for the same payment."""
    failed = {"id": "pi_1", "amount_received": 0, "currency": "usd", "metadata": {"sayso_workspace": show("org", desk.founded.workspace)}}
    return ObjectEvent(key, "payment_intent.payment_failed", {"created": 1_780_000_000, "data": {"object": failed | changed}})


def told_of_payments(owner_db: Database) -> list[Any]:
    return [kind for (kind,) in rows(owner_db, "SELECT type FROM event WHERE type LIKE 'payment.%' ORDER BY id")]


def test_a_refused_card_moves_no_money_and_is_told(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    invoice = billed(desk)
    deliver(desk, owner_db, worker_db, [refused_card(desk)])
    assert told_of_payments(owner_db) == ["payment.failed"]
    assert again(desk, invoice).status == "draft"


def test_each_refused_card_is_told_once_also_when_it_is_replayed(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    deliver(desk, owner_db, worker_db, [refused_card(desk), refused_card(desk, "evt_g")])
    assert told_of_payments(owner_db) == ["payment.failed", "payment.failed"]
    with owner_db.transaction() as session:
        assert replay(raw(session), Wanted()) == 2
    changed(owner_db, "DELETE FROM event")
    Receiver(desk.settings, worker_db).receive()
    assert (told_of_payments(owner_db), rows(owner_db, "SELECT DISTINCT state FROM inbox")) == ([], [("done",)])


@pytest.mark.parametrize("paid_with", [0, 1], ids=["its page", "itself"])
def test_a_refused_card_is_not_told_after_the_payment(desk: Desk, owner_db: Database, worker_db: Database, paid_with: int) -> None:
    deliver(desk, owner_db, worker_db, [events(desk, billed(desk))[paid_with]])
    given_up(desk, owner_db, worker_db, refused_card(desk))
    assert told_of_payments(owner_db) == ["payment.succeeded"]
    assert rows(owner_db, "SELECT state, reason FROM inbox WHERE key = 'evt_f'") == [("ignored", "the payment came after all")]


def test_a_refused_card_is_not_told_when_its_payment_says_that_it_was_paid(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    given_up(desk, owner_db, worker_db, refused_card(desk, amount_received=3999))
    assert told_of_payments(owner_db) == []


def given_up(desk: Desk, owner_db: Database, worker_db: Database, told: ObjectEvent) -> None:
    """A refund whose payment does not come, tried until it is left."""
    with desk.database.transaction() as session:
        store(session, "stripe", told)
    for _ in range(12):
        changed(owner_db, "UPDATE inbox SET due_at = now()")
        Receiver(desk.settings, worker_db).receive()


def test_a_refund_of_a_payment_that_never_comes_is_left_with_its_reason(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    given_up(desk, owner_db, worker_db, events(desk, billed(desk))[3])
    reason = "it is about a payment that is not here; it is tried anew when that comes"
    assert rows(owner_db, "SELECT state, reason, tries FROM inbox") == [("ignored", reason, 10)]


def test_a_refund_that_was_left_counts_when_its_payment_comes_after_all(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    told = events(desk, billed(desk))
    given_up(desk, owner_db, worker_db, told[3])
    deliver(desk, owner_db, worker_db, [told[1]])
    assert rows(owner_db, "SELECT provider_ref, state FROM refund") == [("re_1", "succeeded")]
    assert rows(owner_db, "SELECT waits_for FROM inbox WHERE waits_for IS NOT NULL") == []


def test_another_payment_takes_up_no_refund_that_waits(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    told = events(desk, billed(desk))
    given_up(desk, owner_db, worker_db, told[3])
    (_, paid, *_) = told
    other = {**paid.body, "data": {"object": {**paid.body["data"]["object"], "id": "pi_2"}}}
    with desk.database.transaction() as session:
        store(session, "stripe", ObjectEvent("evt_other", paid.type, other))
    Receiver(desk.settings, worker_db).receive()
    assert rows(owner_db, "SELECT state FROM inbox ORDER BY key") == [("ignored",), ("done",)]


def test_another_workspace_named_in_the_metadata_takes_no_payment_over(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    invoice = billed(desk)
    told = events(desk, invoice)[1]
    deliver(desk, owner_db, worker_db, [told])
    changed(owner_db, "INSERT INTO workspace (id, name) VALUES (:id, 'Elsewhere')", id=UUID(int=7))
    foreign = {**told.body["data"]["object"], "metadata": {"sayso_workspace": show("org", UUID(int=7))}}
    with desk.database.transaction() as session:
        store(session, "stripe", ObjectEvent("evt_x", told.type, {**told.body, "data": {"object": foreign}}))
    Receiver(desk.settings, worker_db).receive()
    assert rows(owner_db, "SELECT workspace_id FROM payment") == [(desk.founded.workspace,)]
    assert rows(owner_db, "SELECT state FROM inbox WHERE key = 'evt_x'") == [("ignored",)]


def test_whatever_is_heard_has_a_handler() -> None:
    assert {"checkout.session.completed", "payment_intent.succeeded", "refund.updated", "charge.refunded", "charge.dispute.closed"} <= set(HANDLERS)
