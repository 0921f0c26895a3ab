"""Every package that we install has a line in docs/dependencies.md with its reason, and a place in the locks with its hashes."""

from __future__ import annotations

import re
import tomllib

from kernel.settings import version
from tests.house.tree import ROOT

PAGE = ROOT / "docs" / "dependencies.md"
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| ([^|]{10,}) \| ([^|]{10,}) \|$", re.MULTILINE)
SHORTEST_NAME = re.compile(r"[A-Za-z0-9-]+")
PIN = re.compile(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==(\S+)(.*?)(?=^[a-z#]|\Z)", re.MULTILINE | re.DOTALL)


def installed() -> set[str]:
    """The names in pyproject.toml, without versions, extras and markers."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return {found.group().lower() for line in listed if (found := SHORTEST_NAME.match(line))}


def reasoned(page: str) -> list[str]:
    """The names that the page gives a use and a reason."""
    return [name for name, _, _ in ROW.findall(page)]


def pins(lock: str) -> dict[tuple[str, str], int]:
    """The packages of a lock with their versions (one package may have two, by platform), and how many files of each it knows by hash."""
    return {(name, version): rest.count("--hash=sha256:") for name, version, rest in PIN.findall(lock)}


def test_what_is_installed_with_sayso_is_pinned_as_it_was_tested() -> None:
    tested, shipped = (pins((ROOT / name).read_text()) for name in ("requirements.lock", "requirements-runtime.lock"))
    assert installed() <= {name for name, _ in shipped}, "a dependency is not in requirements-runtime.lock: run ./dev lock"
    assert shipped.items() <= tested.items(), "requirements-runtime.lock is not as requirements.lock: run ./dev lock"
    assert all({**shipped, **tested}.values()), "a pin without a hash"


def test_pins_catch_what_has_no_hash() -> None:
    lock = "anyio==4.9.0 \\\n    --hash=sha256:ab \\\n    --hash=sha256:cd\n    # via mcp\nredis==7.0.0\n"
    assert pins(lock) == {("anyio", "4.9.0"): 2, ("redis", "7.0.0"): 0}


def test_the_version_is_said_once_outside_of_the_code_and_once_in_it() -> None:
    assert version() == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_every_dependency_has_its_reason() -> None:
    told = reasoned(PAGE.read_text())
    missing, gone = sorted(installed() - set(told)), sorted(set(told) - installed())
    assert not missing, f"give {missing} a line in docs/dependencies.md: what for, and why not our own code"
    assert not gone, f"strike {gone} from docs/dependencies.md"
    assert told == sorted(set(told)), "one line each, in the order of the alphabet"


def test_reasoned_catches_a_line_without_reason() -> None:
    assert reasoned("| `redis` | rings between processes | a protocol and a pool of its own |") == ["redis"]
    assert reasoned("| `redis` | rings between processes | |") == []
