"""Data folders, servers and owners for the tests of the private servers."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embedded.servers import Servers
from embedded.sockets import sockets_folder
from tests.embedded.owners import Owner


@contextmanager
def temporary_home() -> Iterator[Path]:
    """Lend a data folder, not made yet, in a folder that other accounts can pass through."""
    folder = Path(tempfile.mkdtemp(prefix="sayso-test-"))
    folder.chmod(0o711)
    home = folder / "data"
    yield home
    shutil.rmtree(folder)
    # A killed owner leaves its sockets to the next start, which a test's folder never sees.
    sockets = sockets_folder(home.resolve())
    for left in sockets.parent.glob(f"sayso-*-{sockets.name.rsplit('-', 1)[1]}"):
        shutil.rmtree(left)


@pytest.fixture
def home() -> Iterator[Path]:
    """Name a data folder for a first start."""
    with temporary_home() as folder:
        yield folder


@pytest.fixture
def closed_home(home: Path) -> Path:
    """Name a data folder for a first start that other accounts cannot reach."""
    home.parent.chmod(0o700)
    return home


@pytest.fixture(scope="session")
def running() -> Iterator[Servers]:
    """Share servers among the tests that only look at them."""
    with temporary_home() as folder, Servers(folder, durable=False) as servers:
        yield servers


@pytest.fixture(scope="session")
def furnish() -> Iterator[Callable[[Path], None]]:
    """Fill folders with a cluster made once, since making one takes most of a first start."""
    with temporary_home() as template:
        with Servers(template):
            pass

        def copy(folder: Path) -> None:
            folder.mkdir(parents=True)
            # Owners are kept: a cluster belongs to the account that PostgreSQL runs as.
            subprocess.run(["/bin/cp", "-Rp", f"{template.resolve()}/.", str(folder)], check=True)

        yield copy


@pytest.fixture
def made_home(home: Path, furnish: Callable[[Path], None]) -> Path:
    """Lend a data folder for a warm start."""
    furnish(home)
    return home


@pytest.fixture
def start_servers() -> Iterator[Callable[..., Servers]]:
    """Start fleeting servers that the test need not stop."""
    made: list[Servers] = []

    def start(home: Path, **which: bool) -> Servers:
        made.append(Servers(home, durable=False))
        return made[-1].start(**which)

    yield start
    for servers in made:
        servers.stop()


@pytest.fixture
def start_owner() -> Iterator[Callable[..., Owner]]:
    """Start owners that do not outlive the test."""
    owners: list[Owner] = []

    def start(home: Path, variables: dict[str, str] | None = None) -> Owner:
        owners.append(Owner(home, variables))
        return owners[-1]

    yield start
    for owner in owners:
        owner.close()
