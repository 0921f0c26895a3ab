"""WhatsApp's window: free words leave only to who wrote within a day, by the very sender; asked at asking, at the decision and at the claim."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from approvals.requests import Pending
from approvals.wanted import OptedOut, WindowClosed
from crm.campaigns.tools.keeping import CampaignChecked
from kernel.clock import now
from kernel.db import Database
from outbox.accounts import SANDBOX_SENDERS
from outbox.states import prolong
from outbox.store import sweep
from tests.approvals.hands import rows, set_policy
from tests.crm.test_campaigns import guests, kept, name
from tests.crm.test_conversations import says
from tests.crm.test_reminders import A_DAY, about, allow, booked, in_days, moment, template
from tests.crm.test_whatsapp_templates import approved, send
from tests.factories import PHONE, Bench, Desk
from tests.portal.guest import changed

__all__ = ["moment"]

LANE = "whatsapp:sandbox"
SENDER = SANDBOX_SENDERS["sms"]
CLOSE = "UPDATE reply_window SET closes_at = now() - interval '1 second'"
RUN_OUT = "UPDATE delivery SET expires_at = now() - interval '1 second' WHERE expires_at IS NOT NULL"


@pytest.fixture
def mia(desk: Desk) -> None:
    """Mia is a customer."""
    desk.run("create_account", name="Mia Park", phone=PHONE)


def writes(desk: Desk, worker_db: Database, ref: str = "SM1", **more: Any) -> None:
    says(desk, worker_db, "Is Friday on?", ref=ref, channel="whatsapp", **more)


def ask(desk: Desk, **more: Any) -> Pending:
    return cast("Pending", desk.run("send_whatsapp_message", to=PHONE, body="Yes, at three.", **more))


def test_who_never_wrote_gets_no_free_words_and_nobody_is_asked(desk: Desk, mia: None, owner_db: Database) -> None:
    with pytest.raises(WindowClosed) as refused:
        ask(desk)
    assert (refused.value.code, "templateId" in refused.value.advice, "SMS" in refused.value.advice) == ("window_closed", True, True)
    assert rows(owner_db, "SELECT count(*) FROM approval") == [(0,)]


def test_who_wrote_today_gets_them_and_a_template_needs_nobodys_word(desk: Desk, mia: None, bench: Bench, worker_db: Database) -> None:
    by_template = send(desk, approved(desk, "Hello"))
    desk.decide(by_template)
    writes(desk, worker_db)
    pending = ask(desk)
    desk.decide(pending)
    bench.drain(LANE)
    assert [desk.send(one).state for one in (by_template, pending)] == ["sent", "sent"]


@pytest.mark.parametrize(("hours", "is_open"), [(23, True), (23.9, True), (23.95, False), (25, False)])
def test_a_day_is_a_day_less_five_minutes(desk: Desk, mia: None, worker_db: Database, hours: float, is_open: bool) -> None:
    writes(desk, worker_db, at=(now() - timedelta(hours=hours)).timestamp())
    if is_open:
        assert ask(desk).status == "pending"
    else:
        with pytest.raises(WindowClosed):
            ask(desk)


def test_an_sms_opens_nothing_and_neither_does_a_message_to_another_sender(desk: Desk, mia: None, worker_db: Database) -> None:
    says(desk, worker_db, "Hello")
    writes(desk, worker_db, "SM2", to="+15005550001")
    with pytest.raises(WindowClosed):
        ask(desk)


def test_what_would_leave_after_the_window_is_refused_at_once(desk: Desk, mia: None, worker_db: Database) -> None:
    writes(desk, worker_db)
    assert ask(desk, sendAt=(now() + timedelta(hours=23)).isoformat()).status == "pending"
    with pytest.raises(WindowClosed):
        ask(desk, sendAt=(now() + timedelta(hours=25)).isoformat())


def test_a_replayed_message_opens_it_no_longer(desk: Desk, mia: None, worker_db: Database, owner_db: Database) -> None:
    writes(desk, worker_db)
    changed(owner_db, CLOSE)
    writes(desk, worker_db)
    with pytest.raises(WindowClosed):
        ask(desk)


def test_a_window_that_closed_while_a_person_thought_cannot_be_approved(desk: Desk, mia: None, worker_db: Database, owner_db: Database) -> None:
    writes(desk, worker_db)
    pending = ask(desk)
    changed(owner_db, RUN_OUT)
    assert "24 hours" in (desk.send(pending).wait_reason or "")
    with pytest.raises(WindowClosed) as refused:
        desk.decide(pending)
    assert "Reject" in refused.value.advice
    assert (desk.send(pending).state, rows(owner_db, "SELECT count(*) FROM vote")) == ("held", [(0,)])
    desk.decide(pending, "rejected")


def test_a_window_that_closed_after_the_decision_is_not_dialled_and_says_why(
    desk: Desk, mia: None, bench: Bench, worker_db: Database, owner_db: Database
) -> None:
    writes(desk, worker_db)
    pending = ask(desk)
    desk.decide(pending)
    changed(owner_db, RUN_OUT)
    bench.drain(LANE)
    assert (desk.send(pending).state, bench.memory.ledger) == ("ready", [])
    with worker_db.line() as line:
        sweep(line)
    told = desk.send(pending)
    assert (told.state, "send a template, or an SMS" in (told.wait_reason or "")) == ("expired", True)


def test_without_the_row_that_expires_it_would_be_dialled(desk: Desk, mia: None, bench: Bench, worker_db: Database, owner_db: Database) -> None:
    """The negative control."""
    writes(desk, worker_db)
    pending = ask(desk)
    desk.decide(pending)
    changed(owner_db, CLOSE)
    bench.drain(LANE)
    assert desk.send(pending).state == "sent"


def test_who_writes_again_keeps_what_waits_alive_and_never_beyond_its_own_use(desk: Desk, mia: None, worker_db: Database, owner_db: Database) -> None:
    writes(desk, worker_db, at=(now() - timedelta(hours=20)).timestamp())
    pending = ask(desk)
    writes(desk, worker_db, "SM2")
    left = "SELECT d.expires_at > now() + interval '23 hours' FROM delivery d WHERE d.intent_id = :intent"
    assert rows(owner_db, left, intent=pending.intent_ids[0]) == [(True,)]
    changed(owner_db, "UPDATE delivery SET expires_at = now() + interval '1 hour'")
    changed(owner_db, "UPDATE intent SET expires_at = now() + interval '2 hours'")
    writes(desk, worker_db, "SM3")
    assert rows(owner_db, left.replace("23 hours", "2 hours"), intent=pending.intent_ids[0]) == [(False,)]


def test_an_agent_opens_no_window(desk: Desk) -> None:
    forged = text("INSERT INTO reply_window VALUES (:workspace, '+15005550006', '+447400123456', now() + interval '1 day')")
    with pytest.raises(ProgrammingError, match="permission denied"), desk.database.transaction(workspace=desk.founded.workspace) as session:
        session.execute(forged, {"workspace": desk.founded.workspace})


def test_a_campaign_leaves_out_who_did_not_write(desk: Desk, worker_db: Database) -> None:
    guests(desk, "Mia Park", "Leo Cruz")
    writes(desk, worker_db, sender="+447400300000")
    campaign = kept(desk, channel="whatsapp")
    checked = cast("CampaignChecked", desk.run("validate_campaign", campaignId=name(campaign)))
    assert (checked.count, checked.excluded, checked.preview[0].recipient) == (1, {"window_closed": 1}, "+447400300000")


def test_a_reminder_in_free_words_says_why_it_was_not_asked_for(desk: Desk, moment: Any) -> None:
    set_policy(desk, "first_time", in_person=False)
    written = template(desk, "See you {{date}}.", channel="whatsapp")
    wanted = {"event": "booking_start", "offsetMinutes": A_DAY, "channel": "whatsapp", "templateId": f"tpl_{written.template_id.hex}"}
    allow(desk, cast("Any", desk.run("set_reminder_rule", **wanted)).items[0].rule_id)
    booking = booked(desk, in_days(9))
    moment()
    ((status, why),) = about(desk, booking)
    assert (status, "24 hours" in (why or "")) == ("skipped", True)


def test_who_opts_out_while_a_decision_waits_cannot_be_approved(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    pending = desk.ask()
    desk.run("set_consent", accountId=f"acc_{cast('Any', desk.run('create_account', name='Mia', phone=PHONE)).account_id.hex}", channel="sms", consent=False)
    assert desk.send(pending).wait_reason == "the customer wants no messages on this channel"
    with pytest.raises(OptedOut, match="meanwhile"):
        desk.decide(pending)
    assert (desk.send(pending).state, rows(owner_db, "SELECT count(*) FROM vote")) == ("held", [(0,)])


PLANS = ("enable_nestloop", "enable_hashjoin", "enable_mergejoin")
LETTERS = {
    "sealed": "UPDATE content SET recipient = :phone WHERE sealed",
    "wiped": "UPDATE content SET recipient = :phone, snapshot = '' WHERE sealed",
}


@pytest.mark.parametrize("letters", LETTERS)
def test_a_stop_is_heard_from_a_phone_that_got_letters_which_nobody_can_read(
    desk: Desk, mia: None, worker_db: Database, owner_db: Database, letters: str
) -> None:
    """Its owner decides for some business, say: what they are told is sealed, and wiped when it is over."""
    writes(desk, worker_db)
    ask(desk)
    changed(owner_db, LETTERS[letters], phone=PHONE)
    given = {"workspace": desk.founded.workspace, "recipient": PHONE, "sender": SENDER, "kinds": ["whatsapp"], "until": now() + timedelta(days=1)}
    for plan in product(("on", "off"), repeat=len(PLANS)):
        with owner_db.line() as line, line.transaction():
            line.prepare_threshold = None  # a plan that is kept would be the same each time
            # In whatever order the database looks: at the letters to a phone before it asks of what kind they are, too.
            for way, is_open in zip(PLANS, plan, strict=True):
                line.execute(f"SET LOCAL {way} = {is_open}")
            prolong(line, given)
            assert line.execute("SELECT * FROM writers_to('whatsapp', %s, %s)", (PHONE, SENDER)).fetchall() == [(desk.founded.workspace,)]
    says(desk, worker_db, "STOP", ref="SM2", channel="whatsapp")
    assert rows(owner_db, "SELECT channel, recipient FROM suppression") == [("whatsapp", PHONE)]
