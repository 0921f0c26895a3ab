"""What the model found, on the real database, each in as few steps as show it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from uuid import UUID

import pytest

from approvals.gate import Draft
from kernel.clock import now
from kernel.db import Database
from kernel.keys import new_id
from outbox.dispatch import Accepted, Later, Outcome, Status, StatusEvent, Unsure
from outbox.kinds.sms import Sms
from outbox.states import Claimed, State
from outbox.store import Finished
from tests.factories import Bench, Desk
from tests.model.world import World


@pytest.fixture
def world(desk: Desk, bench: Bench, owner_db: Database) -> Iterator[World]:
    with World.opened(desk, bench, owner_db) as opened:
        yield opened


def done(claimed: Claimed, outcome: Outcome) -> Finished:
    return Finished(claimed, now(), claimed.digest, outcome)


def test_a_lost_tick_gives_everything_back_when_it_claimed_what_it_reported(world: World) -> None:
    (intent,) = world.desk.approved().intent_ids
    owner = new_id()
    (first,) = world.tick(owner, 1, [])
    busy = done(first, Later("429", after=0.0))
    world.tick(owner, 1, [busy])  # its answer is lost: the second attempt, claimed in the same tick, was never seen
    world.release(owner, {(first.intent_id, first.attempt)})
    world.tick(owner, 0, [busy])
    assert world.rows()[0][intent].state == State.READY


def test_evidence_stops_the_second_call_when_it_comes_before_the_next_claim(world: World) -> None:
    (intent,) = world.desk.approved().intent_ids
    owner = new_id()
    (first,) = world.tick(owner, 1, [])
    world.tick(owner, 0, [done(first, Unsure("the answer was lost"))])
    world.prove_absent(intent, 1)
    world.callback(StatusEvent("key", "delivered", None, "SM1"), (intent, 1))
    assert world.tick(owner, 1, []) == []


def second(world: World) -> tuple[UUID, UUID, Claimed]:
    """A doubt that is sent again: its intent, the worker, and the second attempt, claimed and not dialled."""
    (intent,) = world.desk.approved().intent_ids
    owner = new_id()
    (first,) = world.tick(owner, 1, [])
    world.tick(owner, 0, [done(first, Unsure("the answer was lost"))])
    world.prove_absent(intent, 1)
    (again,) = world.tick(owner, 1, [])
    assert again.attempt == 2
    return intent, owner, again


UNDIALLED = Later("too late for its own lease", after=0.0, counts=False)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("status", ["sent", "delivered"])
def test_a_word_about_the_first_attempt_stops_the_third_when_the_second_was_not_taken(world: World, status: Status, *, before: bool) -> None:
    intent, owner, again = second(world)
    word = StatusEvent("key", status, None, "SM1")
    if before:
        world.callback(word, (intent, 1))
        assert world.rows()[0][intent].state == State.CALLING, "a newer call is left alone"
    world.tick(owner, 0, [done(again, UNDIALLED)])
    if not before:
        world.callback(word, (intent, 1))
    assert world.tick(owner, 1, []) == []
    assert world.rows()[0][intent].state == status


def test_a_late_answer_of_the_first_attempt_stops_the_third(world: World) -> None:
    (intent,) = world.desk.approved().intent_ids
    sleeper, owner = new_id(), new_id()
    (first,) = world.tick(sleeper, 1, [])
    world.time("UPDATE delivery SET lease_until = now() - interval '1 s' WHERE intent_id = %(i)s", i=intent)
    world.sweep()
    world.settle(intent, 1, State.READY)
    (again,) = world.tick(owner, 1, [])
    world.tick(owner, 0, [done(again, UNDIALLED)])
    world.tick(sleeper, 0, [done(first, Accepted("SM1"))])
    assert world.tick(owner, 1, []) == []
    assert world.rows()[0][intent].state == State.SENT


@pytest.mark.parametrize("words", [["undelivered"], ["sent", "undelivered"], ["undelivered", "sent"]])
def test_a_word_that_the_first_did_not_arrive_stops_nothing(world: World, words: list[Status]) -> None:
    intent, owner, again = second(world)
    for word in words:
        world.callback(StatusEvent("key", word, None, "SM1"), (intent, 1))
    world.tick(owner, 0, [done(again, UNDIALLED)])
    (third,) = world.tick(owner, 1, [])
    assert third.attempt == 3


@pytest.mark.parametrize("end", ["delivered", "undelivered"])
def test_what_stands_by_the_first_attempt_hears_its_last_word(world: World, end: Status) -> None:
    intent, owner, again = second(world)
    world.tick(owner, 0, [done(again, UNDIALLED)])
    world.callback(StatusEvent("one", "sent", None, "SM1"), (intent, 1))
    world.callback(StatusEvent("two", end, None, "SM1"), (intent, 1))
    assert world.rows()[0][intent].state == end


def test_a_word_about_the_first_attempt_changes_nothing_when_the_second_was_sent(world: World) -> None:
    intent, owner, again = second(world)
    world.tick(owner, 0, [done(again, Accepted("SM2"))])
    for word in ("delivered", "undelivered"):
        world.callback(StatusEvent(word, word, None, "SM1"), (intent, 1))
    assert world.rows()[0][intent].state == State.SENT


def test_two_words_that_cross_leave_nothing_to_be_called_again(world: World) -> None:
    """The word waits for a tick that gives the second attempt back: neither misses what the other wrote."""
    intent, owner, again = second(world)
    with ThreadPoolExecutor(1) as other, world.owner.transaction():
        world.time("SELECT FROM delivery WHERE intent_id = %(i)s FOR UPDATE", i=intent)
        word = other.submit(world.callback, StatusEvent("key", "delivered", None, "SM1"), (intent, 1))
        wait([word], 0.3)
        assert not word.done(), "it goes on without the lock"
    word.result(10)
    world.tick(owner, 0, [done(again, UNDIALLED)])
    assert world.rows()[0][intent].state == State.DELIVERED


def test_a_later_one_of_a_key_leaves_first_when_only_it_was_approved(world: World) -> None:
    """Order is among what was granted: a send that still waits for its decision holds nobody up, and then comes second."""
    drafts = [Draft(Sms(to="+447400123456", body=body), order_key="mia") for body in ("first", "second")]
    earlier, later = (world.ask([draft], by_key=True) for draft in drafts)
    world.desk.decide(later)
    (claimed,) = world.tick(new_id(), 2, [])
    assert [claimed.intent_id] == later.intent_ids
    world.desk.decide(earlier)
    assert world.tick(new_id(), 2, []) == []
