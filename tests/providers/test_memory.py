"""The memory does as it is told, and forgets nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from outbox.dispatch import Accepted, Later, Unsure
from providers.memory import Memory
from tests.fixtures.dispatches import dispatch_to


def test_script_is_followed_when_told() -> None:
    memory = Memory([Later("told"), lambda dispatch: Unsure(dispatch.recipient), OSError("told")])
    dispatch = dispatch_to("sms", "+447400123456")
    assert memory.perform(dispatch) == Later("told")
    assert memory.perform(dispatch) == Unsure("+447400123456")
    with pytest.raises(OSError, match="told"):
        memory.perform(dispatch)
    assert memory.perform(dispatch) == Accepted("memory-4")
    assert memory.ledger == [dispatch] * 4


def test_ledger_is_whole_when_threads_share_it() -> None:
    memory = Memory(latency=0.001)
    dispatches = [dispatch_to("sms", "+447400123456") for _ in range(64)]
    with ThreadPoolExecutor(16) as threads:
        refs = {outcome.ref for outcome in threads.map(memory.perform, dispatches) if isinstance(outcome, Accepted)}
    assert len(refs) == 64
    assert {dispatch.reference for dispatch in memory.ledger} == {dispatch.reference for dispatch in dispatches}
