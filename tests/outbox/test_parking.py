"""Parking: whoever waits or was stopped stands in nobody's way, is back in time, and the claim rests on none of it."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.db import Database
from kernel.keys import new_id
from kernel.settings import Settings
from outbox.parking import free, park_stopped, park_waiting
from tests.outbox.test_claims import claim, grow, plan, ready, ungated, workspace

__all__ = ["ungated"]
PARKED = "SELECT parked, count(*) AS many FROM delivery WHERE state = 'ready' GROUP BY parked ORDER BY parked"
LATER = "UPDATE delivery SET due_at = now() + interval '3 days' WHERE workspace_id <> :w"
STOP = "INSERT INTO stop (id, workspace_id, reason) SELECT gen_random_uuid(), id, 'enough' FROM workspace WHERE id <> :w"
LIFT = "UPDATE stop SET lifted_at = now() - make_interval(secs => :ago)"
APPROVED = "UPDATE grants SET source = 'approval', approval_id = id"
STOP_KEY = "INSERT INTO stop (id, workspace_id, asked_by_id, reason) VALUES (gen_random_uuid(), :w, :key, 'enough')"
STOP_EACH_KEY = """
INSERT INTO stop (id, workspace_id, asked_by_id, reason) SELECT gen_random_uuid(), workspace_id, asked_by_id, 'enough' FROM intent WHERE workspace_id <> :w
"""
MANY = 99
FEW_PAGES, MANY_PAGES = 100, 2_000
"""What a claim of eight touches when nothing stands in its way, and when five thousand rows do."""


def change(database: Database, statement: str, **given: object) -> None:
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement), given)


def clean(database: Database) -> None:
    """As autovacuum leaves the tables."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE delivery, intent, content, grants, stop"))


def parked(database: Database) -> dict[str | None, int]:
    with database.transaction() as session:
        return {row.parked: row.many for row in session.execute(text(PARKED))}


def pages(session: Session) -> int:
    """The pages that a claim of eight touches."""
    tree, _ = plan(session, 8)
    return int(tree["Shared Hit Blocks"] + tree["Shared Read Blocks"])


def keep(worker: Database) -> None:
    """What the clock does within a few seconds."""
    with worker.line() as line:
        while park_stopped(line) + park_waiting(line) + free(line, lately=True):
            pass


@pytest.fixture
def last(ungated: Database, settings: Settings) -> UUID:
    """A workspace with one row due now, the last on the round after 99 others that have one each."""
    owners = sorted(workspace(ungated, f"w{n:03}") for n in range(MANY + 1))
    for owner in owners:
        ready(ungated, settings, owner, ["one"])
    change(ungated, APPROVED)
    return owners[-1]


@pytest.mark.parametrize("held_up", [LATER, STOP])
def test_a_row_that_may_leave_is_claimed_whoever_waits_before_it(ungated: Database, worker_db: Database, last: UUID, held_up: str) -> None:
    change(ungated, held_up, w=last)
    assert claim(worker_db, 8) == [], "nothing stands in the way: the test shows nothing"
    keep(worker_db)
    assert [row.workspace_id for row in claim(worker_db, 8)] == [last]


def test_what_waits_is_back_a_second_before_its_moment(ungated: Database, worker_db: Database, last: UUID) -> None:
    change(ungated, LATER, w=last)
    keep(worker_db)
    assert parked(ungated) == {"later": MANY, None: 1}
    change(ungated, "UPDATE delivery SET due_at = now() + interval '0.9 s' WHERE workspace_id <> :w", w=last)
    keep(worker_db)
    assert parked(ungated) == {None: MANY + 1}


@pytest.mark.parametrize(("ago", "lately"), [(1, True), (3600, False)])
def test_what_was_stopped_is_back_when_the_stop_is_lifted(ungated: Database, worker_db: Database, last: UUID, ago: int, lately: bool) -> None:
    change(ungated, STOP, w=last)
    keep(worker_db)
    assert parked(ungated) == {"stopped": MANY, None: 1}
    change(ungated, LIFT, ago=ago)
    with worker_db.line() as line:
        assert (free(line, lately=lately), free(line, lately=lately)) == (MANY, 0)
    assert parked(ungated) == {None: MANY + 1}


def test_what_another_stop_still_holds_stays_parked(ungated: Database, worker_db: Database, last: UUID) -> None:
    change(ungated, STOP, w=last)
    keep(worker_db)
    change(ungated, LIFT, ago=1)
    change(ungated, STOP.replace("reason", "channel, reason").replace("'enough'", "'sms', 'enough'"), w=last)
    keep(worker_db)
    assert parked(ungated) == {"stopped": MANY, None: 1}


def test_letters_to_our_own_people_are_parked_by_no_stop_of_the_business(ungated: Database, worker_db: Database, last: UUID) -> None:
    change(ungated, STOP, w=new_id())
    change(ungated, "UPDATE grants SET source = 'system', approval_id = NULL WHERE workspace_id = :w", w=last)
    keep(worker_db)
    assert parked(ungated) == {"stopped": MANY, None: 1}


@pytest.mark.parametrize("stop", [STOP, STOP_EACH_KEY])
def test_a_stopped_row_is_not_claimed_though_it_was_put_back(ungated: Database, worker_db: Database, last: UUID, stop: str) -> None:
    change(ungated, "UPDATE intent SET asked_by_id = gen_random_uuid()")
    assert claim(worker_db, 1), "nothing could be claimed: the test shows nothing"
    change(ungated, stop, w=new_id())
    change(ungated, "UPDATE delivery SET parked = NULL")
    assert claim(worker_db, 8) == []


def test_the_backlog_of_a_stopped_key_costs_other_claims_nothing(ungated: Database, worker_db: Database, settings: Settings) -> None:
    owner, key = workspace(ungated, "w"), new_id()
    grow(ungated, owner, 5_000)
    change(ungated, "UPDATE intent SET asked_by_id = :key", key=key)
    change(ungated, APPROVED)
    ready(ungated, settings, owner, ["mine"])
    change(ungated, "UPDATE delivery SET due_at = now() - interval '1 ms' WHERE due_at > now() - interval '1 ms'")
    change(ungated, STOP_KEY, w=owner, key=key)
    clean(ungated)
    with worker_db.transaction() as session:
        assert pages(session) > MANY_PAGES, "nothing stands in the way: the test shows nothing"
    keep(worker_db)
    clean(ungated)
    with worker_db.transaction() as session:
        assert pages(session) < FEW_PAGES
    assert len(claim(worker_db, 8)) == 1
