"""Files, functions, parameters and nesting stay small enough to be read in one look."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from statistics import median

from tests.house.tree import Fault, Function, Source, caught, everywhere, hold, shipped

LINES = 300
FUNCTION_LINES = 40
PARAMETERS = 5
NESTING = 3
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


def sizes(source: Source) -> Iterator[Fault]:
    """What is too large."""
    lines = len(source.text.splitlines())
    if lines > LINES:
        yield 1, f"has {lines} lines, at most {LINES}: split it by what it speaks of"
    for function in source.functions:
        yield from _sizes_of(function)


def _sizes_of(function: Function) -> Iterator[Fault]:
    if length(function) > FUNCTION_LINES:
        yield function.lineno, f"{function.name} has {length(function)} lines, at most {FUNCTION_LINES}: name its steps"
    if parameters(function) > PARAMETERS:
        yield function.lineno, f"{function.name} takes {parameters(function)} parameters, at most {PARAMETERS}: what belongs together is one value"
    if nesting(function) > NESTING:
        yield function.lineno, f"{function.name} nests {nesting(function)} deep, at most {NESTING}: return early, or name the inner step"


def length(function: Function) -> int:
    """Its lines, from `def` to the end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def parameters(function: Function) -> int:
    """Everything a caller may give; `self` and `cls` are not given."""
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg) if a]
    return len([name for name in names if name not in {"self", "cls"}])


def nesting(node: ast.AST, depth: int = 0) -> int:
    """How deep blocks stand in blocks; `elif` is no deeper than its `if`, an inner function is counted by itself."""
    inner = [child for child in ast.iter_child_nodes(node) if not isinstance(child, Function)]
    return max([depth, *(nesting(child, depth + _opens(node, child)) for child in inner)])


def _opens(node: ast.AST, child: ast.AST) -> bool:
    is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and child.col_offset == node.col_offset
    return isinstance(child, BLOCKS) and not is_elif


def test_sizes_everywhere() -> None:
    hold(sizes, everywhere())


def test_sizes_show_their_medians() -> None:
    files = sorted(len(source.text.splitlines()) for source in shipped())
    functions = sorted(length(function) for source in shipped() for function in source.functions)
    for what, lines in (("file", files), ("function", functions)):
        sys.stdout.write(f"{what}: {len(lines)} of them, median {median(lines):g}, p90 {lines[len(lines) * 9 // 10]}, largest {lines[-1]} lines\n")
    assert median(files) <= 80
    assert median(functions) <= 8


def test_sizes_catch_what_is_too_large() -> None:
    assert caught(sizes, "x = 1\n" * (LINES + 1))
    assert caught(sizes, "def long():\n" + "    x = 1\n" * FUNCTION_LINES)
    assert caught(sizes, "def wide(a, b, c, /, d, *, e, f): ...")
    assert caught(sizes, "def deep():\n  if a:\n    for b in c:\n      with d:\n        while e: ...")


def test_sizes_let_the_rest_pass() -> None:
    assert not caught(sizes, "class A:\n  def five(self, a, b, c, *, d, **e): ...")
    assert not caught(sizes, "def flat():\n  if a: ...\n  elif b: ...\n  elif c: ...\n  elif d: ...\n  else: ...")
