"""PostgreSQL never runs as root, and finds its way when root starts it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from embedded.account import NAMESPACE, Account
from embedded.binaries import find_postgres, find_valkey
from embedded.seat import find_seat
from embedded.servers import EmbeddedError, Servers
from embedded.shelter import shelter_binaries
from tests.embedded.belongings import KEPT, both_answer, find_belongings, leave_belongings
from tests.embedded.owners import Owner, programs_below

Start = Callable[..., Servers]


def can_unshare() -> bool:
    """Tell whether root may have a user namespace here."""
    unshare = shutil.which("unshare")
    words = [str(unshare), *NAMESPACE, "true"]
    return unshare is not None and subprocess.run(words, capture_output=True, check=False).returncode == 0


only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has a choice of accounts")


@pytest.fixture
def shelter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give shelter in a folder of the test's own."""
    folder = Path(tempfile.mkdtemp(prefix="sayso-test-shelter-"))
    monkeypatch.setattr("embedded.shelter.ROOTS", (Path("/proc/nowhere"), folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def ordinary(shelter: Path, home: Path) -> dict[str, str]:
    """Make the home an ordinary user's; return what makes an owner that user."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home.parent, nobody.pw_uid, nobody.pw_gid)
    account = Account(nobody.pw_uid, nobody.pw_gid)
    postgres, valkey = find_postgres(), find_valkey()
    if not account.can_run(postgres / "postgres", Path("/")):
        postgres = shelter_binaries(postgres) or postgres
    if not account.can_run(valkey, Path("/")):
        valkey = Path(shutil.copy(valkey, shelter))
    return {"OWNER_UID": str(nobody.pw_uid), "SAYSO_PG_BIN": str(postgres), "SAYSO_REDIS_BIN": str(valkey)}


def test_servers_run_as_their_owner_when_that_is_no_root(home: Path, ordinary: dict[str, str], start_owner: Callable[..., Owner]) -> None:
    owner = start_owner(home, ordinary)
    started = owner.hear()
    assert started["uid"] != 0
    assert set().union(*programs_below(owner.process.pid).values()) == {started["uid"]}
    assert both_answer(*started["urls"])
    assert owner.ask("stop") == {"stopped": True}


@only_root
def test_postgres_runs_as_another_account_when_root_starts_it(running: Servers) -> None:
    uid = (running.home / "pg").stat().st_uid
    assert uid != 0
    assert programs_below(os.getpid())["postgres"] == {uid}


@only_root
@pytest.mark.skipif(not can_unshare(), reason="this machine lends root no user namespace")
def test_files_stay_roots_when_the_folder_is_closed_to_others(closed_home: Path, start_servers: Start) -> None:
    servers = start_servers(closed_home)
    assert both_answer(servers.database_url, servers.redis_url)
    assert closed_home.parent.stat().st_mode & 0o777 == 0o700
    assert (closed_home / "pg").stat().st_uid == 0


@only_root
def test_data_is_sheltered_when_no_namespace_can_be_had(closed_home: Path, shelter: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with Servers(closed_home) as servers:
        leave_belongings(servers.database_url, servers.redis_url)
    assert (closed_home / "pg").resolve().is_relative_to(shelter)
    assert closed_home.parent.stat().st_mode & 0o777 == 0o700
    with Servers(closed_home) as servers:
        assert find_belongings(servers.database_url, servers.redis_url) == KEPT


@only_root
def test_a_cluster_stays_with_its_account_when_the_usual_one_has_another_name(made_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = (made_home / "pg").stat().st_uid
    others = [entry.pw_name for entry in pwd.getpwall() if entry.pw_uid not in (0, owner)]
    monkeypatch.setattr("embedded.account.USUAL_NAMES", (others[0], pwd.getpwuid(owner).pw_name))
    assert find_seat(made_home).account.owner == owner


@only_root
def test_start_is_refused_when_the_cluster_is_a_strangers(made_home: Path, shelter: Path) -> None:
    os.chown(made_home / "pg", 12345, 12345)
    with pytest.raises(EmbeddedError, match=r"belongs to user 12345, .*SAYSO_DATABASE_URL"):
        Servers(made_home).start()
    assert shelter.exists()
