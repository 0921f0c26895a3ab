"""Forged grants under a standing approval: the database compares words, caps and life for itself, whatever the web role writes."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from approvals.requests import Pending
from kernel.clock import now
from kernel.db import Database
from tests.approvals import test_standing
from tests.approvals.hands import set_policy
from tests.approvals.test_standing import WORDS, numbered
from tests.approvals.test_votes import become_web
from tests.factories import Desk

standing = test_standing.standing
FORGE = """
UPDATE approval SET state = 'approved', decided_at = now(), decided_by = :owner, decided_by_name = 'Olivia', decided_via = 'standing',
    ended_at = now(), ended_by_name = 'Olivia' WHERE id = :approval
"""
COPY = """
INSERT INTO approval (id, workspace_id, action, digest, asked_by_kind, asked_by_name, expires_at, standing_id, needs)
SELECT :new, workspace_id, action, digest, asked_by_kind, asked_by_name, expires_at, :standing, :needs FROM approval WHERE id = :approval
"""
COVER = """
INSERT INTO approval_item SELECT :new, intent_id, workspace_id, position, digest FROM approval_item WHERE approval_id = :approval
"""
TAKE = """
INSERT INTO budget (workspace_id, policy, subject, starts_at, used) VALUES (:workspace, 'standing', CAST(:standing AS text), business_day(:workspace), :used)
ON CONFLICT ON CONSTRAINT pk_budget DO UPDATE SET used = excluded.used
"""
GRANT = """
INSERT INTO grants (id, workspace_id, intent_id, digest, source, approval_id, standing_id)
SELECT gen_random_uuid(), workspace_id, id, digest, 'standing', :new, :standing FROM intent WHERE id = :intent
"""


def forge(session: Session, desk: Desk, pending: Pending, standing: UUID, **other: object) -> None:
    """Everything that the gate writes, by hand, for a request that waits."""
    given: dict[str, object] = {
        "workspace": desk.founded.workspace,
        "owner": desk.founded.owner,
        "standing": standing,
        "approval": pending.approval_id,
        "new": pending.approval_id.int ^ 1,
        "intent": pending.intent_ids[0],
        "used": 1,
        "needs": 1,
    } | other
    given["new"] = UUID(int=cast("int", given["new"]))
    for statement in (TAKE, COPY, COVER, FORGE.replace(":approval", ":new"), GRANT):
        session.execute(text(statement), given)


def test_a_grant_that_keeps_to_the_rules_is_taken(desk: Desk, standing: UUID) -> None:
    """What the refusals below are compared with; first it must wait, so the same words go out under a policy that asks for a person."""
    with desk.database.transaction(desk.founded.workspace) as session:
        forge(session, desk, waiting(desk, 1), standing)


def waiting(desk: Desk, number: int, body: str = WORDS, **more: object) -> Pending:
    set_policy(desk, "standing", allowed=False)
    pending = desk.ask(body, to=numbered(number), **more)
    assert pending.status == "pending"
    return pending


@pytest.mark.parametrize(
    ("body", "other"),
    [
        ("Other words.", {}),
        (WORDS, {"used": 0}),
        (WORDS, {"used": 6}),
        (WORDS, {"needs": 2}),
    ],
)
def test_the_database_refuses_a_grant_beyond_a_standing_approval(desk: Desk, standing: UUID, body: str, other: dict[str, object]) -> None:
    pending = waiting(desk, 1, body)
    with pytest.raises(Exception, match="no standing approval stands behind"), desk.database.transaction(desk.founded.workspace) as session:
        forge(session, desk, pending, standing, **other)
    assert desk.send(pending).state == "held"


def test_the_database_refuses_a_grant_of_what_leaves_on_another_day(desk: Desk, standing: UUID) -> None:
    pending = waiting(desk, 1, send_at=now() + timedelta(days=1))
    with pytest.raises(Exception, match="no standing approval stands behind"), desk.database.transaction(desk.founded.workspace) as session:
        forge(session, desk, pending, standing)
    assert desk.send(pending).state == "held"


def test_the_database_refuses_a_grant_under_a_revoked_or_ended_one(desk: Desk, standing: UUID, owner_db: Database) -> None:
    pending = waiting(desk, 1)
    for dead in ("UPDATE standing SET revoked_at = now(), revoked_by_name = 'Olivia'", "UPDATE standing SET expires_at = now()"):
        with owner_db.transaction() as session:
            session.execute(text(dead))
            become_web(session, desk)
            with pytest.raises(Exception, match="no standing approval stands behind"), session.begin_nested():
                forge(session, desk, pending, standing)
            session.rollback()


def test_a_grant_under_a_revoked_one_would_stand_were_it_not_for_the_trigger(desk: Desk, standing: UUID, owner_db: Database) -> None:
    """The negative control."""
    pending = waiting(desk, 1)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE standing SET revoked_at = now(), revoked_by_name = 'Olivia'"))
        session.execute(text("ALTER TABLE grants DISABLE TRIGGER grant_needs_say_so"))
        become_web(session, desk)
        forge(session, desk, pending, standing)
        session.rollback()
