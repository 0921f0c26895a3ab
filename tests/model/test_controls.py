"""The negative controls: each defence is switched off in turn, and the model must see what it was there to prevent."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import text

from kernel.db import Database
from outbox import claims, grants, store
from outbox.dispatch import Later, Outcome, Unsure
from outbox.retries import Verdict, judge
from outbox.states import Move, State
from tests.factories import Bench, Desk
from tests.model import labour, machine, memory
from tests.model.actors import Left
from tests.model.explorer import Law, beginning, every_law, explore, no_call_against_better_knowledge, nothing_unseen, taken_once
from tests.model.profiles import profile
from tests.model.shadow import Case
from tests.model.situation import Situation, one
from tests.model.world import World

BOUNDS = Left(claims=3, callbacks=1, cancels=1, expiries=0, deaths=0, losses=1)
NEEDLESS = "0 was called again although the provider had said that it took it"
TWICE = "the provider took 0 2 times"
GRANT_JOIN = "JOIN grants p ON p.id = d.grant_id AND p.intent_id = d.intent_id AND p.digest = d.digest"


def found_fault(law: Law = every_law, again: int = 0) -> str:
    """The law that is broken first, with a shortest trace, also printed; `again`: how often it may be sent again."""
    found = explore(beginning(BOUNDS._replace(absences=again)), law)
    sys.stdout.write(f"{found.shown()}\n")
    return found.fault


def bent(**changes: Any) -> Callable[..., Move]:
    """Moves with these fields changed, past the check of the table."""

    def make(*args: Any, **named: Any) -> Move:
        wish = Move(*args, **named)
        for name, value in changes.items():
            object.__setattr__(wish, name, value)
        return wish

    return make


def test_the_model_finds_a_second_call_when_an_ended_lease_makes_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(*args: Any, **named: Any) -> Move:
        swept = named.get("wait_reason") == store.LEASE_ENDED
        return bent(to=State.READY, delay=0.0)(*args, **named) if swept else Move(*args, **named)

    monkeypatch.setattr(store, "Move", lenient)
    assert found_fault(taken_once) == TWICE


def test_the_model_finds_a_second_call_when_outcomes_have_no_fence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "Move", bent(attempt=None))
    assert found_fault(taken_once) == TWICE


def test_the_model_finds_a_revived_send_when_a_grant_moves_more_than_what_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grants, "Move", bent(was=tuple(State)))
    assert found_fault() == "no move leads from cancelled to ready"


def test_the_model_finds_a_second_call_when_unsure_means_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(outcome: Outcome, tries: int, on_unknown: str, _: int) -> Verdict:
        return judge(Later(outcome.reason, after=0.0) if isinstance(outcome, Unsure) else outcome, tries, on_unknown)

    monkeypatch.setattr(store, "judge", careless)
    assert found_fault(taken_once) == TWICE


def test_the_model_finds_a_lost_truth_when_evidence_settles_no_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = {status: (to, tuple(state for state in was if state is not State.IN_DOUBT)) for status, (to, was) in store.EVIDENCE.items()}
    monkeypatch.setattr(store, "EVIDENCE", deaf)
    assert found_fault() == "the truth came, and the doubt stayed"


def test_the_model_finds_an_unseen_call_when_a_worker_knows_its_calls_by_intent_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_intent(line: Any, ask: claims.Ask, known: set[tuple[UUID, int]]) -> None:
        release(line, ask, {(intent, attempt) for intent, _ in known for attempt in range(1, BOUNDS.claims + 1)})

    release = store.release
    monkeypatch.setattr(store, "release", by_intent)
    assert found_fault(nothing_unseen) == "attempt 2 is being called in the name of a worker that does not know it"


def test_the_model_finds_a_needless_call_when_only_the_attempt_that_stands_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_hears_of_an_older", lambda *_: False)
    assert found_fault(no_call_against_better_knowledge, again=1) == NEEDLESS


def test_the_model_finds_a_needless_call_when_what_comes_back_forgets_what_was_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_landing", lambda _, to: State(to))
    assert found_fault(no_call_against_better_knowledge, again=1) == NEEDLESS


def forgeable(here: Situation) -> list[Case]:
    """Held sends without an order key: a second head of one key is refused by another constraint."""
    return [case for case in here.standing(State.HELD) if not case.key]


def forge(here: Situation, pick: int, _other: int) -> None:
    """Somebody with the database's own password makes a held send ready, without any grant."""
    case = one(forgeable(here), pick)
    here.world.forge(case.id)
    case.state, case.due = State.READY, False


PATIENT = {deed: wish for deed, wish in machine.DEEDS.items() if deed is not labour.come_due}


class Forging(machine.Sending):
    """The state machine beside a forger; what is forged is never due in the shadow's eyes, since nobody said so."""

    deeds: ClassVar = {**PATIENT, forge: (3, forgeable)}


@contextmanager
def unguarded(database: Database) -> Iterator[None]:
    """Without the constraint that stands behind the claim."""
    with database.transaction() as session:
        check = session.scalar(text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_delivery_needs_grant'"))
        session.execute(text("ALTER TABLE delivery DROP CONSTRAINT ck_delivery_needs_grant"))
    try:
        yield
    finally:
        with database.transaction() as session:
            session.execute(text("DELETE FROM delivery"))
            session.execute(text(f"ALTER TABLE delivery ADD CONSTRAINT ck_delivery_needs_grant {check}"))


def forging(desk: Desk, bench: Bench, owner_db: Database) -> None:
    """Try the machine with the forger where the constraint is gone."""
    with unguarded(owner_db), World.opened(desk, bench, owner_db) as world:
        run_state_machine_as_test(lambda: Forging(world, Counter()), settings=profile(20))


def test_the_claim_alone_holds_the_gate_when_the_constraint_is_gone(desk: Desk, bench: Bench, owner_db: Database) -> None:
    forging(desk, bench, owner_db)


def test_the_model_finds_an_ungranted_claim_when_the_claim_asks_for_no_grant(
    desk: Desk, bench: Bench, owner_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert GRANT_JOIN in claims.PICK
    monkeypatch.setattr(claims, "PICK", claims.PICK.replace(GRANT_JOIN, f"LEFT {GRANT_JOIN}"))
    with pytest.raises(AssertionError, match="should have claimed"):
        forging(desk, bench, owner_db)
