"""What an event hints at is asked for: leased and numbered, with no transaction open; trouble puts it off and never stops the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy.orm import Session

from kernel.db import Database
from kernel.keys import show
from outbox import handlers
from outbox.dispatch import Gone, NoWord, ObjectEvent
from outbox.inbox import store
from providers.memory import Memory
from providers.stripe_calls import Stripe
from providers.transport import Transport
from tests.approvals.hands import rows
from tests.contracts.cases import SECRET
from tests.factories import Desk
from tests.fixtures.settings import settings_for
from tests.fixtures.stub_provider import StubProvider
from tests.fixtures.waiting import until
from tests.portal.guest import changed
from workers.questions import Questions
from workers.receive import Receiver
from workers.settling import MOST_TRIES

KIND = "toy.moved"
HEARD: list[ObjectEvent] = []


@pytest.fixture
def stub(tmp_path: Path) -> Iterator[StubProvider]:
    with StubProvider(tmp_path / "journal.jsonl") as running:
        yield running


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler of a type whose own snapshot is not believed."""
    HEARD.clear()
    monkeypatch.setitem(handlers.HANDLERS, KIND, hear)
    monkeypatch.setattr(handlers, "HINTS", handlers.HINTS | {KIND})


def hear(_session: Session, event: ObjectEvent) -> None:
    HEARD.append(event)


def stripe_on(stub: StubProvider, place: Path) -> Stripe:
    return Stripe(settings_for(place, stripe_api_key=SECRET, stripe_api_base=stub.url), Transport(stub.url))


def hint(number: int = 1, **about: Any) -> ObjectEvent:
    said = {"id": "sub_1", "object": "subscription", "status": "stale"} | about
    return ObjectEvent(f"evt_{number}", KIND, {"id": f"evt_{number}", "object": "event", "created": 1_780_000_000, "data": {"object": said}})


def arrive(desk: Desk, worker_db: Database, *events: ObjectEvent) -> None:
    with desk.database.transaction() as session:
        for event in events:
            store(session, "stripe", event)
    Receiver(desk.settings, worker_db).receive()


def inbox(owner_db: Database) -> list[Any]:
    return rows(owner_db, "SELECT state, reason, tries FROM inbox ORDER BY key")


def make_due(owner_db: Database) -> None:
    changed(owner_db, "UPDATE inbox SET due_at = now() WHERE state IN ('new', 'hint')")


def test_the_object_as_it_stands_is_heard_and_not_the_one_that_came(
    desk: Desk, stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path
) -> None:
    stub.stripe.things["/v1/subscriptions/sub_1"] = {"id": "sub_1", "object": "subscription", "status": "fresh"}
    arrive(desk, worker_db, hint())
    assert (HEARD, inbox(owner_db)) == ([], [("hint", "", 0)])
    Questions(worker_db, {"stripe": stripe_on(stub, tmp_path)}).ask()
    assert [(event.key, event.object, event.asked > 0) for event in HEARD] == [("evt_1", stub.stripe.things["/v1/subscriptions/sub_1"], True)]
    assert inbox(owner_db) == [("done", "", 1)]


def test_a_later_question_has_the_higher_number(desk: Desk, stub: StubProvider, worker_db: Database, tmp_path: Path) -> None:
    stub.stripe.things["/v1/subscriptions/sub_1"] = {"id": "sub_1", "object": "subscription"}
    arrive(desk, worker_db, hint(1), hint(2), hint(3))
    Questions(worker_db, {"stripe": stripe_on(stub, tmp_path)}).ask()
    numbers = [event.asked for event in HEARD]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 3


