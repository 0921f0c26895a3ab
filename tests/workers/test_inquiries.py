"""Questions to providers: a slow one, or one that cannot be asked, holds up no probe, no other doubt and no stop."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Thread

import pytest
from sqlalchemy import text

from crm.access.setup import found
from kernel.db import Database
from outbox.dispatch import Absent, Evidence, Found, NoWord, Sought, Unsure
from outbox.inquiries import SELDOM, conclude, take_doubt
from providers.memory import Memory
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.fixtures.waiting import until
from workers import inquiries
from workers.calls import Calls
from workers.inquiries import Inquiries

COME_DUE = "UPDATE delivery SET due_at = now() WHERE state = 'in_doubt'"
LOOKS = "SELECT outcome FROM attempt WHERE source = 'lookup' ORDER BY id"
PAUSE = "SELECT extract(epoch FROM due_at - changed_at)::float FROM delivery WHERE state = 'in_doubt'"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'"
REST = "UPDATE lane SET breaker_until = now(), breaker_reason = '401' WHERE id = 'sms:sandbox'"


class Slow(Memory):
    """Answers no look-up before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.answer = Event()

    def look_up(self, sought: Sought) -> Evidence:
        """Wait to be told."""
        self.asked += 1
        self.answer.wait(20)
        return Found(f"slow-{sought.dispatch.intent}", "sent")


class Mute(Memory):
    """Cannot be asked."""

    def look_up(self, sought: Sought) -> Evidence:
        """It has no list."""
        assert sought
        return NoWord("It cannot be asked.")


class Listing(Memory):
    """Shows what it was told to, as a list of messages that are all alike."""

    listed: tuple[str, ...] = ()

    def look_up(self, sought: Sought) -> Evidence:
        """The newest that nobody else has."""
        return next((Found(ref, "sent") for ref in self.listed if ref not in sought.taken), Absent())


@pytest.fixture
def slow() -> Iterator[Slow]:
    """A slow provider, which lets go in the end."""
    provider = Slow()
    yield provider
    provider.answer.set()


def asking(bench: Bench, provider: Memory) -> Inquiries:
    providers = {"sandbox": provider}
    return Inquiries(bench.database, Calls(bench.settings, providers))


def doubtful(desk: Desk, bench: Bench, owner: Database, bodies: list[str]) -> None:
    for body in bodies:
        desk.approved(body)
    bench.memory.tell(*[Unsure("the answer was lost")] * len(bodies))
    bench.drain()
    with owner.transaction() as session:
        session.execute(text("UPDATE delivery SET due_at = now() WHERE state = 'in_doubt'"))


def states(owner: Database) -> list[str]:
    with owner.transaction() as session:
        return list(session.scalars(text("SELECT state FROM delivery WHERE lane = 'sms:sandbox' ORDER BY intent_id")))


def test_no_probe_waits_for_a_slow_look_up(desk: Desk, bench: Bench, owner_db: Database, slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiries, "PERIOD", 0.05)
    doubtful(desk, bench, owner_db, ["one", "two"])
    asks = asking(bench, slow)
    asks.start()
    until(lambda: slow.asked == 1, 10, "no look-up began")
    with owner_db.transaction() as session:
        session.execute(text(REST))

    def is_open() -> bool:
        with owner_db.transaction() as session:
            return session.scalar(text("SELECT breaker_until IS NULL FROM lane WHERE id = 'sms:sandbox'")) is True

    until(is_open, 10, "the lane was not probed")
    assert slow.asked == 1
    slow.answer.set()
    asks.stop()


def test_a_stop_waits_for_one_question_only(desk: Desk, bench: Bench, owner_db: Database, slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiries, "PERIOD", 0.05)
    doubtful(desk, bench, owner_db, ["one", "two", "three"])
    asks = asking(bench, slow)
    asks.start()
    until(lambda: slow.asked == 1, 10, "no look-up began")
    stopping = Thread(target=asks.stop)
    stopping.start()
    until(lambda: asks.ending, 10, "it was not told to stop")
    slow.answer.set()
    stopping.join(10)
    assert not stopping.is_alive()
    assert slow.asked == 1
    assert sorted(states(owner_db)) == ["in_doubt", "in_doubt", "sent"]


def test_a_doubt_that_cannot_be_looked_up_keeps_no_other_waiting(desk: Desk, bench: Bench, owner_db: Database) -> None:
    doubtful(desk, bench, owner_db, ["poison", "fine"])
    with owner_db.transaction() as session:
        session.execute(text("UPDATE content SET snapshot = '[]' WHERE intent_id = (SELECT min(intent_id::text)::uuid FROM delivery WHERE state = 'in_doubt')"))
        session.execute(text("UPDATE delivery SET due_at = due_at - interval '1 s' WHERE intent_id IN (SELECT intent_id FROM content WHERE snapshot = '[]')"))
    asking(bench, bench.memory).ask()
    assert states(owner_db) == ["in_doubt", "sent"]


