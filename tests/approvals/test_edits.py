"""Edits: the words change and nothing else, the new version stands alone, one vote is over it, and the agent learns what was changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from approvals.decide import AlreadyDecided, DigestChanged, MayNotDecide
from approvals.edits import NotEditable, Revision, draft, revise
from approvals.gate import AlreadyLeft, NotPending, submit
from approvals.gate import Draft as Gated
from approvals.links import Invitation, Presented, WrongCode, prove
from approvals.people import Rank
from approvals.requests import Pending
from approvals.votes import Decision
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database
from kernel.errors import InvalidArguments
from kernel.keys import show
from outbox.kinds.sms import Sms
from tests.approvals.hands import rows
from tests.approvals.test_links import wrong
from tests.approvals.test_votes import presenting
from tests.factories import PHONE, Bench, Desk
from tests.portal.guest import everything, invited, joined

ASKED, WRITTEN = "Your table is redy at 8.", "Your table is ready at 9."
STATES = """
SELECT a.state, a.ended_by_name, d.state, (SELECT count(*) FROM grants g WHERE g.approval_id = a.id),
    (SELECT count(*) FROM link l WHERE l.approval_id = a.id AND l.ended_at IS NULL)
FROM approval a JOIN approval_item t ON t.approval_id = a.id JOIN every_delivery d ON d.intent_id = t.intent_id ORDER BY a.created_at, a.id
"""


def revision(desk: Desk, pending: Pending, via: Any = "portal", **words: str) -> Revision:
    """What the form of the page of changes would say."""
    with desk.database.transaction(desk.founded.workspace) as session:
        made = draft(session, desk.founded.workspace, pending.approval_id, words)
    return Revision(Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", via), words, made.edited.digest)


def edit(desk: Desk, pending: Pending, person: UUID | None = None, **words: str) -> UUID:
    return carry_out(desk, revision(desk, pending, **(words or {"body": WRITTEN})), person)


def carry_out(desk: Desk, wanted: Revision, person: UUID | None = None) -> UUID:
    with desk.signed_in(person) as (session, somebody):
        return revise(session, desk.settings, somebody, wanted)


def edit_by_link(desk: Desk, pending: Pending, invitation: Invitation, code: str = "") -> UUID:
    wanted = revision(desk, pending, "link", body=WRITTEN)
    with presenting(desk, invitation.token) as session:
        person = prove(session, desk.settings.secrets, Presented(invitation.token, code or invitation.code), wanted.decision)
        return revise(session, desk.settings, person, wanted)


def status(desk: Desk, **asked: str) -> dict[str, Any]:
    return desk.run("get_send_status", **asked).model_dump(by_alias=True, mode="json")


def sent(bench: Bench) -> list[tuple[str, str]]:
    bench.drain()
    return [(dispatch.content.recipient, getattr(dispatch.content, "body", "")) for dispatch in bench.memory.ledger]


def test_the_words_change_and_only_the_new_version_leaves(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.ask(ASKED)
    edit(desk, pending)
    assert sent(bench) == [(PHONE, WRITTEN)]
    assert rows(owner_db, STATES) == [("superseded", "Olivia", "cancelled", 0, 0), ("approved", "Olivia", "sent", 1, 0)]
    told = rows(owner_db, "SELECT action, actor, subject = :old FROM audit WHERE action LIKE 'approval.%' ORDER BY id", old=str(pending.approval_id))
    by = "person: Olivia"
    assert told[1:] == [("approval.superseded", by, True), ("approval.edited", by, False), ("approval.approved", by, False)]
    assert [row[0] for row in rows(owner_db, "SELECT type FROM event WHERE type LIKE 'approval.%' ORDER BY id")] == [deed for deed, *_ in told]


def test_a_link_edits_with_its_code_and_is_dead_afterwards(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.ask(ASKED)
    invitation = invited(desk, pending)
    with pytest.raises(WrongCode):
        edit_by_link(desk, pending, invitation, wrong(invitation.code))
    assert sent(bench) == []
    edit_by_link(desk, pending, invitation)
    assert sent(bench) == [(PHONE, WRITTEN)]
    assert rows(owner_db, "SELECT via, verdict FROM vote") == [("link", "approved")]
    with pytest.raises(AlreadyDecided, match="Olivia changed its words"):
        edit_by_link(desk, pending, invitation)


def test_words_that_change_nothing_are_a_plain_approval(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.ask("One\nTwo")
    assert edit(desk, pending, body="One\r\nTwo") == pending.approval_id
    assert sent(bench) == [(PHONE, "One\nTwo")]
    assert rows(owner_db, "SELECT state, supersedes FROM approval") == [("approved", None)]


@pytest.mark.parametrize("words", [{"body": ""}, {"body": " \u200b"}, {"body": "x" * 1601}, {"body": "\x00"}])
def test_words_that_nobody_could_send_are_refused_and_nothing_is_written(desk: Desk, owner_db: Database, words: dict[str, str]) -> None:
    pending = desk.ask(ASKED)
    before = everything(owner_db)
    with pytest.raises(InvalidArguments), desk.database.transaction(desk.founded.workspace) as session:
        draft(session, desk.founded.workspace, pending.approval_id, words)
    assert everything(owner_db) == before


def test_the_recipient_is_locked(desk: Desk, bench: Bench) -> None:
    pending = desk.ask(ASKED)
    edit(desk, pending, body=WRITTEN, to="+447400999999", sender="Evil")
    assert sent(bench) == [(PHONE, WRITTEN)]


def test_a_letter_may_have_another_subject(desk: Desk) -> None:
    letter: Any = desk.run("send_email", to="mia@example.com", subject="Helo", body="The text.")
    with pytest.raises(InvalidArguments):
        edit(desk, letter, subject="Hello\r\nBcc: eve@example.com")
    edit(desk, letter, subject="Hello")
    edits = status(desk, approvalId=show("apr", letter.approval_id))["approval"]["edits"]
    assert edits == [{"field": "subject", "before": "Helo", "after": "Hello", "by": "Olivia"}]


def test_other_words_than_those_shown_are_refused(desk: Desk, owner_db: Database) -> None:
    """The digest travels in the form; the server computes it anew."""
    pending = desk.ask(ASKED)
    shown = revision(desk, pending, body=WRITTEN)
    before = rows(owner_db, "SELECT state FROM approval")
    for altered in (
        Revision(shown.decision, {"body": "Pay at evil.example."}, shown.digest),
        Revision(Decision(pending.approval_id, bytes(32), "approved", "portal"), shown.words, shown.digest),
    ):
        with pytest.raises(DigestChanged), desk.signed_in() as (session, owner):
            revise(session, desk.settings, owner, altered)
    assert rows(owner_db, "SELECT state FROM approval") == before == [("pending",)]


def test_staff_strangers_and_agents_edit_nothing(desk: Desk, owner_db: Database) -> None:
    pending = desk.ask(ASKED)
    with pytest.raises(MayNotDecide):
        edit(desk, pending, joined(desk, owner_db, "Sam", Rank.STAFF))
    wanted = revision(desk, pending, body=WRITTEN)
    with desk.signed_in() as (_, owner):
        pass
    for secret in (desk.founded.key.secret, "nothing"):
        with pytest.raises(MayNotDecide), presenting(desk, secret) as session:
            revise(session, desk.settings, owner, wanted)
    assert rows(owner_db, "SELECT state FROM approval") == [("pending",)]


def test_the_agent_reads_the_edit_under_both_its_old_ids(desk: Desk, bench: Bench) -> None:
    pending = desk.ask("Pay\u200b now.")
    new = edit(desk, pending, body="Pay later.")
    bench.drain()
    told = status(desk, approvalId=show("apr", pending.approval_id))
    assert told["approval"]["edits"] == [{"field": "body", "before": "Pay⟦U+200B⟧ now.", "after": "Pay later.", "by": "Olivia"}]
    assert (told["status"], told["approval"]["approvalId"], "changed the words" in told["nextStep"]) == ("sent", show("apr", new), True)
    assert status(desk, intentId=show("int", pending.intent_ids[0])) == told
    assert status(desk, approvalId=show("apr", new)) == told


def test_an_edited_send_is_cancelled_under_its_old_id(desk: Desk, bench: Bench) -> None:
    pending = desk.ask(ASKED)
    edit(desk, pending)
    with pytest.raises(NotPending):
        desk.run("withdraw_send_request", approvalId=show("apr", pending.approval_id))
    desk.run("cancel_scheduled_send", intentId=show("int", pending.intent_ids[0]))
    assert sent(bench) == []
    with pytest.raises(AlreadyLeft):
        desk.run("cancel_scheduled_send", intentId=show("int", pending.intent_ids[0]))


def test_only_a_request_of_one_message_is_edited(desk: Desk) -> None:
    agent = Caller("agent", desk.founded.key.id, "first agent")
    with desk.database.transaction(desk.founded.workspace) as session:
        call = Call(session, agent, desk.founded.workspace, now(), desk.settings)
        pending = submit(call, "send_sms", [Gated(Sms(to=PHONE, body=f"Number {number}")) for number in range(2)])
    with pytest.raises(NotEditable), desk.database.transaction(desk.founded.workspace) as session:
        draft(session, desk.founded.workspace, pending.approval_id, {})


def test_what_waits_for_its_moment_and_its_turn_keeps_both(desk: Desk, owner_db: Database) -> None:
    agent = Caller("agent", desk.founded.key.id, "first agent")
    later = now() + timedelta(hours=5)
    with desk.database.transaction(desk.founded.workspace) as session:
        call = Call(session, agent, desk.founded.workspace, now(), desk.settings)
        pending = submit(call, "send_sms", [Gated(Sms(to=PHONE, body=ASKED), later, later + timedelta(hours=1), "mia")])
    edit(desk, pending)
    kept = "SELECT DISTINCT i.kind, i.lane, i.order_key, i.not_before, i.expires_at, i.asked_by_id, i.asked_by_name FROM intent i WHERE kind = 'sms'"
    assert len(rows(owner_db, kept)) == 1
    assert rows(owner_db, "SELECT count(DISTINCT expires_at), count(*) FROM approval") == [(1, 2)]


def test_of_two_the_editor_is_one_and_earlier_votes_are_void(desk: Desk, bench: Bench, mona: UUID, owner_db: Database) -> None:
    pending = desk.ask(ASKED)
    desk.decide(pending)
    letters = len(rows(owner_db, "SELECT id FROM intent WHERE kind = 'notice'"))
    new = edit(desk, pending, mona)
    assert sent(bench) == []
    told = status(desk, approvalId=show("apr", pending.approval_id))
    assert (told["status"], told["approval"]["approvals"], told["approval"]["edits"][0]["by"]) == ("held", "1 of 2", "Mona")
    assert len(rows(owner_db, "SELECT id FROM intent WHERE kind = 'notice'")) == letters + 1
    living = "SELECT p.name FROM link l JOIN person p ON p.id = l.person_id WHERE l.ended_at IS NULL AND l.approval_id = :new"
    assert rows(owner_db, living, new=new) == [("Olivia",)]
    assert rows(owner_db, "SELECT count(*) FROM link WHERE ended_at IS NULL") == [(1,)]
    with desk.database.transaction(desk.founded.workspace) as session:
        digest = draft(session, desk.founded.workspace, new, {}).asked.digest.hex()
    desk.decide(Pending(approval_id=new, digest=digest, expires_at=pending.expires_at, intent_ids=[], preview=[], status="", next_step=""))
    assert sent(bench) == [(PHONE, WRITTEN)]


@pytest.mark.usefixtures("mona")
def test_an_edit_of_an_edit_tells_both(desk: Desk, mona: UUID) -> None:
    pending = desk.ask("One.")
    second = edit(desk, pending, mona, body="Two.")
    again = pending.model_copy(update={"approval_id": second})
    with desk.database.transaction(desk.founded.workspace) as session:
        again.digest = draft(session, desk.founded.workspace, second, {}).asked.digest.hex()
    edit(desk, again, body="Three.")
    told = status(desk, approvalId=show("apr", pending.approval_id))["approval"]["edits"]
    assert [(one["before"], one["after"], one["by"]) for one in told] == [("One.", "Two.", "Mona"), ("Two.", "Three.", "Olivia")]
    desk.run("withdraw_send_request", approvalId=show("apr", pending.approval_id))
    assert status(desk, approvalId=show("apr", pending.approval_id))["status"] == "withdrawn"


# What the web role could write itself, were it taken over: a version of its own in the place of what was asked for.
