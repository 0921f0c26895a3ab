"""The walls between workspaces, asked of the database itself: every table of a business has one, and only a secret sees through."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.db import Database
from kernel.keys import token_hash
from processes.examination import UNWALLED
from tests.factories import Desk

WITH_SECRETS = "SELECT polrelid::regclass::text FROM pg_policy WHERE polname = 'by_credential' ORDER BY 1"
HIDDEN = ("inbox", "audit_unsealed", "registration")


def unwalled(session: Session) -> list[str]:
    """The tables of a business that have no wall."""
    return list(session.scalars(text(UNWALLED)))


def test_every_row_of_a_workspace_stands_behind_a_wall(owner_db: Database) -> None:
    with owner_db.transaction() as session:
        assert unwalled(session) == []
        session.execute(text("CREATE TABLE diary (workspace_id uuid)"))
        assert unwalled(session) == ["diary"]
        session.rollback()


def test_a_row_is_found_by_its_secret_alone(desk: Desk, owner_db: Database, web_db: Database) -> None:
    desk.ask()
    with owner_db.transaction() as session:
        tables = list(session.scalars(text(WITH_SECRETS)))
        assert session.scalar(text("SELECT count(*) FROM link")), "no link to find"
    with web_db.transaction(credential=token_hash("a secret that nobody has")) as session:
        assert {table: session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables} == dict.fromkeys(tables, 0)
    with web_db.transaction(credential=token_hash(desk.founded.key.secret)) as session:
        assert session.scalars(text("SELECT id FROM api_key")).all() == [desk.founded.key.id]


def test_a_workspace_is_forgotten_with_its_transaction(desk: Desk, web_db: Database) -> None:
    with web_db.transaction(desk.founded.workspace) as session:
        backend = session.scalar(text("SELECT pg_backend_pid()"))
        assert session.scalar(text("SELECT count(*) FROM api_key"))
    with web_db.engine.connect() as line:
        assert line.scalar(text("SELECT pg_backend_pid()")) == backend
        assert line.scalar(text("SELECT count(*) FROM api_key")) == 0


@pytest.mark.parametrize("table", HIDDEN)
def test_the_web_login_reads_no_providers_events(web_db: Database, table: str) -> None:
    with pytest.raises(Exception, match="permission denied"), web_db.transaction() as session:
        session.execute(text(f"SELECT count(*) FROM {table}"))
