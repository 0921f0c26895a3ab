"""Webhooks as rows: what a try means, who may set one up, and that no key can."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from kernel.db import Database
from kernel.errors import InvalidArguments
from kernel.keys import new_id
from kernel.settings import CHECKOUT
from outbox.events import Actor
from outbox.hooks import MOST_HOOKS, Keeper, SecretChanged, TooManyHooks
from outbox.posts import AGAIN_S, Heard, Next, rule
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.fixtures.waiting import until

PAGE = CHECKOUT / "docs" / "webhooks.md"
URL = "https://hear.example/in"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE hook %'"
DUE_NOW = "UPDATE hook_post SET due_at = now() WHERE state = 'due'"


def added(desk: Desk, url: str = URL) -> tuple[UUID, str]:
    """A webhook and its secret."""
    hook = new_id()
    with desk.signed_in() as (session, owner):
        actor = Actor(desk.founded.workspace, owner.as_caller())
        return hook, Keeper(session, actor, owner.id, desk.settings.secrets).add(hook, url)


def keep(desk: Desk, deed: str, hook: UUID) -> Any:
    """Rotate, end or replay one."""
    with desk.signed_in() as (session, owner):
        keeper = Keeper(session, Actor(desk.founded.workspace, owner.as_caller()), owner.id, desk.settings.secrets)
        return getattr(keeper, deed)(hook)


@pytest.mark.parametrize(
    ("tries", "heard", "expected"),
    [
        (1, Heard(200), Next("taken")),
        (8, Heard(299), Next("taken")),
        (1, Heard(500), Next("due", 5)),
        (1, Heard(302), Next("due", 5)),
        (2, Heard(None, "no answer"), Next("due", 300)),
        (1, Heard(429, wish=30), Next("due", 30)),
        (1, Heard(503, wish=10**9), Next("due", 3600)),
        (7, Heard(500), Next("due", AGAIN_S[-1])),
        (8, Heard(500), Next("dead")),
        (1, Heard(410), Next("dead")),
    ],
)
def test_what_a_try_means(tries: int, heard: Heard, expected: Next) -> None:
    assert rule(tries, heard) == expected


def test_the_tries_span_more_than_a_day() -> None:
    assert sum(AGAIN_S) > 24 * 3600


def test_of_two_who_change_a_secret_at_once_one_is_told_to_look_again(desk: Desk, owner_db: Database) -> None:
    hook, _ = added(desk)
    with ThreadPoolExecutor(1) as other:
        with desk.signed_in() as (session, owner):
            keeper = Keeper(session, Actor(desk.founded.workspace, owner.as_caller()), owner.id, desk.settings.secrets)
            keeper.rotate(hook)
            second = other.submit(keep, desk, "rotate", hook)
            until(lambda: rows(owner_db, WAITS) != [(0,)], 10, "the other does not wait")
        with pytest.raises(SecretChanged):
            second.result()


@pytest.mark.parametrize("url", ["", "http://hear.example", "https://" + "x" * 2000, "https://a b.example", "https://a.example/\n", "ftp://x"])
def test_an_address_that_cannot_be_told_is_refused(desk: Desk, url: str) -> None:
    with pytest.raises(InvalidArguments):
        added(desk, url)


def test_a_business_has_at_most_ten(desk: Desk) -> None:
    for number in range(MOST_HOOKS):
        added(desk, f"https://{number}.example/")
    with pytest.raises(TooManyHooks):
        added(desk)


@pytest.mark.parametrize("deed", ["INSERT INTO hook (id, workspace_id, url, secret, created_by) VALUES (gen_random_uuid(), :w, 'https://x', '', :p)"])
def test_no_key_adds_a_webhook_whatever_it_reaches(desk: Desk, deed: str) -> None:
    with pytest.raises(Exception, match="row-level security"), desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text(deed), {"w": desk.founded.workspace, "p": desk.founded.owner})
    with desk.signed_in() as (session, owner):
        session.execute(text(deed), {"w": desk.founded.workspace, "p": owner.id})


def test_no_key_changes_a_webhook_whatever_it_reaches(desk: Desk, owner_db: Database) -> None:
    added(desk)
    with desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text("UPDATE hook SET ended_at = now(), secret = ''"))
    assert rows(owner_db, "SELECT count(*) FROM hook WHERE ended_at IS NULL AND secret <> ''") == [(1,)]
