"""Consent: an opt-out holds at once and against what was approved; a customer's own STOP no agent takes back, and no weaker word covers."""

from __future__ import annotations

from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from approvals import gate
from approvals.gate import Source
from approvals.tools import SendStatus
from approvals.wanted import OptedOut
from crm.contacts.consents import NeedsEvidence, StaysOptedOut, Word, say
from crm.contacts.shapes import account_of
from crm.contacts.tools.accounts import Created
from crm.contacts.tools.consents import ConsentShown, Suppressions
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import new_id, show
from tests.approvals.crowds import campaign, due
from tests.approvals.hands import rows
from tests.factories import PHONE, Bench, Desk

EVIDENCE = "Ticked the box at the desk on 3 May."


def mia(desk: Desk, **more: Any) -> Created:
    return cast("Created", desk.run("create_account", **{"name": "Mia Park", "phone": PHONE, "email": "Mia@example.com", **more}))


def consent(desk: Desk, who: Created, given: bool, channel: str = "sms", **more: Any) -> ConsentShown:
    return cast("ConsentShown", desk.run("set_consent", accountId=show("acc", who.account_id), channel=channel, consent=given, **more))


def told(desk: Desk, source: Source, channel: str = "sms", recipient: str = PHONE) -> None:
    """What a webhook, or a person, tells the claim."""
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        call = Call(session, Caller("system", None, "provider"), desk.founded.workspace, now(), desk.settings)
        gate.suppress(call, channel, recipient, "STOP", source)


def test_whoever_opts_out_after_the_approval_is_not_messaged(desk: Desk, bench: Bench) -> None:
    who, pending = mia(desk), desk.approved()
    assert consent(desk, who, given=False).is_suppressed
    bench.drain()
    assert (bench.memory.ledger, desk.send(pending).state) == ([], "suppressed")
    status = cast("SendStatus", desk.run("get_send_status", approvalId=show("apr", pending.approval_id)))
    assert status.next_step == "The recipient must not be messaged on this channel."


def test_without_the_opt_out_the_same_message_leaves(desk: Desk, bench: Bench) -> None:
    """The negative control."""
    mia(desk)
    desk.approved()
    bench.drain()
    assert len(bench.memory.ledger) == 1


def test_an_opt_out_holds_however_the_address_is_written(desk: Desk, bench: Bench) -> None:
    who = mia(desk)
    for address in ("Mia@example.com", "mia@example.com", "MIA@example.com"):
        desk.decide(cast("Any", desk.run("send_email", to=address, subject="Spring", body="Two for one.")))
    consent(desk, who, given=False, channel="email")
    bench.drain("email:sandbox")
    assert [dispatch for dispatch in bench.memory.ledger if dispatch.content.kind == "email"] == []


def test_an_opt_out_leaves_somebody_out_of_a_campaign_however_it_is_written(desk: Desk, bench: Bench, owner_db: Database) -> None:
    consent(desk, mia(desk), given=False, channel="email")
    desk.run("create_account", name="Ben", email="ben@example.com")
    pending = campaign(desk, channel="email", subject="Spring")
    assert pending.bulk
    assert (pending.bulk.count, pending.bulk.excluded) == (1, {"opted_out": 1})
    desk.decide(pending)
    due(owner_db)
    bench.drain("email:sandbox")
    assert [dispatch.content.recipient for dispatch in bench.memory.ledger if dispatch.content.kind == "email"] == ["ben@example.com"]


def test_an_opt_out_of_one_channel_leaves_the_others(desk: Desk, bench: Bench) -> None:
    consent(desk, mia(desk), given=False, channel="whatsapp")
    desk.approved()
    bench.drain()
    assert len(bench.memory.ledger) == 1


