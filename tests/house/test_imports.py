"""Imports stand at the top; what is found by being there is found by kernel/discover.py alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.tree import Fault, Source, caught, everywhere, hold, shipped

DISCOVER = "kernel/discover.py"


def hidden(source: Source) -> Iterator[Fault]:
    """Imports inside functions."""
    if source.path == DISCOVER:
        return
    for function in source.functions:
        inner = (node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))
        yield from ((node.lineno, f"{function.name} imports: move it to the top of the file, or break the cycle") for node in inner)


def by_name(source: Source) -> Iterator[Fault]:
    """Imports by a name in a variable."""
    if source.path != DISCOVER:
        yield from ((node.lineno, f"imports by name: {DISCOVER} does that") for node in source.nodes if isinstance(node, ast.Call) and _by_name(node))


def _by_name(call: ast.Call) -> bool:
    match call.func:
        case ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"):
            return True
    return False


def test_imports_stand_at_the_top() -> None:
    hold(hidden, everywhere())


def test_imports_by_name_happen_in_one_place() -> None:
    hold(by_name, shipped())


def test_hidden_catches_each_way() -> None:
    assert caught(hidden, "def f():\n  import json")
    assert caught(hidden, "def f():\n  if x:\n    from json import loads")
    assert caught(by_name, "tools = importlib.import_module('crm.tools')")
    assert caught(by_name, "tools = __import__('crm')")


def test_hidden_lets_the_rest_pass() -> None:
    assert not caught(hidden, "import json")
    assert not caught(by_name, "tools = discover.load('crm.tools')")
    assert not caught(hidden, "def f():\n  importlib.import_module(name)", DISCOVER)
