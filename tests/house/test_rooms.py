"""The list of rooms is the same everywhere that it must be said: folders, package list, linters and import contracts."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.house.tree import ROOMS, ROOT, SHIPPED, files

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
TOOL: dict[str, Any] = PROJECT["tool"]
CONTRACTS: list[dict[str, Any]] = TOOL["importlinter"]["contracts"]
BESIDE = frozenset({"docs", "tests"})
LATER = frozenset({"bench", "clients", "deploy", "skills"})
"""Folders that may be there or not yet."""
EVERY_ROOM = {
    "importlinter.root_packages": TOOL["importlinter"]["root_packages"],
    "mypy.files": [folder for folder in TOOL["mypy"]["files"] if not folder.startswith("tests/")],
    "vulture.paths": TOOL["vulture"]["paths"],
    "coverage.run.source": TOOL["coverage"]["run"]["source"],
}


def unlisted(folders: set[str]) -> set[str]:
    """Folders at the top that the house does not know, or lacks."""
    known = {*SHIPPED, *BESIDE}
    return {name for name in folders - LATER if not name.startswith(".")} ^ known


def contract(kind: str) -> list[dict[str, Any]]:
    """The import contracts of a kind."""
    return [found for found in CONTRACTS if found["type"] == kind]


def layered() -> list[str]:
    """The rooms in the order that only looks down."""
    (downward,) = [found for found in contract("layers") if "containers" not in found]
    return [room.strip() for layer in downward["layers"] for room in layer.split("|")]


def test_top_level_folders_are_the_known_ones() -> None:
    assert not unlisted({path.partition("/")[0] for path in files() if "/" in path}), "a new folder is a new room: give it its walls, then list it"


def test_top_level_holds_no_loose_module() -> None:
    assert [path for path in files() if "/" not in path and path.endswith(".py")] == []


@pytest.mark.parametrize("where", EVERY_ROOM)
def test_rooms_are_listed_completely(where: str) -> None:
    assert sorted(EVERY_ROOM[where]) == sorted(ROOMS)


def test_rooms_are_packaged() -> None:
    assert sorted(TOOL["hatch"]["build"]["targets"]["wheel"]["packages"]) == sorted(SHIPPED)
    assert sorted(TOOL["deptry"]["known_first_party"]) == sorted((*SHIPPED, "tests"))


def test_rooms_are_walled() -> None:
    strangers = [found for found in contract("forbidden") if found["source_modules"] == ["embedded"]]
    assert sorted([*layered(), "embedded"]) == sorted(ROOMS), "each room stands in the layers; embedded stands outside of them"
    assert [set(found["forbidden_modules"]) & set(ROOMS) for found in strangers] == [set(ROOMS) - {"embedded"}]
    assert [sorted(found["ancestors"]) for found in contract("acyclic_siblings")] == [sorted(ROOMS)]


def test_areas_of_the_business_are_stacked() -> None:
    (stacked,) = [found for found in contract("layers") if found.get("containers") == ["crm"]]
    areas = {path.split("/")[1] for path in files() if path.startswith("crm/") and path.count("/") > 1}
    assert stacked["exhaustive"] is True
    assert {area.strip() for layer in stacked["layers"] for area in layer.split("|")} == areas


def test_unlisted_catches_a_new_and_a_missing_folder() -> None:
    whole = {*SHIPPED, *BESIDE}
    assert not unlisted(whole | {".ci", "skills"})
    assert unlisted(whole | {"helpers"}) == {"helpers"}
    assert unlisted(whole - {"kernel"}) == {"kernel"}