def test_that_somebody_agreed_needs_its_evidence(desk: Desk) -> None:
    who = mia(desk)
    with pytest.raises(NeedsEvidence):
        consent(desk, who, given=True)
    agreed = consent(desk, who, given=True, evidence=EVIDENCE)
    assert (agreed.consent, agreed.source, agreed.evidence, agreed.is_suppressed) == ("given", "agent", EVIDENCE, False)


def test_an_agent_takes_back_what_an_agent_wrote(desk: Desk, owner_db: Database) -> None:
    who = mia(desk)
    consent(desk, who, given=False)
    assert not consent(desk, who, given=True, evidence=EVIDENCE).is_suppressed
    assert rows(owner_db, "SELECT is_given, source FROM consent ORDER BY at") == [(False, "agent"), (True, "agent")]


@pytest.mark.parametrize("source", ["customer", "provider", "person"])
def test_an_agent_cannot_undo_what_the_customer_a_provider_or_a_person_said(desk: Desk, owner_db: Database, source: Source) -> None:
    who = mia(desk)
    told(desk, source)
    with pytest.raises(StaysOptedOut):
        consent(desk, who, given=True, evidence=EVIDENCE)
    assert rows(owner_db, "SELECT count(*) FROM consent") == [(0,)]
    assert rows(owner_db, "SELECT source FROM suppression") == [(source,)]


def test_an_agents_word_after_a_stop_does_not_make_it_its_own(desk: Desk, owner_db: Database) -> None:
    who = mia(desk)
    told(desk, "customer")
    consent(desk, who, given=False)
    assert rows(owner_db, "SELECT source, reason FROM suppression") == [("customer", "STOP")]
    with pytest.raises(StaysOptedOut):
        consent(desk, who, given=True, evidence=EVIDENCE)


def test_a_stop_after_an_agents_word_is_the_customers(desk: Desk, owner_db: Database) -> None:
    who = mia(desk)
    consent(desk, who, given=False)
    told(desk, "customer")
    assert rows(owner_db, "SELECT source, reason FROM suppression") == [("customer", "STOP")]
    with pytest.raises(StaysOptedOut):
        consent(desk, who, given=True, evidence=EVIDENCE)


def test_a_signed_in_decider_lifts_it_and_is_on_record(desk: Desk, owner_db: Database) -> None:
    who = mia(desk)
    told(desk, "customer")
    with desk.signed_in() as (session, owner):
        call = Call(session, owner.as_caller(), desk.founded.workspace, now(), desk.settings)
        say(call, account_of(call, who.account_id), Word("sms", is_given=True, evidence="She asked at the desk.", source="person"))
    assert rows(owner_db, "SELECT count(*) FROM suppression") == [(0,)]
    assert rows(owner_db, "SELECT source, said_by FROM consent") == [("person", "person: Olivia")]
    assert rows(owner_db, "SELECT actor FROM audit WHERE action = 'recipient.unsuppressed'") == [("person: Olivia",)]


FORGED = {
    "a weaker source": "UPDATE suppression SET source = 'agent'",
    "another address": "UPDATE suppression SET recipient = '+447400999999'",
    "a person's word": """INSERT INTO consent (id, workspace_id, account_id, channel, is_given, source, evidence, said_by)
        SELECT gen_random_uuid(), workspace_id, id, 'sms', true, 'person', 'x', 'x' FROM account""",
    "the customer's word": """INSERT INTO consent (id, workspace_id, account_id, channel, is_given, source, evidence, said_by)
        SELECT gen_random_uuid(), workspace_id, id, 'sms', true, 'customer', 'x', 'x' FROM account""",
    "another history": "UPDATE consent SET is_given = true, evidence = 'x'",
    "no history": "DELETE FROM consent",
}


@pytest.mark.parametrize("forged", FORGED)
def test_what_the_code_would_not_write_the_database_refuses(desk: Desk, forged: str) -> None:
    consent(desk, mia(desk), given=False)
    told(desk, "customer")
    with pytest.raises(ProgrammingError), desk.database.transaction(workspace=desk.founded.workspace) as session:
        session.execute(text(FORGED[forged]))


