"""What is paused, revoked or resting says so on every page, with what to do, and to the agent that waits for it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

import pytest

from approvals.people import Person
from approvals.requests import Pending
from approvals.resolve import Subject, What, pause, resume
from approvals.tools import SendStatus
from crm.access import keys
from kernel.db import Database
from kernel.keys import show
from outbox.facts import Scope
from outbox.sends import STOPPED
from surfaces.portal.words import HOLDS
from tests.factories import Desk
from tests.portal.guest import Guest, address_of, changed

RESTS = "UPDATE lane SET breaker_until = now() + interval '1 hour', breaker_reason = '20003' WHERE id = 'sms:sandbox'"
SLOWED = "UPDATE lane SET rests_until = now() + interval '1 hour', pace = 1 WHERE id = 'sms:sandbox'"
PAUSED = "UPDATE lane SET paused_at = now(), pause_reason = 'Rates.' WHERE id = 'sms:sandbox'"
GONE = f"UPDATE lane SET paused_at = now(), pause_reason = '{STOPPED['disconnected']}' WHERE id = 'sms:sandbox'"
SAID_STOP = (
    "INSERT INTO suppression (workspace_id, channel, recipient, reason) SELECT workspace_id, 'sms', recipient, 'STOP' FROM content WHERE NOT sealed LIMIT 1"
)
RAN_OUT = "UPDATE delivery SET expires_at = now() - interval '1 second' WHERE lane = 'sms:sandbox'"
LANES = {"lane": PAUSED, "disconnected": GONE, "rest": RESTS, "slowed": SLOWED, "opted_out": SAID_STOP, "closed": RAN_OUT}
"""What one statement makes true."""


WHATS: dict[str, What] = {"everything": "workspace", "asker": "key", "channel": "channel", "request": "request"}


def hold(desk: Desk, owner_db: Database, what: str, approval: UUID | None = None) -> None:
    """Make one of the facts true."""
    scopes = {"everything": Scope(), "asker": Scope(key=desk.founded.key.id), "channel": Scope(channel="sms"), "request": Scope(approval=approval)}
    if what in LANES:
        changed(owner_db, LANES[what])
    else:
        with desk.database.transaction(desk.founded.workspace) as session:
            owner, key = session.get_one(Person, desk.founded.owner), desk.founded.key.id
            if what == "revoked":
                keys.revoke(session, desk.founded.workspace, key)
            else:
                pause(session, owner, Subject(WHATS[what], scopes[what]), "Wrong prices.", desk.settings)


def test_every_hold_has_its_advice() -> None:
    assert set(HOLDS) == set(STOPPED.values())


@pytest.mark.parametrize("what", sorted(STOPPED))
def test_a_hold_is_said_before_and_after_the_decision(guest: Guest, desk: Desk, owner_db: Database, what: str) -> None:
    pending, approved = desk.ask(), desk.approved()
    hold(desk, owner_db, what, approved.approval_id)
    guest.sign_in()
    before = () if what == "request" else ("/portal", address_of(pending))
    for path in (*before, "/portal/ledger", address_of(approved)):
        assert f"Held: {STOPPED[what]}" in guest.http.get(path).text, path
    for path in (*before[1:], address_of(approved)):
        assert HOLDS[STOPPED[what]] in guest.http.get(path).text
    assert desk.send(approved).wait_reason == STOPPED[what]


def test_a_hold_that_was_lifted_is_no_longer_said(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.approved()
    hold(desk, owner_db, "everything")
    with desk.database.transaction(desk.founded.workspace) as session:
        resume(session, session.get_one(Person, desk.founded.owner), Subject("workspace"), "Mended.", desk.settings)
    guest.sign_in()
    page = guest.http.get(address_of(pending)).text
    assert ("Held" in page, "Approved, not sent yet." in page) == (False, True)


def test_what_already_left_is_not_called_held(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.approved()
    changed(owner_db, "UPDATE delivery SET state = 'sent' WHERE intent_id = :it", it=pending.intent_ids[0])
    hold(desk, owner_db, "everything")
    guest.sign_in()
    assert "Held" not in guest.http.get(address_of(pending)).text
    assert desk.send(pending).wait_reason is None


def test_another_workspaces_pause_is_not_ours(desk: Desk, owner_db: Database) -> None:
    pending = cast("Pending", desk.approved())
    changed(owner_db, "INSERT INTO workspace (id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'Other')")
    changed(owner_db, "INSERT INTO stop (id, workspace_id, reason) VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'Theirs.')")
    assert desk.send(pending).wait_reason is None


def test_the_agent_reads_why_it_waits(desk: Desk, owner_db: Database) -> None:
    pending = desk.approved()
    hold(desk, owner_db, "asker")
    status = cast("SendStatus", desk.run("get_send_status", approvalId=show("apr", pending.approval_id)))
    assert status.sends[0].wait_reason == "sending is paused for this agent"
