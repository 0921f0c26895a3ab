"""Edits forged in SQL: a version that keeps to none of the rules is granted nothing, whoever writes its rows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from approvals.links import LinkEnded
from approvals.requests import Pending
from kernel.db import Database
from kernel.keys import new_id, token_hash
from tests.approvals.hands import rows
from tests.approvals.test_edits import ASKED, edit, edit_by_link
from tests.approvals.test_votes import FLIP, GRANT, VOTE, WALL, become_web, presenting, write
from tests.factories import PHONE, Desk
from tests.portal.guest import invited

INTENT = """
INSERT INTO intent (id, workspace_id, kind, lane, digest, on_unknown, asked_by_kind, asked_by_id, asked_by_name)
SELECT :intent, workspace_id, kind, lane, digest, on_unknown, asked_by_kind, asked_by_id, asked_by_name FROM intent WHERE id = :old_intent
"""
CONTENT = """
INSERT INTO content (intent_id, workspace_id, recipient, snapshot, sealed)
SELECT :intent, workspace_id, :to, snapshot, false FROM content WHERE intent_id = :old_intent
"""
VERSION = """
INSERT INTO approval (id, workspace_id, supersedes, digest, action, needs, not_alone, asked_by_kind, asked_by_id, asked_by_name, expires_at)
SELECT :approval, workspace_id, id, digest, action, needs, not_alone, asked_by_kind, asked_by_id, asked_by_name, expires_at FROM approval WHERE id = :old
"""
COVER = """
INSERT INTO approval_item (approval_id, intent_id, workspace_id, position, digest)
SELECT :approval, :intent, workspace_id, position, digest FROM approval_item WHERE approval_id = :old
"""
END_OLD = "UPDATE approval SET state = 'superseded', ended_at = now(), ended_by_name = 'Olivia' WHERE id = :old"
FEWER = "digest, action, 1, not_alone, asked_by_kind, asked_by_id, asked_by_name, expires_at FROM"
FORGED = (INTENT, CONTENT, VERSION, COVER, END_OLD, VOTE, FLIP, GRANT)


def forge(desk: Desk, pending: Pending, token: str, *statements: str, **other: object) -> None:
    """Write a version by hand, as the web role, with a link's token that nobody typed the code of."""
    with presenting(desk, token) as session:
        write(session, desk, pending, *statements, **(forged(pending) | other))


def forged(pending: Pending) -> dict[str, object]:
    """What the statements are given."""
    new = {"approval": new_id(), "intent": new_id(), "to": PHONE, "via": "link"}
    return {**new, "old": pending.approval_id, "old_intent": pending.intent_ids[0]}


def used(desk: Desk, pending: Pending) -> str:
    """A living link whose try was counted."""
    invitation = invited(desk, pending)
    with desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text("UPDATE link SET tries = 1 WHERE token_hash = :hash"), {"hash": token_hash(invitation.token)})
    return invitation.token


def test_a_version_that_keeps_to_the_rules_would_be_granted(desk: Desk) -> None:
    """What the refusals below are compared with: the same statements, each with one thing amiss."""
    pending = desk.ask(ASKED)
    forge(desk, pending, used(desk, pending), *FORGED)


@pytest.mark.parametrize(
    ("statements", "other"),
    [
        (FORGED, {"to": "+447400999999"}),
        ([statement for statement in FORGED if statement != END_OLD], {}),
        ([statement for statement in FORGED if statement != VOTE], {}),
    ],
    ids=["to somebody else", "beside the old one", "without a vote"],
)
def test_a_version_is_not_granted(desk: Desk, statements: Sequence[str], other: dict[str, object]) -> None:
    pending = desk.ask(ASKED)
    with pytest.raises(Exception, match="no approved approval"):
        forge(desk, pending, used(desk, pending), *statements, **other)


@pytest.mark.usefixtures("mona")
def test_a_version_that_needs_fewer_people_is_not_granted(desk: Desk) -> None:
    pending = desk.ask(ASKED)
    fewer = [statement.replace("digest, action, needs, not_alone, asked_by_kind, asked_by_id, asked_by_name, expires_at FROM", FEWER) for statement in FORGED]
    assert set(fewer) != set(FORGED)
    with pytest.raises(Exception, match="no approved approval"):
        forge(desk, pending, used(desk, pending), *fewer)


def test_a_version_to_somebody_else_would_be_granted_were_it_not_for_the_comparison(desk: Desk, owner_db: Database) -> None:
    """The negative control."""
    pending = desk.ask(ASKED)
    token = used(desk, pending)
    given = forged(pending) | {"to": "+447400999999"}
    with owner_db.transaction(credential=token_hash(token)) as session:
        session.execute(text("CREATE OR REPLACE FUNCTION stands_in(asked uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true'"))
        become_web(session, desk)
        write(session, desk, pending, *FORGED, **given)
        session.rollback()


def test_a_link_speaks_for_nothing_but_its_own_request_and_its_edited_version(desk: Desk) -> None:
    pending, other = desk.ask(ASKED), desk.ask("Another.")
    token = used(desk, pending)
    with pytest.raises(Exception, match=WALL):
        forge(desk, other, token, VOTE, approval=other.approval_id)
    with pytest.raises(Exception, match=WALL):
        forge(desk, other, token, *FORGED)


@pytest.mark.usefixtures("mona")
def test_a_dead_link_does_not_speak_for_the_version_that_killed_it(desk: Desk) -> None:
    pending = desk.ask(ASKED)
    token = used(desk, pending)
    new = edit(desk, pending)
    with pytest.raises(Exception, match=WALL):
        forge(desk, pending, token, VOTE, approval=new)


def test_a_request_is_superseded_once(desk: Desk) -> None:
    pending = desk.ask(ASKED)
    token = used(desk, pending)
    with pytest.raises(Exception, match="approval_supersedes_key"):
        forge(desk, pending, token, VERSION, VERSION.replace(":approval", "gen_random_uuid()"))


def test_an_ended_link_edits_nothing(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask(ASKED)
    invitation = invited(desk, pending)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE link SET ended_at = now()"))
    with pytest.raises(LinkEnded):
        edit_by_link(desk, pending, invitation)
    assert rows(owner_db, "SELECT state FROM approval") == [("pending",)]
