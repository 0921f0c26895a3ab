"""The files of the house as text and syntax trees, and how a rule over them is asked."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache, cached_property
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("approvals", "crm", "embedded", "kernel", "outbox", "processes", "providers", "surfaces", "workers")
SHIPPED = (*ROOMS, "migrations")
IGNORED = (".git", *(line.strip("/") for line in (ROOT / ".gitignore").read_text().split()))
"""What git does not keep; read from its own list, so that the rules also run where there is no git."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Fault = tuple[int, str]
"""A line, and what to do about it."""


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node, walked once for all rules."""
        return tuple(ast.walk(self.tree))

    @property
    def functions(self) -> Iterator[Function]:
        """Every function and method, inner ones too."""
        return (node for node in self.nodes if isinstance(node, Function))

    @property
    def room(self) -> str:
        """The top-level folder."""
        return self.path.partition("/")[0]


Rule = Callable[[Source], Iterable[Fault]]


def is_ignored(path: Path) -> bool:
    """Whether git would not keep it."""
    return any(fnmatch(part, pattern) for part in path.relative_to(ROOT).parts for pattern in IGNORED)


@cache
def files() -> tuple[str, ...]:
    """Every file that git keeps or would keep, as a path from the root."""
    tops = [top for top in ROOT.iterdir() if not is_ignored(top)]
    found = [file for top in tops for file in (top.rglob("*") if top.is_dir() else [top])]
    return tuple(sorted(file.relative_to(ROOT).as_posix() for file in found if file.is_file() and not is_ignored(file)))


@cache
def sources(*tops: str) -> tuple[Source, ...]:
    """Every Python file in these top-level folders."""
    return tuple(Source(path, (ROOT / path).read_text()) for path in files() if path.endswith(".py") and path.partition("/")[0] in tops)


def shipped() -> tuple[Source, ...]:
    """Every Python file that is installed."""
    return sources(*SHIPPED)


def everywhere() -> tuple[Source, ...]:
    """Those, and the tests."""
    return sources(*SHIPPED, "tests")


def hold(rule: Rule, over: Iterable[Source]) -> None:
    """Fail with every place that breaks the rule."""
    refuse(f"{source.path}:{line} {words}" for source in over for line, words in rule(source))


def refuse(faults: Iterable[str]) -> None:
    """Fail with these sentences, when there are any."""
    said = "\n".join(faults)
    if said:
        pytest.fail(said, pytrace=False)


def caught(rule: Rule, snippet: str, path: str = "crm/area/sample.py") -> bool:
    """Whether the rule catches the snippet: the negative control of each rule."""
    return bool(list(rule(Source(path, dedent(snippet)))))
