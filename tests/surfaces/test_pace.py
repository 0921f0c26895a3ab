"""One caller may be fast for a while and steady for ever; another is not made to wait by it."""

from __future__ import annotations

import json
from dataclasses import replace
from uuid import UUID

import pytest

from kernel.call import Caller
from surfaces import pace
from surfaces.door import Door
from surfaces.pace import Pace, TooManyCalls
from tests.surfaces.conftest import Talk
from tests.surfaces.test_mcp import rpc

ONE = Caller("agent", UUID(int=1), "one")
TWO = replace(ONE, id=UUID(int=2))


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(pace, "monotonic", moved)
    return moved


def test_bucket_empties_and_fills_again_by_the_second(seconds: Clock) -> None:
    kept = Pace(2)
    for _ in range(20):
        kept.take(ONE)
    with pytest.raises(TooManyCalls) as refused:
        kept.take(ONE)
    assert refused.value.data == {"retryAfterSeconds": 1}
    kept.take(TWO)
    seconds.at += 1
    kept.take(ONE)
    kept.take(ONE)
    with pytest.raises(TooManyCalls):
        kept.take(ONE)


def test_refused_calls_do_not_lengthen_the_wait(seconds: Clock) -> None:
    kept = Pace(1)
    for _ in range(10):
        kept.take(ONE)
    for _ in range(50):
        with pytest.raises(TooManyCalls):
            kept.take(ONE)
    seconds.at += 1
    kept.take(ONE)


def test_strangers_are_told_apart_by_where_they_come_from(seconds: Clock) -> None:
    kept = Pace(0.1)
    kept.take(Caller("public", None, "anonymous", origin="192.0.2.1"))
    kept.take(Caller("public", None, "anonymous", origin="192.0.2.2"))
    with pytest.raises(TooManyCalls):
        kept.take(Caller("public", None, "anonymous", origin="192.0.2.1"))


def test_callers_beyond_the_most_push_out_the_longest_silent(seconds: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST_CALLERS", 3)
    kept = Pace(1)
    for number in range(50):
        kept.take(replace(ONE, id=UUID(int=number)))
    assert len(kept.full) == 3


@pytest.mark.anyio
async def test_refusal_says_how_long_over_both_wires(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Door, "pace", Pace(0.05))
    async with talk() as http:
        assert (await http.post("/api/list_services", json={})).status_code == 429
        over_rest = await http.post("/api/list_services", json={})
        over_mcp = (await rpc(http, "tools/call", {"name": "list_services", "arguments": {}})).json()["result"]
        assert (await rpc(http, "tools/list", {})).status_code == 200
    told = json.loads(over_mcp["content"][0]["text"])
    assert over_rest.headers["retry-after"] == str(over_rest.json()["details"]["retryAfterSeconds"])
    assert (over_mcp["isError"], told["code"], told["details"]["retryAfterSeconds"] > 0) == (True, "too_many_calls", True)