def test_a_stop_is_not_deleted_without_a_session_and_an_agents_word_is(desk: Desk, owner_db: Database) -> None:
    told(desk, "customer")
    told(desk, "agent", recipient="+447400123457")
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        session.execute(text("DELETE FROM suppression"))
    assert rows(owner_db, "SELECT recipient FROM suppression") == [(PHONE,)]


def test_a_new_address_of_whoever_opted_out_is_not_messaged_either(desk: Desk) -> None:
    who = mia(desk)
    consent(desk, who, given=False)
    desk.run("update_account", accountId=show("acc", who.account_id), phone="+447400123499")
    with pytest.raises(OptedOut):
        desk.ask(to="+447400123499")


def test_nobody_is_asked_to_read_what_would_not_be_sent(desk: Desk, owner_db: Database) -> None:
    who = mia(desk)
    consent(desk, who, given=False)
    for to in ({"to": PHONE}, {"accountId": show("acc", who.account_id)}):
        with pytest.raises(OptedOut):
            desk.run("send_sms", body="Two for one.", **to)
    assert rows(owner_db, "SELECT (SELECT count(*) FROM approval), (SELECT count(*) FROM intent)") == [(0, 0)]
    desk.answered(owner_db)
    assert cast("Any", desk.run("send_whatsapp_message", to=PHONE, body="Hello")).status == "pending", "another channel is another matter"


def test_an_address_is_not_silenced_because_its_customer_agreed(desk: Desk, bench: Bench) -> None:
    """The negative control."""
    who = mia(desk)
    consent(desk, who, given=True, evidence=EVIDENCE)
    desk.run("update_account", accountId=show("acc", who.account_id), phone="+447400123499")
    desk.approved(to="+447400123499")
    bench.drain()
    assert len(bench.memory.ledger) == 1


def test_the_list_says_who_is_silenced_and_why(desk: Desk) -> None:
    for number in range(3):
        told(desk, "customer", recipient=f"+44740012340{number}")
    consent(desk, mia(desk), given=False, channel="email")
    first = cast("Suppressions", desk.run("list_suppressions", channel="sms", limit=2))
    assert (first.total, [one.recipient for one in first.items]) == (3, ["+447400123400", "+447400123401"])
    second = cast("Suppressions", desk.run("list_suppressions", channel="sms", limit=2, cursor=first.next_cursor))
    assert ([one.recipient for one in second.items], second.next_cursor) == (["+447400123402"], None)
    (mail,) = cast("Suppressions", desk.run("list_suppressions", search="MIA@")).items
    assert (mail.recipient, mail.reason, mail.source) == ("mia@example.com", "the customer opted out", "agent")
    with pytest.raises(InvalidArguments):
        desk.run("list_suppressions", cursor="nonsense")


def test_nobody_speaks_for_a_customer_of_another_workspace(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.run("set_consent", accountId=show("acc", new_id()), channel="sms", consent=False)


def test_no_agent_washes_a_customers_own_stop_with_a_word_of_its_own(desk: Desk, bench: Bench, owner_db: Database) -> None:
    who = mia(desk)
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        call = Call(session, Caller("public", None, "the customer"), desk.founded.workspace, now(), desk.settings)
        say(call, account_of(call, who.account_id), Word("sms", is_given=False, evidence="wrote STOP", source="customer"))
    assert consent(desk, who, given=False).source == "customer", "a weaker word leaves a stronger one"
    desk.run("update_account", accountId=show("acc", who.account_id), phone="+447400123777")
    assert ("+447400123777", "customer") in rows(owner_db, "SELECT recipient, source FROM suppression")
    with pytest.raises(StaysOptedOut):
        consent(desk, who, given=True, evidence=EVIDENCE)
    with pytest.raises(OptedOut):
        desk.run("send_sms", to="+447400123777", body="Hello")
