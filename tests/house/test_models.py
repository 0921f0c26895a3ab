"""The tables that classes describe are the tables that the migrations make: columns, types and nullability."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table

from kernel.db import Database, Row
from tests.house import declared
from tests.house.tree import refuse

ABOUT = frozenset({"add_table", "remove_table", "add_column", "remove_column", "modify_type", "modify_nullable"})
"""Indexes, defaults and constraints are said once, in SQL."""


def differences(connection: Connection, metadata: MetaData) -> list[str]:
    """What autogenerate would change about tables and columns."""
    context = MigrationContext.configure(connection, opts={"compare_type": _differ, "compare_server_default": False})
    return [_said(change) for change in _flat(compare_metadata(context, metadata)) if change[0] in ABOUT]


def _differ(*compared: Any) -> bool | None:
    """`text` and an unbounded `varchar` are one type to PostgreSQL; None leaves the rest to alembic."""
    *_, in_database, in_model = compared
    return False if all(isinstance(kind, String) and kind.length is None for kind in (in_database, in_model)) else None


def _flat(changes: list[Any]) -> Iterator[tuple[Any, ...]]:
    for change in changes:
        yield from change if isinstance(change, list) else [change]


def _said(change: tuple[Any, ...]) -> str:
    return " ".join(str(part) for part in change if part is not None and not isinstance(part, dict))


def test_models_match_the_migrated_database(owner_db: Database) -> None:
    assert declared.OPERATIONS, "everything is declared before the tables are counted"
    with owner_db.engine.connect() as connection:
        refuse(differences(connection, Row.metadata))


def test_differences_catch_each_kind(owner_db: Database) -> None:
    drifted = MetaData()
    for table in Row.metadata.tables.values():
        table.to_metadata(drifted)
    lane, stop = drifted.tables["lane"], drifted.tables["stop"]
    lane.append_column(Column("colour", String))
    lane.c.rate.type, stop.c.reason.nullable = Integer(), True
    Table("attic", drifted, Column("id", Integer, primary_key=True))
    with owner_db.engine.connect() as connection:
        assert {change.split()[0] for change in differences(connection, drifted)} == {"add_table", "add_column", "modify_type", "modify_nullable"}
