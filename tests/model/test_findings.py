"""What the model found, on the real database, each in as few steps as show it; a mended one turns its mark into a failure."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from approvals.gate import Draft
from kernel.clock import now
from kernel.db import Database
from kernel.keys import new_id
from outbox.dispatch import Later, Outcome, StatusEvent, Unsure
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


def test_a_later_one_of_a_key_leaves_first_when_only_it_was_approved(world: World) -> None:
    """Order is among what was granted: a send that still waits for its decision holds nobody up, and then comes second."""
    drafts = [Draft(Sms(to="+447400123456", body=body), order_key="mia") for body in ("first", "second")]
    earlier, later = (world.ask([draft], by_key=True) for draft in drafts)
    world.desk.decide(later)
    (claimed,) = world.tick(new_id(), 2, [])
    assert [claimed.intent_id] == later.intent_ids
    world.desk.decide(earlier)
    assert world.tick(new_id(), 2, []) == []
