"""Death by SIGKILL around a call of Stripe, and Stripe's own ways to be busy: the same key and bytes again, and one page at Stripe."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernel.failpoints import Instant
from tests.crm.test_invoices import billed, name
from tests.faults.conftest import Grounds
from tests.fixtures.nursery import KILLED
from tests.fixtures.stage import Stage
from tests.fixtures.waiting import until

LANE = "payments:stripe"
STATE = f"SELECT state FROM delivery WHERE lane = '{LANE}'"
LONG_AGO = "UPDATE attempt SET at = at - interval '1 minute' WHERE source = 'lookup'"
NOW = f"UPDATE delivery SET due_at = now() WHERE lane = '{LANE}' AND state IN ('in_doubt', 'ready')"
ASKED = {
    Instant.BEFORE_DIALLING: 1,
    Instant.ANSWER_RECEIVED: 1,
    Instant.OUTCOME_BEFORE_COMMIT: 1,
}
"""Before the call; after Stripe took it; with its answer, before that is written: and how often Stripe was asked to make it in all."""


@pytest.fixture
def till(grounds: Grounds) -> Iterator[Stage]:
    """A stage whose money goes through Stripe."""
    with grounds.stage(SAYSO_PAYMENTS="stripe", STRIPE_API_KEY="sk_test_key", STRIPE_WEBHOOK_SECRET="whsec_key") as stage:
        stage.environment["STRIPE_API_BASE"] = stage.stub.url
        yield stage


def linked(stage: Stage) -> str:
    """A page to pay on that is on its way; its key at Stripe."""
    made = stage.desk.run("create_payment_link", invoiceId=name(billed(stage.desk)))
    return f"{made.intent_id.hex}:session"  # type: ignore[attr-defined]  # the tool's own answer


def state(stage: Stage) -> str:
    ((found,),) = stage.execute(STATE)
    return str(found)


def settles(stage: Stage) -> bool:
    """Whether it is made; a doubt is looked into at once instead of in a while."""
    stage.execute(NOW)
    return state(stage) == "sent"


@pytest.mark.parametrize("instant", ASKED)
def test_a_page_is_made_once_when_a_worker_dies_around_the_call(till: Stage, instant: Instant) -> None:
    linked(till)
    till.start("clock")
    assert till.start("worker", SAYSO_CRASH_AT=instant).ended(20) == KILLED
    made_before = len(till.stub.stripe.objects)
    till.start("worker")
    until(lambda: state(till) in ("in_doubt", "ready", "sent"), 20, "the lease did not end")
    until(lambda: settles(till), 30, "it was not made")
    assert len(till.stub.stripe.objects) == ASKED[instant]
    assert made_before == (instant is not Instant.BEFORE_DIALLING)
    assert len({str(entry.fields) for entry in till.entries(accepted=False)}) == 1, "the same bytes each time"
    assert len(till.stub.stripe.kept) == 1, "under one key"


def test_a_page_is_made_once_when_stripe_is_busy_with_the_same_key(till: Stage) -> None:
    key = linked(till)
    till.stub.stripe.busy.add(key)
    till.start("clock")
    till.start("worker")
    until(lambda: state(till) == "in_doubt", 20, "a request in flight is no doubt")
    assert till.stub.stripe.objects == []
    till.stub.stripe.busy.clear()
    until(lambda: settles(till), 30, "it was not made")
    assert len(till.stub.stripe.objects) == 1


def test_a_page_is_found_by_its_metadata_when_its_key_is_forgotten_after_a_day(till: Stage) -> None:
    linked(till)
    till.stub.tell("accept_then_reset")
    till.start("clock")
    till.start("worker")
    until(lambda: state(till) == "in_doubt", 20, "a lost answer is no doubt")
    till.stub.stripe.kept.clear()
    till.execute("UPDATE attempt SET started_at = now() - interval '23 hours 1 minute'")
    until(lambda: settles(till), 30, "it was not found")
    assert len(till.stub.stripe.objects) == 1


def test_a_page_is_asked_for_no_more_and_left_to_a_person_when_it_is_lost_for_a_day(till: Stage) -> None:
    linked(till)
    till.stub.tell("reset")
    till.start("clock")
    till.start("worker")
    until(lambda: state(till) == "in_doubt", 20, "a lost call is no doubt")
    till.execute("UPDATE attempt SET started_at = now() - interval '23 hours 1 minute'")
    told = f"SELECT 1 FROM delivery WHERE lane = '{LANE}' AND wait_reason LIKE '%person%'"
    until(lambda: till.execute(LONG_AGO) or till.execute(NOW) or till.execute(told), 30, "no person is asked")
    assert (state(till), till.stub.stripe.objects, len(till.entries(accepted=False))) == ("in_doubt", [], 1)


CLOSING = "SELECT d.state FROM delivery d JOIN intent i ON i.id = d.intent_id WHERE i.kind = 'page_closing'"


@pytest.mark.parametrize("instant", ASKED)
def test_a_page_is_closed_when_a_worker_dies_around_the_call(till: Stage, instant: Instant) -> None:
    till.start("clock")
    invoice = billed(till.desk)
    till.desk.run("create_payment_link", invoiceId=name(invoice))
    worker = till.start("worker")
    until(lambda: state(till) == "sent", 20, "it was not made")
    worker.stop()
    till.desk.run("void_invoice", invoiceId=name(invoice))
    until(lambda: till.execute(CLOSING), 20, "nobody closes it")
    assert till.start("worker", SAYSO_CRASH_AT=instant).ended(20) == KILLED
    till.start("worker")
    until(lambda: till.execute(NOW) or till.execute(CLOSING) == [("sent",)], 40, "it was not closed")
    ((_, page),) = till.stub.stripe.objects
    assert page["status"] == "expired"
    assert len([entry for entry in till.entries() if entry.path.endswith("/expire")]) == 1
