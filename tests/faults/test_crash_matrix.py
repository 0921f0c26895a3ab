"""The crash matrix of docs/ names every instant, once, and only tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from kernel.failpoints import Instant

HERE = Path(__file__).resolve().parent
PAGE = (HERE.parents[1] / "docs" / "crash-matrix.md").read_text()
NAMED = re.compile(r"`((?:test_)?\w+)::(\w+)`")
ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def _functions(module: str) -> set[str]:
    tree = ast.parse((HERE / f"{module}.py").read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_page_has_every_instant_once_when_read() -> None:
    assert sorted(ROW.findall(PAGE)) == sorted(Instant)


def test_every_row_names_tests_that_exist_when_read() -> None:
    named = NAMED.findall(PAGE)
    assert [f"{module}::{name}" for module, name in named if name not in _functions(module)] == []
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| instant", "| what happens |"))]
    assert [row for row in rows if not NAMED.search(row)] == []
