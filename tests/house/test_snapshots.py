"""A snapshot of each tool as the wire shows it: a change to what agents see is seen in review, never by accident.

`SAYSO_UPDATE_SNAPSHOTS=1 ./dev test tests/house/test_snapshots.py -n0` writes them anew.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.house.declared import OPERATIONS, wire

SNAPSHOTS = Path(__file__).parent / "snapshots"
UPDATES = os.environ.get("SAYSO_UPDATE_SNAPSHOTS") == "1"
KEPT = ("name", "description", "annotations", "inputSchema", "outputSchema")


def snapshot(shown: dict[str, Any]) -> str:
    """What is kept of a tool."""
    return json.dumps({key: shown[key] for key in KEPT}, ensure_ascii=False, indent=1) + "\n"


def checked(path: Path, now: str, *, updates: bool) -> None:
    """Hold a snapshot against the present, or write it."""
    if updates:
        path.write_text(now)
    kept = path.read_text() if path.exists() else ""
    assert now == kept, f"{path.stem} looks different on the wire; if that is meant: SAYSO_UPDATE_SNAPSHOTS=1"


@pytest.mark.parametrize("name", OPERATIONS)
def test_snapshot_of_tool_is_unchanged(name: str) -> None:
    checked(SNAPSHOTS / f"{name}.json", snapshot(wire(OPERATIONS[name])), updates=UPDATES)


def test_snapshots_are_of_tools_that_exist() -> None:
    gone = [path for path in SNAPSHOTS.glob("*.json") if path.stem not in OPERATIONS]
    for path in gone if UPDATES else []:
        path.unlink()
    assert UPDATES or not gone, f"these tools are gone: {[path.stem for path in gone]}; if that is meant: SAYSO_UPDATE_SNAPSHOTS=1"


def test_snapshot_catches_a_changed_word(tmp_path: Path) -> None:
    shown = wire(next(iter(OPERATIONS.values())))
    checked(tmp_path / "tool.json", snapshot(shown), updates=True)
    checked(tmp_path / "tool.json", snapshot(shown), updates=False)
    with pytest.raises(AssertionError, match="looks different"):
        checked(tmp_path / "tool.json", snapshot(shown | {"description": "Another."}), updates=False)
