"""WhatsApp's approved templates: frozen with what fills them, shown as they will be read, and sent by rules, campaigns and hand alike."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from approvals.edits import NotEditable, draft
from approvals.requests import Pending
from crm.campaigns.tools.keeping import CampaignChecked
from crm.templates.gaps import UnknownVariable
from crm.templates.tools import TemplateShown
from kernel.db import Database
from kernel.errors import InvalidArguments
from kernel.keys import show
from outbox.kinds.whatsapp_template import WhatsAppTemplate
from outbox.snapshot import Snapshot
from tests.approvals.hands import rows, set_policy
from tests.crm.test_campaigns import ask, guests, kept, name
from tests.crm.test_reminders import A_DAY, about, allow, booked, in_days, moment, template
from tests.factories import PHONE, Bench, Desk
from tests.portal.guest import changed

__all__ = ["moment"]

SID = f"HX{'ab' * 16}"
WORDS = "Hello {{first_name}}, {{business}} has time for you on Friday."
APPROVED = {"channel": "whatsapp", "contentSid": SID, "language": "en"}
LANE = "whatsapp:sandbox"


def approved(desk: Desk, body: str = WORDS, **more: Any) -> str:
    return show("tpl", template(desk, body, **(APPROVED | more)).template_id)


def send(desk: Desk, of: str, **variables: str) -> Pending:
    return cast("Pending", desk.run("send_whatsapp_message", to=PHONE, templateId=of, variables=variables))


def test_what_is_approved_is_the_template_its_values_and_the_text_that_is_read(desk: Desk, bench: Bench) -> None:
    pending = send(desk, approved(desk), first_name="Mia", business="Studio Ola")
    (preview,) = pending.preview
    assert (preview.parts[0].text, preview.template) == ("Hello Mia, Studio Ola has time for you on Friday.", f"{SID} (en)")
    desk.decide(pending)
    bench.drain(LANE)
    (sent,) = bench.memory.ledger
    frozen = sent.content.frozen()
    assert (frozen["content_sid"], frozen["words"]) == (SID, "Hello {{1}}, {{2}} has time for you on Friday.")
    assert json.loads(frozen["content_variables"]) == {"1": "Mia", "2": "Studio Ola"}
    assert desk.send(pending).digest_sent == pending.digest


@pytest.mark.parametrize("other", [{"content_sid": f"HX{'cd' * 16}"}, {"language": "fr"}, {"content_variables": '{"1": "Mia" }'}])
def test_the_digest_binds_template_language_and_values(other: dict[str, str], desk: Desk) -> None:
    given = {"to": PHONE, "content_sid": SID, "language": "en", "words": "Hello {{1}}", "content_variables": '{"1": "Mia"}', "body": "Hello Mia"}
    one, two = (Snapshot(desk.founded.workspace, "+15005550006", WhatsAppTemplate(**said)) for said in (given, given | other))
    assert one.digest != two.digest


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "Hello Eve"},
        {"content_variables": '{"1": "Mia", "2": "more"}'},
        {"content_variables": "{}"},
        {"content_variables": '{"1": 5}'},
        {"content_variables": "[]"},
        {"content_variables": '{"1": "Mia\\nPark"}', "body": "Hello Mia\nPark"},
        {"content_variables": '{"1": "{{1}}"}', "body": "Hello {{1}}"},
        {"content_sid": "HX1"},
        {"words": "Hello {{1}} {{name}}"},
    ],
)
def test_bytes_that_do_not_say_what_is_shown_are_no_message(wrong: dict[str, str]) -> None:
    given = {"to": PHONE, "content_sid": SID, "language": "en", "words": "Hello {{1}}", "content_variables": '{"1": "Mia"}', "body": "Hello Mia"}
    assert WhatsAppTemplate(**given)
    with pytest.raises(ValueError, match="WhatsAppTemplate"):
        WhatsAppTemplate(**(given | wrong))


def test_a_value_with_a_gap_in_it_is_refused_and_none_is_filled_twice(desk: Desk) -> None:
    of = approved(desk)
    with pytest.raises(InvalidArguments):
        send(desk, of, first_name="{{business}}", business="Studio Ola")
    with pytest.raises(InvalidArguments):
        send(desk, of, first_name="Mia\nYour code is 5", business="Studio Ola")


def test_an_unknown_or_missing_variable_is_an_error(desk: Desk) -> None:
    of = approved(desk)
    for given in ({"first_name": "Mia"}, {"first_name": "Mia", "business": "B", "colour": "red"}):
        with pytest.raises(UnknownVariable):
            send(desk, of, **given)


def test_numbers_are_the_variables_in_the_order_that_is_given(desk: Desk) -> None:
    given = {"contentVariables": ["business", "first_name"]}
    pending = send(desk, approved(desk, **given), first_name="Mia", business="Studio Ola")
    assert pending.preview[0].parts[0].text == "Hello Mia, Studio Ola has time for you on Friday."
    for wrong in (["business"], ["business", "first_name", "first_name"], ["business", "name"]):
        with pytest.raises(InvalidArguments):
            approved(desk, name="Other", contentVariables=wrong)


def test_half_an_approved_template_or_one_on_another_channel_is_refused(desk: Desk) -> None:
    for wrong in ({"language": None}, {"contentSid": None}, {"channel": "sms"}):
        given = {field: value for field, value in (APPROVED | wrong).items() if value is not None}
        with pytest.raises(InvalidArguments):
            template(desk, "Hello", **given)


def test_plain_words_of_ours_are_filled_and_leave_as_free_words(desk: Desk) -> None:
    written = cast("TemplateShown", template(desk, "See you, {{first_name}}.", channel="whatsapp"))
    assert written.content_sid is None
    with pytest.raises(InvalidArguments):
        desk.run("send_whatsapp_message", to=PHONE, body="Hello", templateId=show("tpl", written.template_id))
    with pytest.raises(InvalidArguments):
        desk.run("send_whatsapp_message", to=PHONE)


def test_nobody_changes_the_words_of_an_approved_template(desk: Desk) -> None:
    pending = send(desk, approved(desk, "Hello"))
    with desk.signed_in() as (session, owner), pytest.raises(NotEditable):
        draft(session, owner.workspace_id, pending.approval_id, {"body": "Pay here"})


def test_a_rule_says_it_by_its_standing_approval(desk: Desk, bench: Bench, owner_db: Database, moment: Any) -> None:
    set_policy(desk, "first_time", in_person=False)
    of = approved(desk, "Hello {{first_name}}, see you {{date}} at {{time}}.")
    wanted = {"event": "booking_start", "offsetMinutes": A_DAY, "channel": "whatsapp", "templateId": of}
    rule = cast("Any", desk.run("set_reminder_rule", **wanted)).items[0].rule_id
    allow(desk, rule)
    booking = booked(desk, in_days(9))
    moment()
    assert rows(owner_db, "SELECT decided_via FROM approval WHERE action = 'send_reminder'") == [("standing",)]
    bench.drain(LANE)
    (sent,) = bench.memory.ledger
    frozen = sent.content.frozen()
    assert (sent.content.kind, json.loads(frozen["content_variables"])["1"]) == ("whatsapp_template", "Mia Park")
    assert frozen["body"].startswith("Hello Mia Park, see you ")
    assert about(desk, booking) == [("asked", None)]


def test_a_campaign_says_it_to_each_and_leaves_out_whom_whatsapp_would_not_take(desk: Desk, bench: Bench, owner_db: Database) -> None:
    guests(desk, "Mia Park", "Leo Cruz", "{{business}}")
    campaign = kept(desk, channel="whatsapp", templateId=approved(desk), body=None)
    checked = cast("CampaignChecked", desk.run("validate_campaign", campaignId=name(campaign)))
    assert (checked.count, checked.excluded, checked.preview[0].template) == (2, {"unusual_name": 1}, f"{SID} (en)")
    pending = ask(desk, campaign)
    desk.decide(pending)
    changed(owner_db, "UPDATE delivery SET due_at = now()")
    bench.drain(LANE)
    said = sorted(json.loads(sent.content.frozen()["content_variables"])["1"] for sent in bench.memory.ledger)
    assert said == ["Leo Cruz", "Mia Park"]


def test_a_test_copy_leaves_as_the_approved_template(desk: Desk) -> None:
    given = {"name": "Spring", "channel": "whatsapp", "templateId": approved(desk), "to": PHONE}
    (preview,) = cast("Pending", desk.run("send_test_campaign", **given, variables={"first_name": "Mia"})).preview
    assert (preview.parts[0].text, preview.template) == ("Hello Mia, Studio Ola has time for you on Friday.", f"{SID} (en)")
