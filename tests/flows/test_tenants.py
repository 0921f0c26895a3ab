"""Whatever operation is called with another business's ids, by a key, a person or nobody, it finds nothing of that business and changes nothing."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from starlette.testclient import TestClient

from crm.access.keys import SCOPES, issue
from crm.access.sessions import begin
from crm.access.setup import found
from kernel import schema
from kernel.clock import now
from kernel.db import Database
from kernel.errors import SaysoError
from kernel.operation import REGISTRY, Effect
from tests.approvals.hands import dead, doubt
from tests.factories import Bench, Desk
from tests.flows.drawn import Hand
from tests.portal.guest import app_of, everything

CANARY = "Kanarienvogel"
WIRE_ID = re.compile(r"\b([a-z]+)_([0-9a-f]{32})\b")
FREE = ("name", "notes", "title", "body", "summary")
"""Arguments that may say anything, and so may sing."""
TAKING = frozenset({"revoke_api_key", "cancel_booking", "withdraw_send_request", "void_invoice", "update_account", "merge_accounts"})
"""Not called while the cage is filled: what is in it shall stay."""
SHOWN = "01990000000070008000000000000000"
"""The id of every example, which belongs to nobody."""
BESIDE = {"idempotencyKey", "waitSeconds"}
SERVER_ERROR = 500
JSON_OR_STREAM = {"Accept": "application/json, text/event-stream"}
Ids = dict[str, list[str]]


def sung(value: Any, ids: Ids, song: str = "") -> Any:
    """An example with the cage's own ids in it, and the song in every free word."""
    if isinstance(value, dict):
        return {name: f"{inner} {song}".strip() if name in FREE and isinstance(inner, str) else sung(inner, ids, song) for name, inner in value.items()}
    if isinstance(value, list):
        return [sung(inner, ids, song) for inner in value]
    found = WIRE_ID.fullmatch(value) if isinstance(value, str) else None
    return ids[found.group(1)][0] if found and ids.get(found.group(1)) else value


def fill(desk: Desk) -> Ids:
    """Let a business do everything it can once, as the examples show it; answers every id that its agent was told."""
    ids: Ids = defaultdict(list)
    book(desk, ids)
    for _ in range(2):
        for name, operation in REGISTRY.items():
            if operation.is_public or name in TAKING or operation.effect is Effect.DESTROY:
                continue
            try:
                answer = desk.run(name, **sung(operation.example, ids, CANARY)).model_dump_json(by_alias=True)
            except (SaysoError, AssertionError):
                continue
            keep(ids, answer)
    return ids


def keep(ids: Ids, answer: str) -> None:
    """Remember every id in an answer."""
    for prefix, digits in WIRE_ID.findall(answer):
        if digits != SHOWN and f"{prefix}_{digits}" not in ids[prefix]:
            ids[prefix].append(f"{prefix}_{digits}")


def named(words: str) -> set[str]:
    """The ids in an answer, or in what was asked."""
    return {f"{prefix}_{digits}" for prefix, digits in WIRE_ID.findall(words)}


def book(desk: Desk, ids: Ids) -> None:
    """A booking, for which an example cannot know the day."""
    service: Any = desk.run("create_service", name=f"Haircut {CANARY}", durationMinutes=60, price="49.00")
    keep(ids, service.model_dump_json(by_alias=True))
    tomorrow = (now() + timedelta(days=1)).date().isoformat()
    slots: Any = desk.run("get_available_slots", serviceId=ids["svc"][0], date=tomorrow)
    customer = {"name": f"Mia {CANARY}", "email": "mia@example.com"}
    made = desk.run("create_booking", serviceId=ids["svc"][0], start=slots.items[0].start.isoformat(), customer=customer)
    keep(ids, made.model_dump_json(by_alias=True))


@pytest.fixture
def cage(desk: Desk, bench: Bench) -> Ids:
    """One of everything in the first business, each with a canary, and all of its ids."""
    doubt(desk, bench, f"{CANARY} in doubt.")
    dead(desk, bench)
    desk.ask(f"{CANARY} asks.")
    return fill(desk)


@pytest.fixture
def stranger(owner_db: Database, desk: Desk) -> Desk:
    """Another business on the same server."""
    with owner_db.transaction() as session:
        return replace(desk, founded=found(session, "Studio Eve", "eve@example.com"))


@pytest.fixture
def web(desk: Desk) -> Iterator[TestClient]:
    with TestClient(app_of(desk), base_url=desk.settings.base_url, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def credential(who: str, desk: Desk, owner_db: Database) -> dict[str, str]:
    """The header of a key with every scope, of an owner's terminal, or of nobody."""
    if who == "nobody":
        return {}
    if who == "key":
        with owner_db.transaction() as session:
            return {"Authorization": f"Bearer {issue(session, desk.founded.workspace, 'an agent', SCOPES).secret}"}
    with desk.signed_in() as (session, owner):
        return {"Authorization": f"Bearer {begin(session, owner, 'terminal', now())}"}


def ours(owner_db: Database, desk: Desk) -> list[str]:
    """Every row of a business, with the transaction that wrote it."""
    return [row for rows in everything(owner_db).values() for row in rows if str(desk.founded.workspace) in row]


def heard(web: TestClient, ids: Ids) -> Iterator[tuple[str, str, str]]:
    """What every operation answers over both wires to arguments drawn from these ids: its name, what was asked, what was answered."""
    hand = Hand(Random(11), ids)
    # What reads comes first: what changes may take the song away.
    for name, operation in sorted(REGISTRY.items(), key=lambda each: each[1].effect is not Effect.READ):
        for arguments in (sung(operation.example, ids), hand.arguments(schema.of_arguments(operation))):
            calm = {key: value for key, value in arguments.items() if key not in BESIDE}
            body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": calm}}
            for answer in (web.post(f"/api/{name}", json=calm), web.post("/mcp", json=body, headers=JSON_OR_STREAM)):
                assert answer.status_code < SERVER_ERROR, (name, calm)
                yield name, json.dumps(calm), answer.text


@pytest.fixture(params=["key", "person", "nobody"])
def intruder(request: pytest.FixtureRequest, web: TestClient, stranger: Desk, owner_db: Database) -> TestClient:
    """Somebody of the other business, or of none."""
    web.headers.update(credential(request.param, stranger, owner_db))
    return web


def test_another_business_is_not_there_whatever_is_called(intruder: TestClient, cage: Ids, desk: Desk, owner_db: Database) -> None:
    before = ours(owner_db, desk)
    known, said = {found for every in cage.values() for found in every}, set[str]()
    for name, asked, answered in heard(intruder, cage):
        said |= named(asked)
        told = named(answered) - said
        assert not told & known, name
        assert CANARY not in answered or CANARY in asked, name
    assert ours(owner_db, desk) == before


def test_the_canaries_sing_for_their_own_business(web: TestClient, cage: Ids, desk: Desk, owner_db: Database) -> None:
    web.headers.update(credential("key", desk, owner_db))
    before = ours(owner_db, desk)
    singing = {name for name, asked, answered in heard(web, cage) if CANARY in answered and CANARY not in asked}
    assert {"search_members", "get_booking_detail", "list_services"} <= singing
    assert len(cage) >= 9
    assert ours(owner_db, desk) != before
