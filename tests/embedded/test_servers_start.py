"""The servers start, cold and warm, wherever the data is and whatever the environment says."""

import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from embedded.postgres import socket_folder
from embedded.servers import EmbeddedError, Servers
from embedded.sockets import LONGEST, make_private, sockets_folder
from tests.embedded.belongings import KEPT, both_answer, connect, find_belongings, leave_belongings
from tests.embedded.owners import Owner, family_of, is_gone

Start = Callable[..., Servers]

HOSTILE = {
    "PGHOST": "db.invalid",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGUSER": "somebody",
    "PGDATABASE": "elsewhere",
    "PGSERVICE": "production",
    "PGOPTIONS": "-c search_path=nowhere",
    "PGCHANNELBINDING": "require",
    "PGDATA": "/nowhere",
    "LC_ALL": "xx_YY.UTF-8",
    "LC_COLLATE": "xx_YY.UTF-8",
    "LANG": "xx_YY.UTF-8",
    "LANGUAGE": "xx",
}


def test_data_is_kept_when_started_again(home: Path) -> None:
    with Servers(home) as servers:
        leave_belongings(servers.database_url, servers.redis_url)
    with Servers(home) as servers:
        assert find_belongings(servers.database_url, servers.redis_url) == KEPT


@pytest.mark.parametrize("name", ['a b\'s "100%", ü', "long/" + "x" * 200])
def test_servers_start_when_the_path_is_unusual(home: Path, furnish: Callable[[Path], None], start_servers: Start, name: str) -> None:
    furnish(home / name)
    servers = start_servers(home / name)
    assert both_answer(servers.database_url, servers.redis_url)


def test_servers_start_when_the_temp_folder_is_unusual(made_home: Path, start_servers: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(made_home / "a, b" / ("y" * 90)))
    servers = start_servers(made_home)
    assert both_answer(servers.database_url, servers.redis_url)


def test_servers_start_when_the_environment_is_hostile(home: Path, start_owner: Callable[..., Owner]) -> None:
    owner = start_owner(home, HOSTILE)
    assert "urls" in owner.hear()
    assert owner.ask("check") == {"answer": True}
    assert owner.ask("stop") == {"stopped": True}


def test_url_belongs_to_the_superuser_sayso(running: Servers) -> None:
    with connect(running.database_url) as connection:
        asked = "select current_user, current_database(), usesuper from pg_user where usename = current_user"
        assert connection.execute(asked).fetchone() == ("sayso", "sayso", True)
        assert connection.execute("select lower('ÀÉÑ'), 'B' < 'a'").fetchone() == ("àéñ", True)


def test_another_role_connects_over_the_same_socket(running: Servers) -> None:
    with connect(running.database_url) as connection:
        connection.execute("create role web login")
    with connect(running.database_url.replace("sayso@", "web@")) as connection:
        assert connection.info.user == "web"


def test_start_adds_what_is_missing_when_repeated(made_home: Path, start_servers: Start) -> None:
    servers = start_servers(made_home, postgres=False)
    with pytest.raises(psycopg.OperationalError):
        connect(servers.database_url)
    servers.start()
    with connect(servers.database_url) as connection:
        servers.start()
        assert both_answer(servers.database_url, servers.redis_url)
        assert connection.execute("select 1").fetchone() == (1,)


def test_stop_leaves_only_data_when_repeated(made_home: Path) -> None:
    servers = Servers(made_home, durable=False)
    servers.stop()
    before = set(family_of(os.getpid()))
    servers.start()
    started = set(family_of(os.getpid())) - before
    servers.stop()
    servers.stop()
    assert not sockets_folder(made_home.resolve()).exists()
    assert started
    assert all(is_gone(process) for process in started)


def test_start_is_refused_when_the_folder_is_in_use(running: Servers) -> None:
    with pytest.raises(EmbeddedError, match=r"already runs the servers of .*: stop it, or set SAYSO_DATA_DIR"):
        Servers(running.home).start()
    assert both_answer(running.database_url, running.redis_url)


def test_start_is_refused_when_the_folder_cannot_be_made(home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(EmbeddedError, match="set SAYSO_DATA_DIR"):
        Servers(home).start()


@pytest.mark.usefixtures("running")
def test_no_network_port_is_opened() -> None:
    family = family_of(os.getpid())
    assert any(process.net_connections("unix") for process in family)
    assert not [process for process in family if process.net_connections("inet")]


@pytest.mark.parametrize("durable", [True, False])
def test_durability_is_what_was_asked_for(made_home: Path, *, durable: bool) -> None:
    with Servers(made_home, durable=durable, pg_options={"max_connections": "17"}) as servers:
        with connect(servers.database_url) as connection:
            shown = [connection.execute(f"show {name}").fetchone() for name in ("fsync", "max_connections")]
        with redis.Redis.from_url(servers.redis_url, decode_responses=True) as client:
            kept = client.config_get("appendonly"), client.config_get("appendfsync")
    assert shown == [("on" if durable else "off",), ("17",)]
    assert kept == ({"appendonly": "yes" if durable else "no"}, {"appendfsync": "everysec"})


def test_sockets_are_closed_to_others(running: Servers) -> None:
    folder = sockets_folder(running.home)
    assert (folder / "valkey.sock").stat().st_mode & 0o077 == 0
    assert socket_folder(folder).stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_mode & 0o777 in (0o700, 0o711)
    assert folder.stat().st_uid == os.geteuid()


def test_sockets_folder_is_refused_when_it_is_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(EmbeddedError, match="set TMPDIR"):
        make_private(link)


def test_sockets_folder_is_refused_when_it_is_somebody_elses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = os.geteuid() + 1
    monkeypatch.setattr("os.geteuid", lambda: stranger)
    with pytest.raises(EmbeddedError, match="not ours"):
        make_private(tmp_path)


def test_sockets_folder_fits_the_shortest_limit(home: Path) -> None:
    assert len(str(sockets_folder(home / ("z" * 300)))) <= LONGEST
