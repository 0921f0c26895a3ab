"""Whatever people, workers, providers and time do, in whatever order: the laws hold, and the database stands where the shadow stands."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis.stateful import run_state_machine_as_test

from kernel.db import Database
from outbox.states import State
from tests.factories import Bench, Desk
from tests.model.machine import Sending
from tests.model.profiles import profile
from tests.model.world import World


@pytest.fixture
def world(desk: Desk, bench: Bench, owner_db: Database) -> Iterator[World]:
    with World.opened(desk, bench, owner_db) as opened:
        yield opened


@pytest.mark.timeout(0)
def test_the_laws_hold_when_anything_happens_in_any_order(world: World) -> None:
    seen: Counter[str] = Counter()
    began = time.monotonic()
    run_state_machine_as_test(lambda: Sending(world, seen), settings=profile())
    figures = f"{seen['steps']} steps, {seen['dialled']} dialled, {seen['taken']} taken, {seen['call_back']} callbacks, {time.monotonic() - began:.0f} s"
    sys.stdout.write(f"state machine: {figures}\n")
    assert {str(state) for state in State} <= set(seen), f"a hollow run: {figures}; {seen}"
    assert seen["taken"] >= 100, f"a hollow run: {figures}"
