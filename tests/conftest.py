"""A real PostgreSQL and a real Valkey for every test that asks, one pair per test process; what cannot start is an error."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm.access.setup import Founded, found
from embedded.servers import Servers
from kernel.db import Database
from kernel.roles import Role, url_for
from kernel.settings import Settings, load
from outbox import wake
from processes.migrate import migrate
from processes.premises import prepare
from providers.memory import Memory
from tests.factories import Bench, Desk
from tests.fixtures.emptying import empty


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the modules that mostly wait, for leases and restarts, evenly among those that work: no core is idle at the end."""
    modules = list(dict.fromkeys(item.path for item in items))
    waiting = [path for path in modules if path.parent.name == "faults"]
    working = [path for path in modules if path.parent.name != "faults"]
    place = {path: (number + 0.5) / len(half) for half in (waiting, working) for number, path in enumerate(half)}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The pair of servers; fsync is off, for nothing here outlives the run."""
    with tempfile.TemporaryDirectory(prefix="sayso-test-") as home:
        Path(home).chmod(0o711)
        with Servers(Path(home), durable=False) as running:
            yield running


@pytest.fixture(scope="session")
def migrated(servers: Servers) -> Settings:
    """Settings of a database that stands at the newest revision."""
    prepare()
    # No flood is feared here: what tests of it need, they set themselves.
    calm = {"SAYSO_NOTICE_PAUSE_SECONDS": 0, "SAYSO_NOTICES_PER_HOUR": 1000, "SAYSO_PENDING_PER_KEY": 1_000_000}
    settings = load(SAYSO_DATABASE_URL=servers.database_url, SAYSO_REDIS_URL=servers.redis_url, SAYSO_BASE_URL="http://sayso.test", **calm)
    migrate(settings)
    return settings


def _database(settings: Settings, role: Role) -> Database:
    return Database(url_for(settings.database_url, role, settings.secret), size=30)


@pytest.fixture(scope="session")
def _pools(migrated: Settings) -> Iterator[dict[Role, Database]]:
    pools = {role: _database(migrated, role) for role in Role}
    yield pools
    for pool in pools.values():
        pool.close()


@pytest.fixture
def owner_db(_pools: dict[Role, Database]) -> Database:
    """The owner's database, emptied."""
    database = _pools[Role.OWNER]
    with database.transaction() as session:
        empty(session)
    return database


@pytest.fixture
def web_db(owner_db: Database, _pools: dict[Role, Database]) -> Database:
    """The database as the web role sees it."""
    return _pools[Role.WEB]


@pytest.fixture
def worker_db(owner_db: Database, _pools: dict[Role, Database]) -> Database:
    """The database as the worker role sees it."""
    return _pools[Role.WORKER]


@pytest.fixture
def settings(migrated: Settings, tmp_path: Path) -> Iterator[Settings]:
    """The settings, with a data directory of the test's own; no bell is installed."""
    wake.install(None)
    yield migrated.model_copy(update={"data_dir": tmp_path})
    wake.install(None)


@pytest.fixture
def founded(owner_db: Database) -> Founded:
    """A workspace with an owner (`olivia@example.com`) and a first agent key."""
    with owner_db.transaction() as session:
        return found(session, "Studio Ola", "olivia@example.com", zone="Europe/Paris")


@pytest.fixture
def desk(web_db: Database, settings: Settings, founded: Founded) -> Desk:
    """Where an agent asks and a person decides."""
    return Desk(web_db, settings, founded)


@pytest.fixture
def bench(worker_db: Database, settings: Settings) -> Bench:
    """Where a worker works, with a memory provider."""
    return Bench(worker_db, settings, Memory())
