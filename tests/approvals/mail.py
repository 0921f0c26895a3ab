"""What tests of letters share: moving the clock of the postbox, reading a letter's secrets, deciding with them."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import text

from approvals.bundles import untie
from approvals.links import Presented, decide_by_link
from approvals.requests import Pending
from approvals.votes import Decision
from kernel.db import Database
from kernel.keys import token_hash
from tests.factories import Desk

LINK = re.compile(r"/a/(list/)?([\w-]{22})\b")
CODE = re.compile(r"[Cc]ode: (\d{6})")
LATER = "UPDATE postbox SET last_at = last_at - interval '11 min'"
AN_HOUR_LATER = "UPDATE postbox SET last_at = last_at - interval '61 min', hour_from = hour_from - interval '61 min'"
QUARTER_LEFT = "UPDATE approval SET created_at = now() - interval '18 h', expires_at = now() + interval '6 h'"
LIVES = """
SELECT round(extract(epoch FROM l.expires_at - now()) / 60)::int, l.expires_at = i.expires_at
FROM link l JOIN intent i ON i.id = notice_id ORDER BY 1
"""
AGAIN = """
INSERT INTO grants (id, workspace_id, intent_id, digest, source)
SELECT gen_random_uuid(), workspace_id, id, digest, 'system' FROM intent WHERE kind = 'notice_sms'
"""
QUIET = "INSERT INTO reach (person_id, workspace_id, quiet_from, quiet_to) SELECT id, workspace_id, '00:00', '23:59:59.999' FROM person"


def do(owner_db: Database, *statements: str, **given: object) -> None:
    with owner_db.transaction() as session:
        for statement in statements:
            session.execute(text(statement), given)


def secrets_in(letter: Any) -> tuple[str, str]:
    """The token and the code of a letter."""
    link, code = LINK.search(letter.body), CODE.search(letter.body)
    assert link
    assert code
    return link.group(2), code.group(1)


def press(desk: Desk, pending: Pending, token: str, code: str) -> None:
    with desk.database.transaction(credential=token_hash(token)) as session:
        decide_by_link(session, desk.settings.secrets, Presented(token, code), Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "link"))


def tokens(desk: Desk, token: str) -> dict[UUID, str]:
    with desk.database.transaction(credential=token_hash(token)) as session:
        return dict(untie(session, token).tokens)
