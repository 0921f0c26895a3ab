"""The in-doubt ladder: the provider's own list settles a doubt, absence needs two looks, and only a policy sends again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from approvals.requests import Pending
from kernel.clock import now
from kernel.db import Database
from outbox.dispatch import Later, Unsure
from tests.factories import Bench, Desk
from workers.calls import Calls
from workers.inquiries import Inquiries

LANE = "sms:sandbox"


@pytest.fixture
def inquiries(bench: Bench) -> Inquiries:
    providers = {"sandbox": bench.memory}
    return Inquiries(bench.database, Calls(bench.settings, providers))


def doubtful(desk: Desk, bench: Bench, body: str = "Hello.") -> Pending:
    pending = desk.approved(body)
    bench.memory.tell(Unsure("the answer was lost"))
    bench.drain()
    return pending


def come_due(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE delivery SET due_at = now() WHERE state IN ('in_doubt', 'ready')"))


def pass_a_minute(database: Database) -> None:
    """Long enough for another look to count."""
    with database.transaction() as session:
        session.execute(text("UPDATE attempt SET at = at - interval '61 s', started_at = started_at - interval '61 s'"))
    come_due(database)


def looks(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(text("SELECT outcome FROM attempt WHERE source = 'lookup' ORDER BY id")))


def test_a_doubt_is_not_looked_up_before_the_request_can_have_landed(desk: Desk, bench: Bench, inquiries: Inquiries, owner_db: Database) -> None:
    pending = doubtful(desk, bench)
    inquiries.ask()
    assert looks(owner_db) == []
    with owner_db.transaction() as session:
        due = session.scalar(text("SELECT due_at FROM delivery WHERE intent_id = :i"), {"i": pending.intent_ids[0]})
    assert due > now() + timedelta(minutes=9)


def test_what_the_list_shows_was_sent(desk: Desk, bench: Bench, inquiries: Inquiries, owner_db: Database) -> None:
    pending = doubtful(desk, bench)
    come_due(owner_db)
    inquiries.ask()
    assert (desk.send(pending).state, desk.send(pending).provider_ref) == ("sent", "memory-1")
    bench.drain()
    assert len(bench.memory.ledger) == 1


def test_absence_is_held_for_a_person_after_two_looks_and_never_resent(desk: Desk, bench: Bench, inquiries: Inquiries, owner_db: Database) -> None:
    bench.memory.shows = False
    pending = doubtful(desk, bench)
    for _ in range(3):
        pass_a_minute(owner_db)
        inquiries.ask()
        bench.drain()
    assert looks(owner_db) == ["absent"] * 2
    assert len(bench.memory.ledger) == 1
    send = desk.send(pending)
    assert send.state == "in_doubt"
    assert "A person decides" in (send.wait_reason or "")


def test_absence_proved_twice_is_sent_again_when_its_policy_says_so(desk: Desk, bench: Bench, inquiries: Inquiries, owner_db: Database) -> None:
    bench.memory.shows = False
    pending = doubtful(desk, bench)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE intent SET on_unknown = 'resend_if_absent'"))
    come_due(owner_db)
    inquiries.ask()
    bench.drain()
    assert len(bench.memory.ledger) == 1
    pass_a_minute(owner_db)
    inquiries.ask()
    bench.drain()
    assert len(bench.memory.ledger) == 2
    assert looks(owner_db) == ["absent"] * 2
    assert (desk.send(pending).state, desk.send(pending).attempts) == ("sent", 2)


def test_two_looks_within_a_minute_prove_no_absence(desk: Desk, bench: Bench, inquiries: Inquiries, owner_db: Database) -> None:
    bench.memory.shows = False
    pending = doubtful(desk, bench)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE intent SET on_unknown = 'resend_if_absent'"))
    for _ in range(5):
        come_due(owner_db)
        inquiries.ask()
        bench.drain()
    assert (desk.send(pending).state, len(bench.memory.ledger), looks(owner_db)) == ("in_doubt", 1, ["absent"])


def test_two_inquirers_never_ask_the_same(desk: Desk, bench: Bench, inquiries: Inquiries, owner_db: Database) -> None:
    bench.memory.shows = False
    doubtful(desk, bench)
    come_due(owner_db)
    inquiries.ask()
    inquiries.ask()
    assert looks(owner_db) == ["absent"]


def test_a_resting_lane_opens_only_when_its_probe_is_let_in(desk: Desk, bench: Bench, inquiries: Inquiries, owner_db: Database) -> None:
    pending = desk.approved()
    bench.memory.tell(Later("401: the credentials are refused", lane_fault=True))
    bench.drain()
    bench.memory.fault = "401 still"
    for _ in range(2):
        with owner_db.transaction() as session:
            session.execute(text("UPDATE lane SET breaker_until = now() WHERE breaker_until IS NOT NULL"))
        come_due(owner_db)
        inquiries.probe()
        bench.drain()
    assert len(bench.memory.ledger) == 1
    with owner_db.transaction() as session:
        assert session.scalar(text("SELECT breaker_reason FROM lane WHERE id = :l"), {"l": LANE}) == "401 still"
        session.execute(text("UPDATE lane SET breaker_until = now() WHERE breaker_until IS NOT NULL"))
    bench.memory.fault = None
    inquiries.probe()
    come_due(owner_db)
    bench.drain()
    assert desk.send(pending).state == "sent"


def test_silence_proves_absence_only_while_callbacks_are_alive(desk: Desk, bench: Bench, inquiries: Inquiries, owner_db: Database) -> None:
    """A provider that cannot be asked: a later call was called back about, this one never was."""
    pending = doubtful(desk, bench)
    inquiries._calls._providers = {}
    come_due(owner_db)
    inquiries.ask()
    assert looks(owner_db) == ["no_word"]
    later = desk.approved("A later one.")
    bench.drain()
    with owner_db.transaction() as session:
        session.execute(text("UPDATE attempt SET started_at = started_at - interval '1 h' WHERE source = 'call'"))
        session.execute(
            text("INSERT INTO attempt (intent_id, workspace_id, number, source, outcome) VALUES (:i, :w, 1, 'callback', 'delivered')"),
            {"i": later.intent_ids[0], "w": desk.founded.workspace},
        )
    come_due(owner_db)
    inquiries.ask()
    assert looks(owner_db) == ["no_word", "absent"]
    assert desk.send(pending).state == "in_doubt"
