"""Only kernel/db.py ends a transaction, so that one call is one transaction."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.tree import Fault, Source, caught, hold, shipped

ENDS = frozenset({"commit", "rollback", "begin"})
ALLOWED = {
    "kernel/db.py": "the one place",
    "processes/migrate.py": "alembic brings its own transaction for each version, on the owner's connection",
}
STRANGER = "embedded"
"""Starts servers; it knows no table, and creates a role or a database only outside a transaction."""


def commits(source: Source) -> Iterator[Fault]:
    """Every call, option or statement that begins or ends a transaction."""
    if source.path in ALLOWED or source.room == STRANGER:
        return
    for node in source.nodes:
        if word := _ending(node):
            yield getattr(node, "lineno", 1), f"says {word}: leave that to Database.transaction() in kernel/db.py"


def _ending(node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=ast.Attribute(attr=attr)) if attr in ENDS:
            return f".{attr}()"
        case ast.keyword(arg="autocommit"):
            return "autocommit"
        case ast.Constant(value=str(words)) if words.strip(" ;\n").lower() in ENDS | {"autocommit"}:
            return words.strip()
    return None


def test_nobody_else_commits() -> None:
    hold(commits, shipped())


def test_the_allowed_still_need_it() -> None:
    for source in shipped():
        assert source.path not in ALLOWED or caught(commits, source.text), f"{source.path} no longer commits: strike it from the list"


def test_commits_catch_each_way() -> None:
    assert caught(commits, "session.commit()")
    assert caught(commits, "with connection.begin(): ...")
    assert caught(commits, "connect(autocommit=True)")
    assert caught(commits, "session.execute(text('ROLLBACK;'))")


def test_commits_let_the_rest_pass() -> None:
    assert not caught(commits, "after_commit(session, ring)\nwith session.begin_nested(): ...")
    assert not caught(commits, "session.commit()", "kernel/db.py")
