"""Idempotency keys: fifty at once make one effect, and a key never answers for another request."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.errors import IdempotencyConflict
from kernel.keys import new_id
from outbox.idempotency import Keyed, once
from tests.factories import Desk


def create(desk: Desk, name: str, key: str = "booking-0001", caller: UUID | None = None) -> tuple[dict[str, Any], bool]:
    with desk.database.transaction(workspace=desk.founded.workspace) as session:

        def run() -> dict[str, Any]:
            session.execute(text("INSERT INTO event (id, workspace_id, type, subject, data) VALUES (gen_random_uuid(), :w, 'x', 'x', '{}')"), {"w": workspace})
            return {"name": name}

        workspace = desk.founded.workspace
        return once(session, workspace, Keyed(caller or desk.founded.key.id, key, "create_account", {"name": name}), run)


def effects(desk: Desk) -> int:
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        return session.scalar(text("SELECT count(*) FROM event")) or 0


def test_fifty_calls_with_one_key_make_one_effect(desk: Desk) -> None:
    with ThreadPoolExecutor(25) as crowd:
        answers = list(crowd.map(lambda _: create(desk, "Mia"), range(50)))
    assert Counter(replayed for _, replayed in answers) == {True: 49, False: 1}
    assert {answer["name"] for answer, _ in answers} == {"Mia"}
    assert effects(desk) == 1


def test_a_key_used_for_another_request_is_a_conflict(desk: Desk) -> None:
    create(desk, "Mia")
    with pytest.raises(IdempotencyConflict):
        create(desk, "Noah")
    assert effects(desk) == 1


def test_a_key_of_another_caller_is_a_conflict_and_tells_nothing(desk: Desk) -> None:
    create(desk, "Mia")
    with pytest.raises(IdempotencyConflict):
        create(desk, "Mia", caller=new_id())
    assert create(desk, "Mia") == ({"name": "Mia"}, True)
    assert effects(desk) == 1


def test_a_failed_call_frees_its_key(desk: Desk) -> None:
    def fails() -> dict[str, Any]:
        raise RuntimeError

    with pytest.raises(RuntimeError), desk.database.transaction(workspace=desk.founded.workspace) as session:
        once(session, desk.founded.workspace, Keyed(desk.founded.key.id, "booking-0002", "x", {}), fails)
    assert create(desk, "Mia", key="booking-0002") == ({"name": "Mia"}, False)


def test_creating_a_customer_writes_the_row_one_event_who_did_it_and_nothing_else(desk: Desk) -> None:
    desk.run("create_account", name="Mia Park")
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        tables = ("account", "event", "audit", "intent", "delivery", "approval", "link", "grants")
        counts = {table: session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables}
        same = session.scalar(
            text("SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM account UNION ALL SELECT xmin FROM event UNION ALL SELECT xmin FROM audit) rows")
        )
    assert counts == dict.fromkeys(tables[:3], 1) | dict.fromkeys(tables[3:], 0)
    assert same == 1
