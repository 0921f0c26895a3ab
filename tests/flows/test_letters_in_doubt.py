"""Letters to our own people whose call broke off: evidence first, then the same letter again, a few times; never a customer's message."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from kernel.db import Database
from kernel.keys import new_id
from outbox.claims import START_OF_ROUND, Ask
from outbox.dispatch import Evidence, NoWord, Provider, Sought, Unsure
from outbox.inquiries import MOST_CALLS
from outbox.store import sweep, tick
from providers.memory import Memory
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from workers.calls import Calls
from workers.inquiries import Inquiries

LANE = "email:sandbox"
STATE = "SELECT d.state FROM every_delivery d JOIN intent i ON i.id = d.intent_id WHERE i.kind = 'notice'"
DUE = "SELECT extract(epoch FROM d.due_at - d.changed_at)::int FROM delivery d JOIN intent i ON i.id = d.intent_id WHERE i.kind = 'notice'"
COME_DUE = "UPDATE delivery SET due_at = now() WHERE state = 'in_doubt'"


class Mute(Memory):
    """A provider that cannot be asked, as SendGrid."""

    def look_up(self, sought: Sought) -> Evidence:
        """It has no list."""
        assert sought
        return NoWord("It cannot be asked.")


def bench_of(bench: Bench, memory: Memory) -> tuple[Bench, Inquiries]:
    """A worker's bench with this provider, and who asks it."""
    providers: Mapping[str, Provider] = {"sandbox": memory}
    return Bench(bench.database, bench.settings, memory), Inquiries(bench.database, Calls(bench.settings, providers))


def lost(desk: Desk, at: Bench, times: int = 1) -> None:
    """A request whose notice left, and the answer was lost."""
    desk.ask()
    at.memory.tell(*[Unsure("the answer was lost")] * times)
    at.drain(LANE)


def again(at: Bench, inquiries: Inquiries, owner_db: Database) -> None:
    """The safe delay passes, and a worker looks."""
    with owner_db.transaction() as session:
        session.execute(text(COME_DUE))
    inquiries.ask()
    at.drain(LANE)


@pytest.mark.parametrize("memory", [Memory(), Mute()], ids=["absent", "mute"])
def test_a_notice_leaves_again_after_one_safe_delay_when_nothing_shows_that_it_arrived(desk: Desk, bench: Bench, owner_db: Database, memory: Memory) -> None:
    memory.shows = False
    at, inquiries = bench_of(bench, memory)
    lost(desk, at)
    inquiries.ask()
    at.drain(LANE)
    assert (rows(owner_db, STATE), rows(owner_db, DUE), len(memory.ledger)) == ([("in_doubt",)], [(60,)], 1)
    again(at, inquiries, owner_db)
    assert (rows(owner_db, STATE), len(memory.ledger)) == ([("sent",)], 2)
    assert memory.ledger[0].content == memory.ledger[1].content


def test_a_notice_is_not_sent_again_when_the_provider_has_it(desk: Desk, bench: Bench, owner_db: Database) -> None:
    at, inquiries = bench_of(bench, Memory())
    lost(desk, at)
    again(at, inquiries, owner_db)
    assert (rows(owner_db, STATE), len(at.memory.ledger)) == ([("sent",)], 1)


def test_a_notice_is_tried_a_few_times_and_not_for_ever(desk: Desk, bench: Bench, owner_db: Database) -> None:
    at, inquiries = bench_of(bench, Mute())
    lost(desk, at, 9)
    for _ in range(MOST_CALLS + 2):
        again(at, inquiries, owner_db)
    assert (rows(owner_db, STATE), len(at.memory.ledger)) == ([("in_doubt",)], MOST_CALLS)


def test_a_notice_in_doubt_ends_when_it_outlives_its_use(desk: Desk, bench: Bench, owner_db: Database) -> None:
    at, inquiries = bench_of(bench, Mute())
    lost(desk, at)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE intent SET expires_at = now()"))
        session.execute(text("UPDATE delivery SET expires_at = now()"))
    again(at, inquiries, owner_db)
    with bench.database.line() as line:
        sweep(line)
    assert (rows(owner_db, STATE), len(at.memory.ledger)) == ([("expired",)], 1)


def test_a_notice_leaves_again_once_when_the_worker_died_while_it_asked(desk: Desk, bench: Bench, owner_db: Database) -> None:
    class Dying(Mute):
        def look_up(self, sought: Sought) -> Evidence:
            raise SystemExit(sought.dispatch.reference)

    at, dying = bench_of(bench, Dying())
    lost(desk, at)
    with pytest.raises(SystemExit):
        again(at, dying, owner_db)
    _, another = bench_of(bench, Mute())
    another.ask()
    assert (rows(owner_db, STATE), len(at.memory.ledger)) == ([("in_doubt",)], 1)
    again(at, another, owner_db)
    another.ask()
    at.drain(LANE)
    assert (rows(owner_db, STATE), len(at.memory.ledger)) == ([("sent",)], 2)


def test_a_notice_leaves_again_when_its_worker_died_in_the_call(desk: Desk, bench: Bench, owner_db: Database) -> None:
    at, inquiries = bench_of(bench, Mute())
    desk.ask()
    with bench.database.line() as line:
        tick(line, Ask(LANE, new_id(), 1, 30.0, START_OF_ROUND), [])
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET lease_until = now() WHERE state = 'calling'"))
    with bench.database.line() as line:
        sweep(line)
    assert (rows(owner_db, STATE), rows(owner_db, DUE)) == ([("in_doubt",)], [(60,)])
    again(at, inquiries, owner_db)
    assert (rows(owner_db, STATE), len(at.memory.ledger)) == ([("sent",)], 1)


def test_the_same_does_not_happen_to_a_customers_message(desk: Desk, bench: Bench, owner_db: Database) -> None:
    """The negative control: what is resent by hope is told by the kind alone."""
    at, inquiries = bench_of(bench, Mute())
    at.memory.tell(Unsure("the answer was lost"))
    pending = desk.approved()
    at.drain()
    for _ in range(3):
        again(at, inquiries, owner_db)
        at.drain()
    assert (desk.send(pending).state, [one.channel for one in at.memory.ledger].count("sms")) == ("in_doubt", 1)


def test_the_database_lets_no_customers_message_be_resent_by_hope(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    with pytest.raises(IntegrityError, match="ck_intent_on_unknown"), owner_db.transaction() as session:
        session.execute(text("UPDATE intent SET on_unknown = 'resend' WHERE id = :i"), {"i": pending.intent_ids[0]})
