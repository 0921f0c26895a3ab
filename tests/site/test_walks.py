"""The pages are walked as their readers walk them, each on a Sayso of its own, with the providers at a stub."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from embedded.binaries import find_postgres
from embedded.servers import Servers
from tests.fixtures.stub_mail import StubMail
from tests.fixtures.stub_provider import StubProvider
from tests.fixtures.waiting import until
from tests.house.tree import ROOT
from tests.pages.blocks import Block, events
from tests.pages.walk import Walk

WALKED = (
    "README.md",
    "docs/tutorial.md",
    *(f"docs/how-to/{name}.md" for name in ("clients", "sms", "whatsapp", "sendgrid", "smtp", "stripe", "try", "deploy")),
)
NAME = "walked"


@pytest.fixture
def database(servers: Servers) -> str:
    """A database of the page's own, empty."""
    owner = create_engine(servers.database_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {NAME}"))
    owner.dispose()
    return make_url(servers.database_url).set(database=NAME).render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def readied() -> Iterator[str]:
    """Where commands are run without their start-up."""
    with tempfile.TemporaryDirectory(prefix="sayso-pages-") as folder:
        address = f"{folder}/line"
        with subprocess.Popen([sys.executable, "-m", "tests.pages.readied", address], cwd=ROOT) as ready:
            until(Path(address).exists, 60, "nothing is ready")
            yield address
            ready.terminate()


@pytest.fixture
def walk(servers: Servers, database: str, readied: str, tmp_path: Path) -> Iterator[Walk]:
    """A reader on a machine where this much is set already."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with StubProvider(tmp_path / "journal") as stub, StubMail() as mail:
        stub.lets_all_in = True
        reader = Walk(tmp_path, {"STAND_SOCKET": readied, **_at_the_stub(stub), **_at_home(servers, database, port, tmp_path)}, stub, mail)
        yield reader
        reader.end()


def _at_the_stub(stub: StubProvider) -> dict[str, str]:
    return {"TWILIO_API_BASE": stub.url, "SENDGRID_API_BASE": stub.url, "STRIPE_API_BASE": stub.url}


def _at_home(servers: Servers, database: str, port: int, home: Path) -> dict[str, str]:
    plain = make_url(database).set(drivername="postgresql")
    return {
        "PATH": f"{find_postgres()}:{os.environ['PATH']}",
        "PORT": str(port),
        "SAYSO_URL": f"http://127.0.0.1:{port}",
        "SAYSO_DATA_DIR": str(home / "data"),
        "SAYSO_DATABASE_URL": database,
        "SAYSO_REDIS_URL": servers.redis_url,
        "SAYSO_NOTICE_PAUSE_SECONDS": "0",
        "DATABASE": plain.render_as_string(hide_password=False),
        "MAINTENANCE": plain.set(database="postgres").render_as_string(hide_password=False),
    }


@pytest.mark.parametrize("page", WALKED[1:])
def test_a_page_is_as_it_says_when_it_is_walked(walk: Walk, page: str) -> None:
    assert walk.walk(page) > 0


def test_the_front_page_is_as_it_says_and_counts_the_tools_as_they_are_listed(walk: Walk) -> None:
    assert walk.walk("README.md") > 0
    (listed,) = [said for said in walk.said if said.startswith("attach_tags ")]
    tools = [line for line in listed.splitlines() if re.match(r"[a-z]+(_[a-z]+)+  ", line)]
    assert f"lists {len(tools)} tools" in (ROOT / "README.md").read_text()


def test_every_block_of_a_shell_is_on_a_page_that_is_walked() -> None:
    others = [path for path in ROOT.glob("docs/**/*.md") if path.relative_to(ROOT).as_posix() not in WALKED]
    run = [event for path in others for event in events(path.relative_to(ROOT).as_posix(), path.read_text()) if isinstance(event, Block)]
    assert [block for block in run if block.language == "sh" and block.is_run] == []


def test_a_walk_catches_what_a_page_shows_and_the_command_does_not_say(walk: Walk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tests.pages.walk.ROOT", tmp_path)
    (tmp_path / "page.md").write_text("```sh\necho one\n```\n\n```text\ntwo\n```\n")
    with pytest.raises(AssertionError, match="two"):
        walk.walk("page.md")
    (tmp_path / "page.md").write_text("```sh\nfalse\n```\n")
    with pytest.raises(AssertionError, match="ended with 1"):
        walk.walk("page.md")
