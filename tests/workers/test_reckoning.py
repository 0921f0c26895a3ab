"""The worker compares the books with Stripe's lists and with the sandbox's: over all pages, once a day, and an unreadable list writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kernel import clock
from kernel.clock import now
from kernel.db import Database
from kernel.keys import show
from outbox.dispatch import KeepsBooks
from processes import books
from processes.command import app
from providers.memory import Memory
from providers.stripe_calls import Stripe
from providers.stripe_lists import Unreadable
from providers.transport import Transport
from tests.approvals.hands import rows
from tests.contracts.cases import SECRET
from tests.crm.test_books import deliver, events
from tests.crm.test_invoices import billed, name
from tests.factories import Desk
from tests.fixtures.settings import settings_for
from tests.fixtures.stub_provider import StubProvider
from tests.portal.guest import changed, guest_at
from workers.reckoning import USUAL, Reckoning

FOUND = "SELECT compared, many, differences FROM reconciliation ORDER BY ran_at, id"


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[StubProvider]:
    with StubProvider(tmp_path / "journal.jsonl") as running:
        yield running


def reckoning(stub: StubProvider, database: Database, place: Path) -> Reckoning:
    stripe = Stripe(settings_for(place, stripe_api_key=SECRET, stripe_api_base=stub.url), Transport(stub.url))
    return Reckoning(database, {"stripe": stripe, "memory": Memory()})


def listed(desk: Desk, stub: StubProvider, path: str, ref: str, **said: Any) -> None:
    """An object in one of Stripe's lists."""
    metadata = {"sayso_workspace": show("org", desk.founded.workspace)}
    about = {"id": ref, "created": int(now().timestamp()), "currency": "usd", "metadata": metadata, **said}
    stub.stripe.objects.insert(0, (f"/v1/{path}", about))


@pytest.fixture
def told(desk: Desk, stub: StubProvider, owner_db: Database, worker_db: Database) -> None:
    """A payment with refunds and a dispute, in our books and in Stripe's lists."""
    invoice = billed(desk)
    deliver(desk, owner_db, worker_db, events(desk, invoice))
    changed(owner_db, "UPDATE payment SET paid_at = now()")
    metadata = {"sayso_workspace": show("org", desk.founded.workspace), "sayso_invoice": name(invoice)}
    listed(desk, stub, "payment_intents", "pi_1", status="succeeded", amount=3999, amount_received=3999, metadata=metadata)
    listed(desk, stub, "payment_intents", "pi_open", status="requires_payment_method", amount=3999, amount_received=0)
    listed(desk, stub, "refunds", "re_1", status="succeeded", amount=1000, payment_intent="pi_1")
    listed(desk, stub, "refunds", "re_2", status="failed", amount=500, payment_intent="pi_1", metadata=None)
    listed(desk, stub, "disputes", "dp_1", status="won", amount=3999, payment_intent="pi_1")


@pytest.mark.usefixtures("told")
def test_stripes_lists_agree_with_what_its_events_told(stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path) -> None:
    reckoning(stub, worker_db, tmp_path).compare("stripe", now() - USUAL, now() + timedelta(minutes=1))
    assert rows(owner_db, FOUND) == [(4, 0, [])]


@pytest.mark.usefixtures("told")
def test_what_is_missing_is_found_over_all_pages(desk: Desk, stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path) -> None:
    for number in range(250):
        listed(desk, stub, "refunds", f"re_x{number}", status="succeeded", amount=1, payment_intent="pi_1")
    (found,) = reckoning(stub, worker_db, tmp_path).compare("stripe", now() - USUAL, now() + timedelta(minutes=1))
    assert (found.compared, found.many, len(found.differences)) == (254, 250, 100)
    assert {one["kind"] for one in found.differences} == {"missing_here"}
    assert rows(owner_db, "SELECT count(*) FROM refund") == [(2,)]


@pytest.mark.usefixtures("told")
def test_it_is_done_once_a_day_by_whichever_worker(stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path) -> None:
    one, other = (reckoning(stub, worker_db, tmp_path) for _ in range(2))
    for each in (one, other, one):
        each.when_due()
    assert len(rows(owner_db, FOUND)) == 1
    clock.skew(timedelta(hours=25))
    try:
        other.when_due()
    finally:
        clock.skew(timedelta(0))
    assert len(rows(owner_db, FOUND)) == 2


@pytest.mark.usefixtures("told")
def test_a_list_that_cannot_be_read_writes_nothing(desk: Desk, stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path) -> None:
    for odd in ({"currency": None}, {"amount": "ten"}, {"created": -1}):
        listed(desk, stub, "refunds", "re_odd", **({"status": "succeeded", "amount": 1, "payment_intent": "pi_1"} | odd))
        with pytest.raises(Unreadable):
            reckoning(stub, worker_db, tmp_path).compare("stripe", now() - USUAL, now())
        stub.stripe.objects.pop(0)
    assert rows(owner_db, FOUND) == []


@pytest.mark.usefixtures("told")
def test_the_host_compares_and_the_portal_shows_it(desk: Desk, stub: StubProvider, owner_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = desk.settings.model_copy(update={"payments": "stripe", "stripe_api_base": stub.url})
    monkeypatch.setattr(books, "attached", lambda: settings)
    tomorrow = (now() + timedelta(days=1)).date().isoformat()
    agreed = CliRunner().invoke(app, ["reconcile", "--until", tomorrow])
    assert (agreed.exit_code, "4 compared, 0 differ" in agreed.output) == (0, True)
    changed(owner_db, "UPDATE refund SET amount_minor = 999 WHERE provider_ref = 're_1'")
    differs = CliRunner().invoke(app, ["reconcile", "--until", tomorrow])
    assert (differs.exit_code, "amount_differs  refund re_1  here: 9.99 USD  there: 10.00 USD" in differs.output) == (1, True)
    assert CliRunner().invoke(app, ["reconcile", "--since", tomorrow]).exit_code == 1
    guest = guest_at(desk)
    guest.sign_in()
    page = guest.http.get("/portal/reports").text
    assert ("1 difference" in page, "here 9.99 USD, there 10.00 USD" in page, "re_1" in page) == (True, True, True)
    assert isinstance(Memory(), KeepsBooks) is False
    assert tmp_path.exists()
