"""What a provider says of an address is a fact for the next claim, in the transaction of its word, with whose word it is and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from kernel.db import Database, raw
from outbox.dispatch import Refused, Silencer, StatusEvent
from outbox.store import reconcile
from tests.approvals.hands import rows
from tests.factories import PHONE, Bench, Desk

WHY = "the address does not exist or takes no mail: 550 no such user"


def _word(database: Database, intent: UUID, silences: Silencer, why: str = WHY, attempt: int = 1) -> None:
    with database.transaction() as session:
        assert reconcile(raw(session), StatusEvent("k", "undelivered", None, None, why, silences=silences), (intent, attempt))


def _silenced(owner_db: Database) -> list[Any]:
    return rows(owner_db, "SELECT channel, recipient, reason, source FROM suppression")


def test_an_address_is_silent_with_its_reason_when_a_letter_bounced(desk: Desk, bench: Bench, owner_db: Database) -> None:
    sent = desk.run("send_email", to="Mia@example.com", subject="Your visit", body="Thank you.")
    desk.decide(sent)
    bench.drain("email:sandbox")
    waiting = desk.run("send_email", to="Mia@example.com", subject="Again", body="Thank you again.")
    desk.decide(waiting)
    for _ in range(2):
        _word(bench.database, sent.intent_ids[0], "provider")
    assert _silenced(owner_db) == [("email", "mia@example.com", WHY, "provider")]
    [told] = desk.run("list_suppressions", channel="email").items
    assert (told.reason, told.source) == (WHY, "provider")
    assert len(rows(owner_db, "SELECT 1 FROM event WHERE type = 'recipient.suppressed'")) == 1
    bench.drain("email:sandbox")
    assert desk.send(waiting).state == "suppressed"
    assert [one.content.frozen()["subject"] for one in bench.memory.ledger if one.recipient.lower() == "mia@example.com"] == ["Your visit"]


def test_nobody_is_silent_when_a_bounce_was_soft(desk: Desk, bench: Bench, owner_db: Database) -> None:
    sent = desk.approved()
    bench.drain("sms:sandbox")
    _word(bench.database, sent.intent_ids[0], "")
    assert _silenced(owner_db) == []


def test_a_refusal_silences_in_the_tick_that_records_it(desk: Desk, bench: Bench, owner_db: Database) -> None:
    sent = desk.approved()
    bench.memory.tell(Refused("They answered STOP.", "21610", "customer"))
    bench.drain("sms:sandbox")
    assert desk.send(sent).state == "failed"
    assert _silenced(owner_db) == [("sms", PHONE, "They answered STOP.", "customer")]


@pytest.mark.parametrize(("stands", "then"), [("agent", "provider"), ("import", "provider"), ("person", "person"), ("customer", "customer")])
def test_a_stronger_word_stays_and_a_weaker_one_gives_way(desk: Desk, bench: Bench, owner_db: Database, stands: str, then: str) -> None:
    sent = desk.approved()
    bench.drain("sms:sandbox")
    with owner_db.transaction() as session:
        row = (desk.founded.workspace, PHONE, stands)
        raw(session).execute("INSERT INTO suppression (workspace_id, channel, recipient, reason, source) VALUES (%s, 'sms', %s, 'before', %s)", row)
    _word(bench.database, sent.intent_ids[0], "provider")
    assert [source for *_, source in _silenced(owner_db)] == [then]


def test_our_own_people_are_never_silenced_by_a_bounce(desk: Desk, bench: Bench, owner_db: Database) -> None:
    desk.ask()
    bench.drain("email:sandbox")
    [(notice,)] = rows(owner_db, "SELECT id FROM intent WHERE kind = 'notice'")
    _word(bench.database, notice, "provider")
    assert _silenced(owner_db) == []
