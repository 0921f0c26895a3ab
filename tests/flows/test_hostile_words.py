"""Whatever stands where an operation takes a word, a number or a list, the answer is a refusal or an answer, and never our fault."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import cycle
from typing import Any

import pytest
from starlette.testclient import TestClient

from crm.access.keys import SCOPES, issue
from kernel import schema
from kernel.db import Database
from kernel.operation import REGISTRY
from tests.factories import Desk
from tests.flows.test_tenants import fill, sung
from tests.portal.guest import app_of

SERVER_ERROR = 500
TOO_MANY = 429


def deep(levels: int) -> Any:
    """A list in a list in a list."""
    return [] if levels == 0 else [deep(levels - 1)]


HOSTILE: dict[str, Any] = {
    "nul": "a\u0000b",
    "half a pair": "Mia \ud800",
    "line feeds": "Mia\r\nBcc: all@example.com",
    "other digits": "\u0661\u0662\u0663",
    "look-alikes": "\u041c\u0456\u0430 \u202egnp.exe",
    "gaps": "{{first_name}} {% raw %} ${7*7}",
    "a long note": "n" * 900_000,
    "emoji": "\U0001f600" * 1600,
    "a quote": "'; DROP TABLE account; --",
    "a wild card": "%_\\",
    "nothing": None,
    "a number": -(10**30),
    "a fraction": 1e308,
    "a yes": True,
    "a list": [None, {}, []],
    "a hundred lists": deep(100),
    "an object": {"$ne": None},
    "no day": "0000-00-00T99:99:99Z",
    "the last day": "9999-12-31T23:59:59.999999-23:59",
    "the first day": "0001-01-01T00:00:00+23:59",
}


@pytest.fixture
def agent(desk: Desk, owner_db: Database) -> Iterator[TestClient]:
    """A key with every scope."""
    with owner_db.transaction() as session:
        secret = issue(session, desk.founded.workspace, "an agent", SCOPES).secret
    with TestClient(app_of(desk), base_url=desk.settings.base_url, raise_server_exceptions=False) as client:
        client.headers.update({"Authorization": f"Bearer {secret}", "Content-Type": "application/json"})
        yield client


def places(example: Any, also: Iterable[str] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in an example, and each argument that it leaves out."""
    inner = example.items() if isinstance(example, dict) else enumerate(example) if isinstance(example, list) else ()
    for name, value in inner:
        yield (name,)
        yield from ((name, *further) for further in places(value))
    yield from ((name,) for name in also if name not in example)


def put(example: Any, place: tuple[str | int, ...], value: Any) -> Any:
    """The example with this value in that place."""
    if not place:
        return value
    made = dict(example) if isinstance(example, dict) else list(example)
    made[place[0]] = put(made[place[0]] if len(place) > 1 else None, place[1:], value)
    return made


@pytest.mark.parametrize("turn", range(3))
def test_no_word_in_any_place_of_any_operation_is_our_fault(agent: TestClient, desk: Desk, turn: int) -> None:
    ids, values, seen = fill(desk), cycle(list(HOSTILE.items())[turn:] + list(HOSTILE.items())[:turn]), 0
    for name, operation in REGISTRY.items():
        example = sung(operation.example, ids)
        for place in places(example, schema.of_arguments(operation).get("properties", {}).keys() - {"waitSeconds"}):
            what, value = next(values)
            answer = agent.post(f"/api/{name}", content=json.dumps(put(example, place, value)))
            assert answer.status_code < SERVER_ERROR, (name, place, what, answer.text[:300])
            assert answer.status_code != TOO_MANY, "the pace hides what is tried"
            seen += 1
    assert seen > 2 * len(REGISTRY)
