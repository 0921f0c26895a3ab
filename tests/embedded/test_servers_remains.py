"""What an earlier run left never keeps the servers from starting, unless it is somebody's."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from embedded.cluster import prepare_cluster
from embedded.postgres import socket_folder
from embedded.seat import find_seat
from embedded.servers import EmbeddedError, Servers
from embedded.sockets import make_private, sockets_folder
from tests.embedded.belongings import connect
from tests.embedded.owners import wait_until

Start = Callable[..., Servers]


@pytest.fixture
def zombie() -> Iterator[int]:
    """Leave a child unreaped, as PID 1 of many containers does."""
    child = subprocess.Popen(["/bin/true"])
    wait_until(lambda: psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE, "the child is a zombie")
    yield child.pid
    child.wait()


@pytest.fixture
def cluster(made_home: Path) -> Path:
    """Lend a cluster whose server does not run."""
    return (made_home / "pg").resolve()


def crash(cluster: Path, pid: object) -> None:
    """Leave what a PostgreSQL that was never reaped leaves."""
    sockets = sockets_folder(cluster.parent)
    make_private(sockets)
    socket_folder(sockets).mkdir()
    content = f"{pid}\n{cluster}\n1700000000\n5432\n{socket_folder(sockets)}\n\n"
    (cluster / "postmaster.pid").write_text(content)
    (socket_folder(sockets) / ".s.PGSQL.5432.lock").write_text(content)


def test_servers_start_when_the_pid_file_names_a_zombie(home: Path, cluster: Path, zombie: int, start_servers: Start) -> None:
    crash(cluster, zombie)
    with connect(start_servers(home, valkey=False).database_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("pid", [1, "", "-7", "words"])
def test_servers_start_when_the_pid_file_names_a_stranger(home: Path, cluster: Path, pid: object, start_servers: Start) -> None:
    crash(cluster, pid)
    with connect(start_servers(home, valkey=False).database_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_start_is_refused_when_a_postgres_of_somebody_else_runs_there(running: Servers) -> None:
    # Nobody else's is at hand, so our own is met as if it were: without its lock.
    with pytest.raises(EmbeddedError, match=r"process \d+\) already runs on .*: stop it first"):
        prepare_cluster(find_seat(running.home), hold=0)


def test_start_is_refused_when_another_major_version_made_the_cluster(home: Path, cluster: Path) -> None:
    (cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError, match=r"was made by PostgreSQL 12, this is \d+: .*SAYSO_PG_BIN"):
        Servers(home).start()


def test_start_is_refused_when_the_folder_is_no_cluster(home: Path) -> None:
    (home / "pg").mkdir(parents=True)
    with pytest.raises(EmbeddedError, match="holds no PostgreSQL cluster"):
        Servers(home).start()


def test_a_half_made_cluster_is_made_anew(home: Path, start_servers: Start) -> None:
    (home / "pg.new").mkdir(parents=True)
    (home / "pg.new" / "PG_VERSION").write_text("18\n")
    with connect(start_servers(home, valkey=False).database_url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert not (home / "pg.new").exists()


def test_a_long_log_is_put_aside(home: Path, start_servers: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedded.leash.LOG_LIMIT", 10)
    home.mkdir()
    (home / "valkey.log").write_text("a long story")
    start_servers(home, postgres=False)
    assert (home / "valkey.log.old").read_text() == "a long story"
