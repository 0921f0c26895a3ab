"""Giving money back: held until a person approves exactly that, done once, and never more than was paid, however many ask at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from approvals.decide import decide
from approvals.people import Rank
from approvals.requests import Pending
from approvals.standing import NotRepeatable, Terms, make
from approvals.votes import Decision
from crm.invoices.tools.refunding import NotRefundable, RefundTooHigh
from kernel.clock import now
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import show
from outbox.dispatch import ObjectEvent, Refused
from outbox.inbox import store
from tests.approvals.hands import rows, set_policy
from tests.crm.test_invoices import billed, name
from tests.factories import Bench, Desk
from tests.portal.guest import address_of, changed, guest_at, joined
from workers.receive import Receiver

LANE = "payments:sandbox"
Told = Callable[..., None]


@pytest.fixture
def tell(desk: Desk, worker_db: Database) -> Told:
    """The provider tells of something."""

    def told(key: str, kind: str, **about: Any) -> None:
        body = {"created": 1_780_000_000, "data": {"object": {"currency": "usd", "metadata": {}, **about}}}
        with desk.database.transaction() as session:
            store(session, "sandbox", ObjectEvent(key, kind, body, "sandbox"))
        Receiver(desk.settings, worker_db).receive()

    return told


@pytest.fixture
def payment(desk: Desk, tell: Told, owner_db: Database) -> str:
    """An invoice over 39.99 that was paid on the sandbox; the payment's id."""
    metadata = {"sayso_workspace": show("org", desk.founded.workspace), "sayso_invoice": name(billed(desk))}
    tell("evt_1", "payment_intent.succeeded", id="pi_1", amount_received=3999, metadata=metadata)
    ((paid,),) = rows(owner_db, "SELECT id FROM payment")
    return show("pay", paid)  # type: ignore[arg-type]  # a row is of objects


def ask(desk: Desk, payment: str, **more: Any) -> Pending:
    pending = desk.run("refund_payment", paymentId=payment, **more)
    assert isinstance(pending, Pending)
    return pending


def stands(desk: Desk) -> tuple[str, str]:
    """What was given back of the one payment, and what is asked for."""
    listed: Any = desk.run("list_payments")
    (item,) = listed.items
    return item.refunded, item.refunds_asked


def test_a_refund_waits_for_a_person_who_reads_exactly_what_goes_back(desk: Desk, bench: Bench, payment: str) -> None:
    pending = ask(desk, payment, amount="10.00", reason="Came too late")
    bench.drain(LANE)
    assert bench.memory.ledger == []
    assert stands(desk) == ("0.00", "10.00")
    (preview,) = pending.preview
    assert [part.text for part in preview.parts] == ["10.00 USD", "39.99 USD, paid on 28 May 2026 for INV-00001", "Came too late"]
    guest = guest_at(desk)
    guest.sign_in()
    page = guest.http.get(address_of(pending)).text
    for words in ("Give this money back?", "10.00 USD", "INV-00001", "Came too late"):
        assert words in page
    assert "not in your contacts" not in page
    desk.decide(pending)
    bench.drain(LANE)
    (dialled,) = bench.memory.ledger
    assert dialled.content.frozen()["amount_minor"] == 1000


def test_all_that_is_left_goes_back_when_no_amount_is_named(desk: Desk, payment: str) -> None:
    ask(desk, payment, amount="9.99")
    assert ask(desk, payment).preview[0].parts[0].text == "30.00 USD"
    with pytest.raises(RefundTooHigh) as refused:
        ask(desk, payment)
    assert refused.value.data["left"] == "0.00"


@pytest.mark.parametrize("amount", ["40.00", "39.991", "0.00", "-1", "1e1"])
def test_an_amount_that_cannot_be_is_refused(desk: Desk, payment: str, owner_db: Database, amount: str) -> None:
    with pytest.raises((RefundTooHigh, InvalidArguments)):
        ask(desk, payment, amount=amount)
    assert rows(owner_db, "SELECT 1 FROM refund") == []
    assert rows(owner_db, "SELECT 1 FROM approval") == []


def test_however_many_ask_at_once_no_more_goes_back_than_was_paid(desk: Desk, payment: str) -> None:
    def one(_: int) -> bool:
        try:
            ask(desk, payment, amount="15.00")
        except RefundTooHigh:
            return False
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(one, range(8))) == 2
    assert stands(desk) == ("0.00", "30.00")


def test_without_the_constraint_a_crowd_asks_for_more_than_was_paid(desk: Desk, payment: str, owner_db: Database) -> None:
    write = "INSERT INTO refund (id, workspace_id, provider, payment_ref, amount_minor, currency, state, intent_id) VALUES"
    same = f"'{desk.founded.workspace}', 'sandbox', 'pi_1', 3000, 'USD', 'asked'"
    intents = [ask(desk, payment, amount="1.00").intent_ids[0], ask(desk, payment, amount="1.00").intent_ids[0]]
    changed(owner_db, "DELETE FROM refund")
    for intent in intents:
        changed(owner_db, f"{write} (gen_random_uuid(), {same}, '{intent}')")
    assert stands(desk) == ("0.00", "60.00")
    changed(owner_db, "DELETE FROM refund")
    with pytest.raises(Exception, match="more would be given back"), desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text(f"{write} (gen_random_uuid(), {same}, '{intents[0]}'), (gen_random_uuid(), {same}, '{intents[1]}')"))


