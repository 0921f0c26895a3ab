"""A list in another's place: fewer of the same is granted, one more or another is not, whoever wrote it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from approvals import manifests
from approvals.decide import decide
from approvals.requests import Pending
from approvals.votes import Decision
from kernel.db import Database, raw
from kernel.keys import new_id
from tests.approvals.crowds import campaign, meet
from tests.approvals.hands import rows
from tests.factories import Desk

STEPS = (
    """
    INSERT INTO approval (id, workspace_id, supersedes, digest, facts, ruling, action, needs, asked_by_kind, asked_by_id, asked_by_name, expires_at)
    SELECT :new, workspace_id, id, :digest, facts, ruling, action, needs, asked_by_kind, asked_by_id, asked_by_name, expires_at
    FROM approval WHERE id = :old
    """,
    """
    INSERT INTO approval_item (approval_id, intent_id, workspace_id, position, digest)
    SELECT :new, i.id, i.workspace_id, x.place - 1, i.digest
    FROM unnest(CAST(:intents AS uuid[])) WITH ORDINALITY AS x (id, place) JOIN intent i ON i.id = x.id
    """,
    "UPDATE approval SET state = 'superseded', ended_at = now(), ended_by_name = 'Olivia' WHERE id = :old",
)
GRANT = """
INSERT INTO grants (id, workspace_id, intent_id, digest, source, approval_id)
SELECT gen_random_uuid(), workspace_id, intent_id, digest, 'approval', approval_id FROM approval_item WHERE approval_id = :a
"""
COVERED = "SELECT m.intent_id, m.digest FROM approval_item m WHERE m.approval_id = :a ORDER BY m.position"


def covered(owner_db: Database, pending: Pending) -> list[tuple[UUID, bytes]]:
    """The intents of a campaign and their digests, in order."""
    with owner_db.transaction() as session:
        return [(intent, bytes(digest)) for intent, digest in session.execute(text(COVERED), {"a": pending.approval_id})]


def put_in_place(desk: Desk, owner_db: Database, old: Pending, covers: list[tuple[UUID, bytes]]) -> tuple[UUID, bytes]:
    """A version of a campaign that covers these, with the digest that it must have, written as if by a gate gone wrong."""
    new, workspace = new_id(), desk.founded.workspace
    with owner_db.transaction() as session:
        manifest = replace(manifests.read(session, workspace, [old.approval_id])[old.approval_id], count=len(covers))
        digest = manifest.digest_over(one for _, one in covers)
        given = {"new": new, "old": old.approval_id, "digest": digest, "intents": [intent for intent, _ in covers]}
        for step in STEPS:
            session.execute(text(step), given)
        manifests.write(raw(session), new, workspace, manifest)
    return new, digest


@pytest.mark.parametrize(
    ("kept", "more", "may"), [([0, 1], 0, True), ([0, 1, 2], 0, True), ([0, 1, 2], 1, False), ([0], 1, False), ([1, 0], 0, False)], ids=str
)
def test_only_some_of_the_same_in_their_places_are_granted(desk: Desk, owner_db: Database, kept: list[int], more: int, *, may: bool) -> None:
    meet(desk, owner_db, 3)
    pending, other = campaign(desk), campaign(desk, body="Three for two.")
    mine, others = (covered(owner_db, one) for one in (pending, other))
    covers = [*(mine[place] for place in kept), *others[:more]]
    new, digest = put_in_place(desk, owner_db, pending, covers)
    with desk.signed_in() as (session, owner):
        decision = Decision(new, digest, "approved", "portal")
        if may:
            assert decide(session, owner, decision)
        else:
            with pytest.raises(psycopg.errors.CheckViolation, match="no approved approval"), session.begin_nested():
                decide(session, owner, decision)
    assert rows(owner_db, "SELECT count(*) FROM grants WHERE source = 'approval'") == [(len(covers) if may else 0,)]


def test_the_old_list_is_dead_once_a_shorter_one_stands(desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 3)
    pending = campaign(desk)
    put_in_place(desk, owner_db, pending, covered(owner_db, pending)[:2])
    with pytest.raises(Exception, match="changed its words"):
        desk.decide(pending)
    with owner_db.transaction() as session, pytest.raises(Exception, match="no approved approval"):
        session.execute(text(GRANT), {"a": pending.approval_id})