def test_no_transaction_is_open_while_stripe_is_asked(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    class Watching(Memory):
        def ask_about(self, event: ObjectEvent) -> ObjectEvent:
            open_ones = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'"
            seen.append((rows(owner_db, open_ones), rows(owner_db, "SELECT due_at > now() FROM inbox FOR UPDATE SKIP LOCKED")))
            return event

    seen: list[Any] = []
    arrive(desk, worker_db, hint())
    Questions(worker_db, {"stripe": Watching()}).ask()
    assert seen == [([(0,)], [(True,)])]


def test_trouble_is_put_off_and_ends_as_a_dead_letter_with_its_reason(
    desk: Desk, stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path
) -> None:
    stub.stripe.troubles = [500] * MOST_TRIES
    questions = Questions(worker_db, {"stripe": stripe_on(stub, tmp_path)})
    arrive(desk, worker_db, hint())
    questions.ask()
    questions.ask()
    assert inbox(owner_db) == [("hint", "Stripe answered HTTP 500", 1)]
    for _ in range(MOST_TRIES):
        make_due(owner_db)
        questions.ask()
    assert inbox(owner_db) == [("dead", "Stripe answered HTTP 500", MOST_TRIES)]
    assert (len(stub.stripe.asked), HEARD) == (MOST_TRIES, [])


def test_what_stripe_does_not_know_is_ignored_with_a_reason(desk: Desk, stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path) -> None:
    arrive(desk, worker_db, hint(), hint(2, object="unheard_of"), hint(3, id="../../v1/balance"), hint(4, id=None))
    Questions(worker_db, {"stripe": stripe_on(stub, tmp_path)}).ask()
    nameless = ("ignored", "it names no object that can be asked for", 1)
    assert inbox(owner_db) == [("ignored", "Stripe knows no such object", 1), nameless, nameless, nameless]
    assert stub.stripe.asked == ["/v1/subscriptions/sub_1"]


def test_where_nobody_can_be_asked_it_is_kept_for_a_person(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    arrive(desk, worker_db, hint())
    Questions(worker_db, {"sandbox": Memory()}).ask()
    ((state, reason, _),) = inbox(owner_db)
    assert (state, "choose it in the settings" in reason) == ("dead", True)


class Hanging(Memory):
    """Answers no question before it is told to."""

    def __init__(self, *answers: ObjectEvent | Gone | NoWord) -> None:
        super().__init__()
        self.asked = 0
        self.let_go = Event()
        self.answers = list(answers)

    def ask_about(self, event: ObjectEvent) -> ObjectEvent | Gone | NoWord:
        """Wait to be told."""
        self.asked += 1
        self.let_go.wait(20)
        return self.answers.pop(0) if self.answers else event


def test_a_slow_answer_holds_up_no_other_event(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    slow = Hanging()
    arrive(desk, worker_db, hint())
    questions = Questions(worker_db, {"stripe": slow})
    asking = Thread(target=questions.ask)
    asking.start()
    until(lambda: slow.asked == 1, 10, "nothing was asked")
    paid = {"id": "pi_1", "amount_received": 100, "currency": "usd", "metadata": {"sayso_workspace": show("org", desk.founded.workspace)}}
    arrive(desk, worker_db, ObjectEvent("evt_paid", "payment_intent.succeeded", {"created": 1_780_000_000, "data": {"object": paid}}))
    assert rows(owner_db, "SELECT state FROM inbox WHERE key = 'evt_paid'") == [("done",)]
    slow.let_go.set()
    asking.join()


def test_an_answer_whose_lease_went_to_another_is_dropped(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    slow, quick = Hanging(hint(object="late")), Hanging(hint(object="quick"))
    quick.let_go.set()
    arrive(desk, worker_db, hint())
    asking = Thread(target=Questions(worker_db, {"stripe": slow}).ask)
    asking.start()
    until(lambda: slow.asked == 1, 10, "nothing was asked")
    make_due(owner_db)
    Questions(worker_db, {"stripe": quick}).ask()
    slow.let_go.set()
    asking.join()
    assert [event.object["object"] for event in HEARD if event.object] == ["quick"]


def test_one_that_kills_its_worker_again_and_again_is_given_up(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    arrive(desk, worker_db, hint())
    changed(owner_db, f"UPDATE inbox SET tries = {MOST_TRIES}")
    Questions(worker_db, {"stripe": Hanging()}).ask()
    assert inbox(owner_db) == [("dead", "each attempt to ask for it was cut off", MOST_TRIES)]


THIN = {
    "id": "evt_thin",
    "object": "v2.core.event",
    "type": "v1.payment_intent.succeeded",
    "created": "2026-11-21T14:00:00.000Z",
    "related_object": {"id": "pi_1", "type": "payment_intent", "url": "/v1/payment_intents/pi_1"},
}


def test_a_thin_event_is_heard_like_its_twin(desk: Desk, stub: StubProvider, worker_db: Database, owner_db: Database, tmp_path: Path) -> None:
    metadata = {"sayso_workspace": show("org", desk.founded.workspace)}
    paid = {"id": "pi_1", "object": "payment_intent", "status": "succeeded", "amount_received": 4500, "currency": "eur", "metadata": metadata}
    stub.stripe.things["/v1/payment_intents/pi_1"] = paid
    arrive(desk, worker_db, ObjectEvent("evt_thin", THIN["type"], THIN))
    Questions(worker_db, {"stripe": stripe_on(stub, tmp_path)}).ask()
    twin = {"created": 1_795_269_700, "data": {"object": paid}}
    arrive(desk, worker_db, ObjectEvent("evt_twin", "payment_intent.succeeded", twin))
    assert rows(owner_db, "SELECT amount_minor, currency, paid_at::text FROM payment") == [(4500, "EUR", "2026-11-21 14:00:00+00")]
    assert inbox(owner_db) == [("done", "", 1), ("done", "", 0)]


@pytest.mark.parametrize(
    "url", [None, 7, "", "https://evil.example/v1/payment_intents/pi_1", "@evil.example/v1/x", "/v1/../secret", "/v1/x?y=z", "//evil.example"]
)
def test_a_thin_event_leads_nowhere_but_into_the_api(stub: StubProvider, tmp_path: Path, url: object) -> None:
    answer = stripe_on(stub, tmp_path).ask_about(ObjectEvent("evt_thin", "v1.payment_intent.succeeded", {**THIN, "related_object": {"url": url}}))
    assert answer == Gone("it names no object that can be asked for")
    assert stub.stripe.asked == []


def test_a_thin_event_of_a_type_nobody_hears_is_not_asked_about(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    arrive(desk, worker_db, ObjectEvent("evt_thin", "v2.core.account.updated", {**THIN, "type": "v2.core.account.updated"}))
    assert inbox(owner_db) == [("ignored", "nobody here listens for this type", 0)]
