"""Every interleaving of two workers, clock, callbacks, approver, canceller and expirer, up to small bounds: no law is broken in any of them."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import pytest

from outbox.states import State
from tests.model.actors import Left
from tests.model.explorer import Law, Scene, beginning, every_law, explore, no_call_against_better_knowledge, nothing_unseen

WIDE = bool(os.environ.get("SAYSO_MODEL_WIDE"))
"""Millions of transitions instead of a hundred thousand; takes minutes."""
BOUNDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "one intent": (
        {"left": Left(claims=2, callbacks=2, cancels=1, expiries=1, deaths=1, losses=1)},
        {"left": Left(claims=3, callbacks=2, cancels=1, expiries=1, deaths=2, losses=2, absences=1)},
    ),
    "one intent that may be sent again": (
        {"left": Left(claims=2, callbacks=2, cancels=1, expiries=0, deaths=1, losses=1, absences=1)},
        {"left": Left(claims=4, callbacks=2, cancels=1, expiries=0, deaths=2, losses=1, absences=2)},
    ),
    "two of one key": (
        {"intents": 2, "keyed": True, "left": Left(claims=3, callbacks=1, cancels=1, expiries=0, deaths=1, losses=0)},
        {"intents": 2, "keyed": True, "left": Left(claims=4, callbacks=2, cancels=0, expiries=0, deaths=1, losses=1)},
    ),
    "two strangers": (
        {"intents": 2, "left": Left(claims=2, callbacks=1, cancels=1, expiries=0, deaths=1, losses=0)},
        {"intents": 2, "left": Left(claims=3, callbacks=1, cancels=1, expiries=0, deaths=1, losses=1)},
    ),
}
ONE = State.CALLING, State.IN_DOUBT, State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED


@pytest.mark.timeout(3600 if WIDE else 120)
@pytest.mark.parametrize("which", BOUNDS)
def test_no_law_is_broken_whoever_comes_first(which: str) -> None:
    began = time.monotonic()
    found = explore(beginning(**BOUNDS[which][WIDE]), every_law)
    sys.stdout.write(f"{which}: {found.scenes} states, {found.transitions} transitions, {time.monotonic() - began:.1f} s\n")
    assert not found.fault, found.shown()
    assert found.states >= {*ONE}, "a hollow exploration"


def shortest(law: Law, left: Left) -> str:
    """The shortest trace that breaks the law; empty when none does."""
    scene: Scene = beginning(left)
    found = explore(scene, law)
    return found.shown() if found.fault else ""


def test_a_worker_knows_every_call_in_its_name_when_an_answer_was_lost() -> None:
    trace = shortest(nothing_unseen, Left(claims=2, callbacks=0, cancels=0, expiries=0, deaths=0, losses=1))
    sys.stdout.write(f"{trace}\n")
    assert not trace, trace


def test_nothing_is_dialled_again_when_the_provider_said_meanwhile_that_it_has_it() -> None:
    trace = shortest(no_call_against_better_knowledge, Left(claims=3, callbacks=2, cancels=0, expiries=0, deaths=0, losses=1, absences=1))
    sys.stdout.write(f"{trace}\n")
    assert not trace, trace