def look_again(asks: Inquiries, owner: Database) -> None:
    with owner.transaction() as session:
        session.execute(text(COME_DUE))
    asks.ask()


def test_what_waits_behind_a_slow_question_is_free_for_another_worker(desk: Desk, bench: Bench, owner_db: Database, slow: Slow) -> None:
    doubtful(desk, bench, owner_db, ["one", "two"])
    with ThreadPoolExecutor(1) as hand:
        asked = hand.submit(asking(bench, slow).ask)
        until(lambda: slow.asked == 1, 10, "no look-up began")
        asking(bench, bench.memory).ask()
        assert sorted(states(owner_db)) == ["in_doubt", "sent"]
        slow.answer.set()
        asked.result()
    assert (slow.asked, states(owner_db)) == (1, ["sent", "sent"])


def test_a_doubt_that_stands_is_written_down_once_and_looked_up_ever_more_seldom(desk: Desk, bench: Bench, owner_db: Database) -> None:
    doubtful(desk, bench, owner_db, ["one"])
    asks, pauses = asking(bench, Mute()), []
    for hours in (0, 2, 100):
        with owner_db.transaction() as session:
            session.execute(text("UPDATE attempt SET started_at = started_at - make_interval(hours => :h) WHERE source = 'call'"), {"h": hours})
        for _ in range(10):
            look_again(asks, owner_db)
        pauses.append(rows(owner_db, PAUSE)[0][0])
    assert rows(owner_db, LOOKS) == [("no_word",)]
    assert pauses == [pytest.approx(300), pytest.approx(7200, abs=60), pytest.approx(SELDOM)]


def test_a_look_that_says_something_else_is_written_down(desk: Desk, bench: Bench, owner_db: Database) -> None:
    """The control: only what repeats itself is left out."""
    doubtful(desk, bench, owner_db, ["one"])
    for provider in (Mute(), Listing(), Mute()):
        look_again(asking(bench, provider), owner_db)
    assert rows(owner_db, LOOKS) == [("no_word",), ("absent",), ("no_word",)]


def test_a_message_of_another_workspace_settles_no_doubt_of_ours(desk: Desk, bench: Bench, owner_db: Database) -> None:
    """One account serves both, and both said the same to the same customer."""
    with owner_db.transaction() as session:
        other = replace(desk, founded=found(session, "Elsewhere", "eve@example.com"))
    doubtful(desk, bench, owner_db, ["Hello."])
    other.approved("Hello.")
    bench.drain()
    provider = Listing()
    provider.listed = ("memory-2",)
    look_again(asking(bench, provider), owner_db)
    assert sorted(states(owner_db)) == ["in_doubt", "sent"]
    provider.listed = ("memory-2", "memory-1")
    look_again(asking(bench, provider), owner_db)
    assert rows(owner_db, "SELECT provider_ref FROM attempt WHERE provider_ref IS NOT NULL ORDER BY id") == [("memory-2",), ("memory-1",)]


def test_one_message_settles_one_doubt_when_two_look_ups_race(desk: Desk, bench: Bench, owner_db: Database) -> None:
    doubtful(desk, bench, owner_db, ["Hello.", "Hello."])
    with bench.database.line() as first, bench.database.line() as second, ThreadPoolExecutor(1) as hand:
        one, two = take_doubt(first), take_doubt(second)
        assert one
        assert two
        with first.transaction():
            conclude(first, one, Found("SM1", "sent"))
            late = hand.submit(conclude, second, two, Found("SM1", "sent"))
            until(lambda: late.done() or rows(owner_db, WAITS) == [(1,)], 10, "the second does not wait for the first")
        late.result()
    assert sorted(states(owner_db)) == ["in_doubt", "sent"]
    assert rows(owner_db, LOOKS) == [("sent",), ("no_word",)]


def test_a_lane_whose_probe_breaks_keeps_no_other_resting(desk: Desk, bench: Bench, owner_db: Database) -> None:
    class Broken(Memory):
        probed = 0

        def probe(self) -> str | None:
            self.probed += 1
            if self.probed == 1:
                raise KeyError("broken")
            return None

    desk.ask()
    with owner_db.transaction() as session:
        session.execute(text("UPDATE lane SET breaker_until = now(), breaker_reason = '401' WHERE id IN ('sms:sandbox', 'email:sandbox')"))
    asking(bench, Broken()).probe()
    resting = "SELECT breaker_reason, breaker_until > now() FROM lane WHERE breaker_until IS NOT NULL"
    assert rows(owner_db, resting) == [("It could not be probed (KeyError).", True)]
