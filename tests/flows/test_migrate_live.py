"""Migrating while everything runs: two at once, the version before beside it, and a table that is never idle."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psycopg
import pytest
from sqlalchemy.engine import make_url

from embedded.servers import Servers
from kernel.clock import monotonic, pause
from kernel.db import Database
from kernel.settings import Settings, load
from processes import migrate as migrating
from processes.migrate import ContractFirst, DatabaseBusy, DatabaseNewer, is_current, migrate
from tests.fixtures.stage import database_named

SECRET = "a secret of more than thirty-two characters"
STEP = '''"""A step for a test."""

from alembic import op

revision = "{number:04}"
down_revision = "{before:04}"
phase = "{phase}"


def upgrade() -> None:
    op.execute("{statement}")
'''
LONGEST_WAIT_S = 1.0
"""What migrations/env.py lets a change of a table wait for its lock, and every claim behind it."""
OTHER_S = 1.5
"""What else may hold a claim up on a busy machine."""
HELD_S = 4.0

Steps = Callable[..., None]


@pytest.fixture
def settings(servers: Servers) -> Settings:
    """Settings of a new, empty database."""
    return load(SAYSO_DATABASE_URL=database_named(servers, "live"), SAYSO_REDIS_URL=servers.redis_url, SAYSO_SECRET_KEY=SECRET)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The same, as the owner."""
    opened = Database(settings.database_url)
    yield opened
    opened.close()


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    """Lets this code know of further revisions: (phase, statement) each."""
    place = tmp_path / "migrations"
    shutil.copytree(migrating.MIGRATIONS, place, ignore=shutil.ignore_patterns("__pycache__"))

    def know(*further: tuple[str, str]) -> None:
        for number, (phase, statement) in enumerate(further, 2):
            step = STEP.format(number=number, before=number - 1, phase=phase, statement=statement)
            (place / "versions" / f"{number:04}_test.py").write_text(step)
        monkeypatch.setattr(migrating, "MIGRATIONS", place)

    return know


def line(settings: Settings) -> psycopg.Connection[tuple[object, ...]]:
    """A connection of one's own."""
    return psycopg.connect(make_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False))


def columns(settings: Settings) -> set[str]:
    """The columns of the hottest table."""
    with line(settings) as connection:
        return {str(row[0]) for row in connection.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'delivery'")}


def test_two_releases_at_once_take_turns(settings: Settings, database: Database) -> None:
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(migrate, settings) for _ in range(3)]:
            done.result()
    assert is_current(database)


def test_what_adds_runs_at_once_and_what_takes_away_waits_for_its_word(settings: Settings, database: Database, steps: Steps) -> None:
    migrate(settings)
    steps(("expand", "ALTER TABLE delivery ADD COLUMN spare int"), ("contract", "ALTER TABLE delivery DROP COLUMN spare"))
    assert not is_current(database), "this code needs what is not there yet"
    migrate(settings)
    assert "spare" in columns(settings)
    assert is_current(database)
    migrate(settings, contract=True)
    assert "spare" not in columns(settings)
    assert is_current(database)


def test_nothing_is_added_behind_what_was_not_taken_away(settings: Settings, steps: Steps) -> None:
    migrate(settings)
    steps(("contract", "ALTER TABLE delivery ADD COLUMN one int"), ("expand", "ALTER TABLE delivery ADD COLUMN two int"))
    with pytest.raises(ContractFirst):
        migrate(settings)
    assert not {"one", "two"} & columns(settings)


def test_the_version_before_goes_on_beside_a_newer_database(settings: Settings, database: Database, steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = migrating.MIGRATIONS
    steps(("expand", "ALTER TABLE delivery ADD COLUMN spare int"))
    migrate(settings)
    monkeypatch.setattr(migrating, "MIGRATIONS", ours)
    assert is_current(database), "a rolling release would find every old process broken"
    with pytest.raises(DatabaseNewer):
        migrate(settings)


@contextmanager
def claims(settings: Settings) -> Iterator[list[float]]:
    """Claim without a pause while the block runs; lends the longest wait between two claims."""
    longest, ended = [0.0], Event()

    def claim() -> None:
        with line(settings) as connection:
            while not ended.is_set():
                began = monotonic()
                connection.execute("SELECT 1 FROM delivery WHERE state = 'ready' FOR UPDATE SKIP LOCKED LIMIT 1")
                connection.commit()
                longest[0] = max(longest[0], monotonic() - began)
                pause(0.005)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(claim)
        try:
            yield longest
        finally:
            ended.set()
            running.result()


def migrated_behind_a_reader(settings: Settings) -> float:
    """Change the hottest table while somebody reads it for a while; the longest that a claim waited."""
    with claims(settings) as longest, line(settings) as reader, ThreadPoolExecutor(1) as pool:
        reader.execute("SELECT count(*) FROM delivery")
        release = pool.submit(migrate, settings)
        pause(HELD_S)
        reader.rollback()
        release.result()
    assert "spare" in columns(settings)
    return longest[0]


def test_claims_go_on_while_a_busy_table_is_changed(settings: Settings, steps: Steps, capsys: pytest.CaptureFixture[str]) -> None:
    migrate(settings)
    steps(("expand", "ALTER TABLE delivery ADD COLUMN spare int"))
    waited = migrated_behind_a_reader(settings)
    with capsys.disabled():
        print(f"\ntest_migrate_live: longest_claim_s {waited:.2f}")
    assert waited < LONGEST_WAIT_S + OTHER_S


def test_without_a_limit_claims_stand_behind_the_change(settings: Settings, steps: Steps) -> None:
    migrate(settings)
    steps(("expand", "ALTER TABLE delivery ADD COLUMN spare int"))
    env = migrating.MIGRATIONS / "env.py"
    env.write_text(env.read_text().replace("'1s'", "'0'"))
    assert migrated_behind_a_reader(settings) > LONGEST_WAIT_S + OTHER_S


def test_a_table_that_is_never_free_is_said(settings: Settings, steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(settings)
    steps(("expand", "ALTER TABLE delivery ADD COLUMN spare int"))
    monkeypatch.setattr(migrating, "TRIES", 2)
    with line(settings) as reader:
        reader.execute("SELECT count(*) FROM delivery")
        with pytest.raises(DatabaseBusy):
            migrate(settings)
    assert "spare" not in columns(settings)
