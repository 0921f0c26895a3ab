"""Every package that we install has a line in docs/dependencies.md with its reason."""

from __future__ import annotations

import re
import tomllib

from tests.house.tree import ROOT

PAGE = ROOT / "docs" / "dependencies.md"
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| ([^|]{10,}) \| ([^|]{10,}) \|$", re.MULTILINE)
SHORTEST_NAME = re.compile(r"[A-Za-z0-9-]+")


def installed() -> set[str]:
    """The names in pyproject.toml, without versions, extras and markers."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    return {found.group().lower() for line in listed if (found := SHORTEST_NAME.match(line))}


def reasoned(page: str) -> list[str]:
    """The names that the page gives a use and a reason."""
    return [name for name, _, _ in ROW.findall(page)]


def test_every_dependency_has_its_reason() -> None:
    told = reasoned(PAGE.read_text())
    missing, gone = sorted(installed() - set(told)), sorted(set(told) - installed())
    assert not missing, f"give {missing} a line in docs/dependencies.md: what for, and why not our own code"
    assert not gone, f"strike {gone} from docs/dependencies.md"
    assert told == sorted(set(told)), "one line each, in the order of the alphabet"


def test_reasoned_catches_a_line_without_reason() -> None:
    assert reasoned("| `redis` | rings between processes | a protocol and a pool of its own |") == ["redis"]
    assert reasoned("| `redis` | rings between processes | |") == []
