"""System mail: the database takes a grant without a say-so for the workspace's own people and the kinds that are meant for them alone."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from sqlalchemy import text

from kernel.db import Database
from kernel.keys import digest_of, new_id
from tests.factories import Desk

OWNER, STRANGER, NEW_PHONE = "olivia@example.com", "stranger@example.com", "+447400999888"
CHANGE = """
INSERT INTO address_change (id, workspace_id, person_id, field, new, code_hash) VALUES (gen_random_uuid(), :workspace, :person, 'phone', :phone, 'x')
"""
ROWS = (
    "INSERT INTO lane (id) VALUES ('sms:sandbox'), ('email:sandbox') ON CONFLICT DO NOTHING",
    """INSERT INTO intent (id, workspace_id, kind, lane, digest, on_unknown, asked_by_kind, asked_by_name)
    VALUES (:intent, :workspace, :kind, :lane, :digest, 'hold', 'system', 'sayso')""",
    "INSERT INTO content (intent_id, workspace_id, recipient, snapshot, sealed) VALUES (:intent, :workspace, :recipient, '{}', false)",
    "INSERT INTO grants (id, workspace_id, intent_id, digest, source) VALUES (gen_random_uuid(), :workspace, :intent, :digest, 'system')",
)


@pytest.mark.parametrize(
    ("kind", "recipient", "taken"),
    [
        ("notice", OWNER, True),
        ("notice", STRANGER, False),
        ("sign_in_code", STRANGER, False),
        ("email", OWNER, False),
        ("address_code_sms", NEW_PHONE, True),
        ("address_code_sms", "+447400123456", False),
        ("sms", NEW_PHONE, False),
    ],
)
def test_system_mail_is_taken_for_our_own_people_and_its_own_kinds(desk: Desk, owner_db: Database, kind: str, recipient: str, taken: bool) -> None:
    row = {"workspace": desk.founded.workspace, "person": desk.founded.owner, "intent": new_id(), "kind": kind, "recipient": recipient}
    more = {"lane": "email:sandbox" if "@" in recipient else "sms:sandbox", "digest": digest_of(b"{}"), "phone": NEW_PHONE}
    refused = nullcontext() if taken else pytest.raises(Exception, match="only a notice to a person of the workspace")
    with refused, owner_db.transaction() as session:
        for statement in (CHANGE, *ROWS):
            session.execute(text(statement), row | more)
