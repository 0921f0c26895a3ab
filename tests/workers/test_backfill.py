"""What Stripe could not deliver is read from its list, once each, and an unreadable list is tried again later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.clock import now
from kernel.db import Database
from kernel.keys import show
from providers.memory import Memory
from providers.stripe_calls import Stripe
from providers.stripe_lists import Unreadable
from providers.transport import Transport
from tests.approvals.hands import rows
from tests.contracts.cases import SECRET
from tests.factories import Desk
from tests.fixtures.settings import settings_for
from tests.fixtures.stub_provider import StubProvider
from workers.backfill import LOOK_BACK, Backfill
from workers.receive import Receiver


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[StubProvider]:
    with StubProvider(tmp_path / "journal.jsonl") as running:
        yield running


def backfill(stub: StubProvider, database: Database, place: Path) -> Backfill:
    stripe = Stripe(settings_for(place, stripe_api_key=SECRET, stripe_api_base=stub.url), Transport(stub.url))
    return Backfill(database, {"stripe": stripe, "memory": Memory()})


def undelivered(desk: Desk, many: int, age: float = 0) -> list[dict[str, object]]:
    metadata = {"sayso_workspace": show("org", desk.founded.workspace)}
    paid = [{"id": f"pi_{number}", "amount_received": 100, "currency": "usd", "metadata": metadata} for number in range(many)]
    created = int(now().timestamp() - age)
    return [{"id": f"evt_{one['id']}", "object": "event", "type": "payment_intent.succeeded", "created": created, "data": {"object": one}} for one in paid]


def test_what_was_missed_is_fetched_over_all_pages_and_counts_once(
    desk: Desk, stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path
) -> None:
    stub.stripe.events = undelivered(desk, 250)
    fill = backfill(stub, worker_db, tmp_path)
    assert fill.fetch() == 250
    assert fill.fetch() == 0
    Receiver(desk.settings, worker_db).receive()
    assert rows(owner_db, "SELECT count(*), sum(amount_minor) FROM payment") == [(250, 25_000)]


def test_what_is_older_is_left(desk: Desk, stub: StubProvider, worker_db: Database, tmp_path: Path) -> None:
    stub.stripe.events = undelivered(desk, 1, age=LOOK_BACK.total_seconds() + 60)
    assert backfill(stub, worker_db, tmp_path).fetch() == 0


def test_a_list_that_cannot_be_read_changes_nothing(desk: Desk, stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path) -> None:
    stub.stripe.events = [*undelivered(desk, 1), {"id": "", "created": int(now().timestamp())}]
    with pytest.raises(Unreadable):
        backfill(stub, worker_db, tmp_path).fetch()
    assert rows(owner_db, "SELECT 1 FROM inbox") == []


def test_a_worker_begins_with_a_round(desk: Desk, stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path) -> None:
    stub.stripe.events = undelivered(desk, 1)
    fill = backfill(stub, worker_db, tmp_path)
    fill.start()
    fill.stop()
    assert rows(owner_db, "SELECT key FROM inbox") == [("evt_pi_0",)]