@pytest.mark.parametrize("ends", ["rejected", "withdrawn"])
def test_what_nobody_approves_may_be_asked_for_again(desk: Desk, payment: str, ends: str) -> None:
    pending = ask(desk, payment)
    if ends == "rejected":
        desk.decide(pending, "rejected")
    else:
        desk.run("withdraw_send_request", approvalId=show("apr", pending.approval_id))
    assert stands(desk) == ("0.00", "0.00")
    ask(desk, payment)


def test_what_the_provider_refused_stays_held_for_a_replay(desk: Desk, bench: Bench, payment: str) -> None:
    pending = ask(desk, payment, amount="30.00")
    desk.decide(pending)
    bench.memory.tell(Refused("The balance is too low.", "balance_insufficient"))
    bench.drain(LANE)
    assert desk.send(pending).state == "failed"
    with pytest.raises(RefundTooHigh):
        ask(desk, payment, amount="30.00")


def test_what_was_given_back_at_the_provider_counts_too(desk: Desk, payment: str, tell: Told) -> None:
    tell("evt_2", "refund.created", id="re_9", payment_intent="pi_1", amount=3000, status="succeeded")
    assert stands(desk) == ("30.00", "0.00")
    with pytest.raises(RefundTooHigh) as refused:
        ask(desk, payment, amount="10.00")
    assert refused.value.data["left"] == "9.99"


def test_the_providers_word_is_tied_to_our_request(desk: Desk, bench: Bench, payment: str, tell: Told, owner_db: Database) -> None:
    pending = ask(desk, payment, amount="10.00")
    desk.decide(pending)
    bench.drain(LANE)
    ours = {"sayso_workspace": show("org", desk.founded.workspace), "sayso_intent": pending.intent_ids[0].hex}
    tell("evt_2", "refund.updated", id="re_1", payment_intent="pi_1", amount=1000, status="succeeded", metadata=ours)
    tell("evt_3", "refund.created", id="re_1", payment_intent="pi_1", amount=1000, status="pending", metadata=ours)
    assert rows(owner_db, "SELECT provider_ref, state, intent_id FROM refund") == [("re_1", "succeeded", pending.intent_ids[0])]
    assert stands(desk) == ("10.00", "0.00")


@pytest.mark.parametrize(("amount", "needs"), [("20.00", "0 of 1"), ("20.01", "0 of 2")])
def test_two_people_approve_what_is_above_the_limit(desk: Desk, payment: str, owner_db: Database, amount: str, needs: str) -> None:
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    set_policy(desk, "two_people", refunds_above=2000)
    pending = ask(desk, payment, amount=amount)
    told: Any = desk.run("get_send_status", approvalId=show("apr", pending.approval_id))
    assert told.approval.approvals == needs
    desk.decide(pending)
    if needs == "0 of 2":
        assert desk.send(pending).state == "held"
        with desk.signed_in(mona) as (session, somebody):
            decide(session, somebody, Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "portal"))
    assert desk.send(pending).state == "ready"


def test_a_refund_in_parts_is_above_the_limit_as_the_whole_would_be(desk: Desk, payment: str, owner_db: Database) -> None:
    joined(desk, owner_db, "Mona", Rank.MANAGER)
    set_policy(desk, "two_people", refunds_above=2000)
    parts = [ask(desk, payment, amount="10.00") for _ in range(3)]
    told: list[Any] = [desk.run("get_send_status", approvalId=show("apr", part.approval_id)) for part in parts]
    assert [one.approval.approvals for one in told] == ["0 of 1", "0 of 1", "0 of 2"]
    assert ("Asked for or given back before", "20.00 USD") in [(part.label, part.text) for part in parts[2].preview[0].parts]


def test_parts_that_are_asked_for_at_once_know_of_each_other(desk: Desk, payment: str, owner_db: Database) -> None:
    joined(desk, owner_db, "Mona", Rank.MANAGER)
    set_policy(desk, "two_people", refunds_above=2000)
    with ThreadPoolExecutor(3) as crowd:
        list(crowd.map(lambda _: ask(desk, payment, amount="10.00"), range(3)))
    assert sorted(rows(owner_db, "SELECT needs FROM approval")) == [(1,), (1,), (2,)]


def test_a_limit_takes_two_people_for_money_that_it_cannot_compare(desk: Desk, payment: str, owner_db: Database) -> None:
    joined(desk, owner_db, "Mona", Rank.MANAGER)
    set_policy(desk, "two_people", refunds_above=2000)
    changed(owner_db, "UPDATE workspace SET country = 'FR'")
    told: Any = desk.run("get_send_status", approvalId=show("apr", ask(desk, payment, amount="1.00").approval_id))
    assert told.approval.approvals == "0 of 2"


def test_no_standing_approval_gives_money_back(desk: Desk, payment: str) -> None:
    pending = ask(desk, payment, amount="1.00")
    desk.decide(pending)
    with pytest.raises(NotRepeatable), desk.signed_in() as (session, owner):
        make(session, owner, pending.approval_id, Terms(1, now() + timedelta(days=7)))


def test_cash_is_not_given_back_by_a_provider(desk: Desk, owner_db: Database) -> None:
    desk.run("mark_invoice_paid", invoiceId=name(billed(desk)), method="cash")
    ((paid,),) = rows(owner_db, "SELECT id FROM payment")
    with pytest.raises(NotRefundable):
        ask(desk, show("pay", paid))  # type: ignore[arg-type]  # a row is of objects


def test_a_payment_of_nobody_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        ask(desk, "pay_" + "0" * 32)
