"""Many customers, and a campaign to them."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from sqlalchemy import text

from approvals.requests import Pending
from kernel.db import Database
from kernel.keys import show
from tests.factories import Desk

MEET = """
INSERT INTO account (id, workspace_id, name, phone, email)
SELECT lpad(to_hex(n), 32, '0')::uuid, :w, 'Customer ' || n, '+447400' || lpad(n::text, 6, '0'), 'c' || n || '@example.com' FROM generate_series(1, :many) n
"""


def meet(desk: Desk, owner_db: Database, many: int) -> list[str]:
    """So many customers, each with a phone number and an e-mail address; answers their ids."""
    with owner_db.transaction() as session:
        session.execute(text(MEET), {"w": desk.founded.workspace, "many": many})
    return [show("acc", UUID(int=number)) for number in range(1, many + 1)]


def campaign(desk: Desk, **more: Any) -> Pending:
    """An SMS to everybody."""
    given = {"name": "Spring offer", "channel": "sms", "body": "Two for one on Monday.", **more}
    return cast("Pending", desk.run("send_campaign", **(given if {"search", "accountIds", "segmentId"} & set(given) else {**given, "everybody": True})))


def due(owner_db: Database) -> None:
    """The time for an undo has passed."""
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET due_at = now() - interval '1 s' WHERE state = 'ready'"))
