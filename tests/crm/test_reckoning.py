"""The books compared with the provider's own: each difference is found and named, nothing is made up, and nothing but the finding is written."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm.access.setup import found
from crm.payments.comparing import Line, differences
from crm.payments.reckoning import Time, reckon
from kernel.clock import now
from kernel.db import Database
from kernel.keys import show
from outbox.dispatch import Booked
from tests.approvals.hands import rows
from tests.crm.test_books import deliver, events
from tests.crm.test_invoices import billed, name
from tests.factories import Desk
from tests.portal.guest import changed, everything

PAID = Line("payment", "pi_1", 3999, "USD", "succeeded", "inv_1")
NAMED = {
    "missing_here": (None, PAID),
    "missing_there": (PAID, None),
    "amount_differs": (PAID, replace(PAID, amount_minor=1)),
    "currency_differs": (PAID, replace(PAID, currency="EUR", amount_minor=1)),
    "state_differs": (replace(PAID, what="refund", state="pending"), replace(PAID, what="refund")),
    "invoice_differs": (replace(PAID, invoice=""), PAID),
}


@pytest.mark.parametrize("kind", NAMED)
def test_each_difference_has_its_name(kind: str) -> None:
    here, there = ({"pi_1": line} if line else {} for line in NAMED[kind])
    assert [one.kind for one in differences(here, there)] == [kind]


def test_what_is_the_same_differs_in_nothing() -> None:
    assert list(differences({"pi_1": PAID}, {"pi_1": PAID})) == []
    assert list(differences({"pi_1": PAID}, {"pi_1": replace(PAID, invoice="")})) == []


def test_whatever_is_changed_is_found_and_nothing_else_when_one_side_is_disturbed() -> None:
    dice = random.Random(7)
    for _ in range(200):
        there = {f"re_{n}": Line("refund", f"re_{n}", dice.randrange(1, 999), "USD", dice.choice(["pending", "succeeded"])) for n in range(9)}
        here, wanted = dict(there), set()
        for ref in dice.sample(sorted(there), 3):
            wanted.add(ref)
            match dice.randrange(3):
                case 0:
                    del here[ref]
                case 1:
                    here[ref] = replace(there[ref], amount_minor=1000)
                case _:
                    here[ref] = replace(there[ref], state="failed")
        assert {one.ref for one in differences(here, there)} == wanted


@pytest.fixture
def told(desk: Desk, owner_db: Database, worker_db: Database) -> list[Booked]:
    """A payment with two refunds and a dispute in our books, and the same as Stripe would list it."""
    invoice = billed(desk)
    deliver(desk, owner_db, worker_db, events(desk, invoice))
    changed(owner_db, "UPDATE payment SET paid_at = now()")
    whose, at = show("org", desk.founded.workspace), now()
    return [
        Booked("payment", "pi_1", "pi_1", 3999, "USD", "succeeded", at, whose, name(invoice)),
        Booked("refund", "re_1", "pi_1", 1000, "USD", "succeeded", at),
        Booked("refund", "re_2", "pi_1", 500, "USD", "failed", at),
        Booked("dispute", "dp_1", "pi_1", 3999, "USD", "won", at),
    ]


def compared(worker_db: Database, booked: list[Booked]) -> dict[str, Any]:
    """One comparison of the last day; what it found, by the provider's ids."""
    with worker_db.transaction() as session:
        (one, *_) = reckon(session, Time("stripe", now() - timedelta(days=1), now() + timedelta(minutes=1)), booked) or [None]
        return {} if one is None else {each["ref"]: (each["kind"], each["here"], each["there"]) for each in one.differences}


def test_books_that_agree_differ_in_nothing_and_the_agent_reads_it(desk: Desk, told: list[Booked], worker_db: Database) -> None:
    unread: Any = desk.run("get_reconciliation_report")
    assert (unread.ran_at, unread.items) == (None, [])
    assert compared(worker_db, told) == {}
    report: Any = desk.run("get_reconciliation_report")
    assert (report.provider, report.compared, report.different, "agree" in report.next_step) == ("stripe", 4, 0, True)


def test_every_kind_of_difference_is_found_in_real_rows(desk: Desk, told: list[Booked], worker_db: Database, owner_db: Database) -> None:
    payment, refund, _, dispute = told
    strange = replace(payment, ref="pi_9", payment_ref="pi_9", invoice="")
    before = {table: kept for table, kept in everything(owner_db).items() if table != "reconciliation"}
    disturbed = [replace(payment, currency="EUR"), replace(refund, amount_minor=900), replace(dispute, state="needs_response"), strange]
    seen = compared(worker_db, disturbed)
    assert seen == {
        "pi_1": ("currency_differs", "39.99 USD", "39.99 EUR"),
        "re_1": ("amount_differs", "10.00 USD", "9.00 USD"),
        "re_2": ("missing_there", "5.00 USD", None),
        "dp_1": ("state_differs", "won", "open"),
        "pi_9": ("missing_here", None, "39.99 USD"),
    }
    assert {table: kept for table, kept in everything(owner_db).items() if table != "reconciliation"} == before
    report: Any = desk.run("get_reconciliation_report")
    assert report.different == 5
    assert "replay" in next(one.next_step for one in report.items if one.kind == "missing_here")


def test_an_invoice_that_was_paid_twice_or_is_void_is_named(desk: Desk, told: list[Booked], worker_db: Database, owner_db: Database) -> None:
    twice = replace(told[0], ref="pi_2", payment_ref="pi_2")
    deliver(desk, owner_db, worker_db, [replace(event, key=f"{event.key}-2", body=_second(event.body)) for event in events_of(desk, told)])
    changed(owner_db, "UPDATE payment SET paid_at = now()")
    assert compared(worker_db, [*told, twice]) == {told[0].invoice: ("amount_differs", "39.99 USD", "79.98 USD")}
    changed(owner_db, "UPDATE invoice SET voided_at = now()")
    assert compared(worker_db, [*told, twice]) == {told[0].invoice: ("state_differs", "void", "paid")}


def events_of(desk: Desk, told: list[Booked]) -> list[Any]:
    """The event of the payment alone."""
    return [event for event in events(desk, _invoice(desk, told)) if event.type == "payment_intent.succeeded"]


def _invoice(desk: Desk, told: list[Booked]) -> Any:
    return desk.run("get_invoice", invoiceId=told[0].invoice)


def _second(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "data": {"object": {**body["data"]["object"], "id": "pi_2"}}}


def test_what_is_older_or_of_nobody_here_is_left_and_each_business_has_its_own(desk: Desk, told: list[Booked], worker_db: Database, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        other = found(session, "Elsewhere", "eve@example.com")
    long_ago = replace(told[0], ref="pi_old", payment_ref="pi_old", at=now() - timedelta(days=3))
    nobodys = [replace(told[0], ref=f"pi_{n}", payment_ref=f"pi_{n}", workspace=whose) for n, whose in enumerate(("", "org_x", f"org_{'0' * 32}"), 10)]
    theirs = replace(told[0], ref="pi_e", payment_ref="pi_e", workspace=show("org", other.workspace), invoice="")
    compared(worker_db, [*told, long_ago, *nobodys, theirs])
    assert rows(owner_db, "SELECT many, differences->0->>'ref' FROM reconciliation ORDER BY many") == [(0, None), (1, "pi_e")]
    report: Any = desk.run("get_reconciliation_report")
    assert (report.different, report.items) == (0, [])
