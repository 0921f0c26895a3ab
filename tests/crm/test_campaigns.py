"""Campaigns: kept before they are asked for, with gaps that each customer fills, asked for once, and reported by what their rows say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, cast, get_args

import pytest

from approvals.costs import estimated
from approvals.manifests import Why
from approvals.requests import Pending
from approvals.strikes import Strike, strike, without
from approvals.votes import Decision
from crm.campaigns.shapes import CampaignShown
from crm.campaigns.tools.keeping import CampaignChecked, CampaignReport, Campaigns
from crm.campaigns.tools.sending import AskedAlready
from crm.contacts.shapes import Member
from crm.templates.gaps import UnknownVariable
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import show
from surfaces.portal.words import LEFT_OUT
from tests.approvals.hands import rows, set_policy
from tests.crm.test_reminders import template
from tests.factories import Bench, Desk
from tests.portal.guest import changed

WORDS = "Two for one, {{first_name}}. {{business}}"


def guests(desk: Desk, *names: str) -> list[str]:
    made = [desk.run("create_account", name=name, phone=f"+44740030000{number}") for number, name in enumerate(names)]
    return [show("acc", cast("Member", one).account_id) for one in made]


def kept(desk: Desk, **more: Any) -> CampaignShown:
    given = {"name": "Spring", "channel": "sms", "body": WORDS, "everybody": True}
    return cast("CampaignShown", desk.run("create_campaign", **{name: value for name, value in (given | more).items() if value is not None}))


def name(campaign: CampaignShown) -> str:
    return show("cmp", campaign.campaign_id)


def ask(desk: Desk, campaign: CampaignShown) -> Pending:
    return cast("Pending", desk.run("send_campaign", campaignId=name(campaign)))


def report(desk: Desk, campaign: CampaignShown) -> CampaignReport:
    return cast("CampaignReport", desk.run("get_campaign_report", campaignId=name(campaign)))


def test_each_customer_gets_their_own_words(desk: Desk, bench: Bench, owner_db: Database) -> None:
    guests(desk, "Mia Park", "Leo Cruz", "{{business}}")
    campaign = kept(desk)
    pending = ask(desk, campaign)
    desk.decide(pending)
    changed(owner_db, "UPDATE delivery SET due_at = now()")
    bench.drain()
    said = sorted(sent.content.frozen()["body"] for sent in bench.memory.ledger)
    assert said == [f"Two for one, {who}. Studio Ola" for who in ("Leo Cruz", "Mia Park", "{{business}}")]
    found = report(desk, campaign)
    assert (found.count, sum(found.states.values()), found.decision) == (3, 3, "approved")


def test_looking_at_it_writes_nothing_and_says_what_would_come(desk: Desk, owner_db: Database) -> None:
    guests(desk, "Mia Park", "Leo Cruz", "Visit www.evil.example")
    desk.run("create_account", name="No Phone", email="no@example.com")
    desk.run("set_consent", accountId=guests(desk, "Mia Park")[0], channel="sms", consent=False)
    campaign = kept(desk)
    found = cast("CampaignChecked", desk.run("validate_campaign", campaignId=name(campaign)))
    assert (found.meant, found.count, found.excluded, found.segments) == (4, 1, {"opted_out": 1, "unusual_name": 1, "no_address": 1}, 1)
    assert found.preview[0].parts[0].text == "Two for one, Leo Cruz. Studio Ola"
    assert rows(owner_db, "SELECT count(*) FROM intent WHERE kind = 'sms'") == [(0,)]


def test_it_is_asked_for_once_however_many_ask(desk: Desk) -> None:
    guests(desk, "Mia Park")
    campaign = kept(desk)

    def asked(_: int) -> str:
        try:
            return ask(desk, campaign).status
        except AskedAlready:
            return "asked already"

    with ThreadPoolExecutor(6) as agents:
        said = list(agents.map(asked, range(6)))
    assert sorted(said) == ["asked already"] * 5 + ["pending"]


def test_after_a_no_it_may_be_asked_for_anew(desk: Desk) -> None:
    guests(desk, "Mia Park")
    campaign = kept(desk)
    desk.decide(ask(desk, campaign), "rejected")
    assert ask(desk, campaign).status == "pending"
    with pytest.raises(AskedAlready):
        ask(desk, campaign)


def test_a_template_lends_its_words_as_they_are_then(desk: Desk) -> None:
    guests(desk, "Mia Park")
    written = template(desk, "Hello {{first_name}}")
    campaign = kept(desk, body=None, templateId=show("tpl", written.template_id))
    template(desk, "Goodbye {{first_name}}", templateId=show("tpl", written.template_id))
    assert campaign.body == "Hello {{first_name}}"
    assert ask(desk, campaign).preview[0].parts[0].text == "Hello Mia Park"


@pytest.mark.parametrize(
    "wrong",
    [
        {"body": "Hello {{nickname}}"},
        {"body": "See you {{date}}"},
        {"body": "Hello {{first_name}"},
        {"body": ""},
        {"body": "x" * 1601},
        {"subject": "For SMS"},
        {"everybody": False},
        {"search": "park"},
        {"channel": "email"},
        {"templateId": "tpl_01990000000070008000000000000000"},
    ],
)
def test_what_cannot_be_sent_is_refused_before_it_is_kept(desk: Desk, owner_db: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises((InvalidArguments, UnknownVariable, NotFound)):
        kept(desk, **wrong)
    assert rows(owner_db, "SELECT count(*) FROM campaign") == [(0,)]


def test_they_are_listed_with_what_became_of_them(desk: Desk) -> None:
    guests(desk, "Mia Park")
    first, second = kept(desk, name="One"), kept(desk, name="Two")
    ask(desk, first)
    listed = cast("Campaigns", desk.run("list_campaigns")).items
    assert [(one.name, one.status) for one in listed] == [("Two", "draft"), ("One", "pending")]
    with pytest.raises(InvalidArguments):
        report(desk, second)


def test_a_test_copy_is_filled_for_its_customer(desk: Desk) -> None:
    (mia,) = guests(desk, "Mia Park")
    copy = cast("Pending", desk.run("send_test_campaign", name="Spring", channel="sms", body=WORDS, accountId=mia))
    assert copy.preview[0].parts[0].text == "Two for one, Mia Park. Studio Ola"


def copy_to(desk: Desk, **more: Any) -> str:
    given = {"name": "Spring", "channel": "sms", "to": "+447400300009", **more}
    return cast("Pending", desk.run("send_test_campaign", **given)).preview[0].parts[-1].text


def test_a_test_copy_to_an_address_leaves_no_gap_and_marks_what_is_no_name(desk: Desk) -> None:
    assert copy_to(desk, body=WORDS) == "Two for one, [first name]. Studio Ola"
    assert copy_to(desk, body=WORDS, variables={"first_name": "Olivia {{business}}"}) == "Two for one, Olivia {{business}}. Studio Ola"
    for wrong in ({"body": WORDS, "variables": {"colour": "red"}}, {"body": "Hello {{colour}}"}):
        with pytest.raises(UnknownVariable):
            copy_to(desk, **wrong)


def test_a_test_copy_says_a_template_as_its_campaign_would(desk: Desk) -> None:
    of = show("tpl", template(desk, "Hello {{first_name}}").template_id)
    assert copy_to(desk, templateId=of) == "Hello [first name]"
    assert copy_to(desk, templateId=of, variables={"first_name": "Olivia"}) == "Hello Olivia"
    for wrong in ({"templateId": of, "body": "Hello"}, {"templateId": of, "channel": "whatsapp"}, {}):
        with pytest.raises(InvalidArguments):
            copy_to(desk, **wrong)


def test_a_test_copy_of_a_letter_has_the_way_out_that_its_campaign_has(desk: Desk) -> None:
    assert "No more of these letters: http" in copy_to(desk, channel="email", to="olivia@example.com", subject="Spring", body="Hello")


def test_a_thousand_are_filled_quickly_and_right(desk: Desk, owner_db: Database) -> None:
    changed(
        owner_db,
        "INSERT INTO account (id, workspace_id, name, phone) SELECT gen_random_uuid(), :place, 'Guest ' || chr(65 + n % 26), '+4474' || (10000000 + n)::text"
        " FROM generate_series(1, 1000) n",
        place=desk.founded.workspace,
    )
    found = cast("CampaignChecked", desk.run("validate_campaign", campaignId=name(kept(desk))))
    assert (found.count, found.excluded) == (1000, {})


def test_a_list_that_was_shortened_and_waits_is_not_asked_for_again(desk: Desk) -> None:
    guests(desk, "Mia Park", "Leo Cruz")
    campaign = kept(desk)
    pending = ask(desk, campaign)
    with desk.signed_in() as (session, owner):
        shorter = without(session, desk.founded.workspace, pending.approval_id, [0])
        vote = Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "portal")
        strike(session, desk.settings, owner, Strike(vote, [0], shorter.digest))
    (listed,) = cast("Campaigns", desk.run("list_campaigns")).items
    assert (listed.status, report(desk, campaign).count) == ("approved", 1)
    with pytest.raises(AskedAlready):
        ask(desk, campaign)


def checked(desk: Desk, campaign: CampaignShown, **more: Any) -> CampaignChecked:
    return cast("CampaignChecked", desk.run("validate_campaign", campaignId=name(campaign), **more))


@pytest.mark.parametrize(
    ("country", "prices", "said"),
    [
        ("GB", {"sms_home": 4_150}, (12, "GBP", "0.12")),
        ("JP", {"sms_abroad": 500_000}, (15, "JPY", "15")),
        ("GB", {"sms_abroad": 4_150}, (None, "GBP", None)),
        ("GB", {}, (None, "GBP", None)),
    ],
)
def test_looking_at_it_says_about_what_it_costs(desk: Desk, owner_db: Database, country: str, prices: dict[str, int], said: tuple[Any, ...]) -> None:
    """By the words that each gets: the long name makes two segments, the short one a single one."""
    changed(owner_db, "UPDATE workspace SET country = :c", c=country)
    guests(desk, "Mia Park", "Maximiliane Aurelia Schwarzenberg")
    set_policy(desk, "spend", **prices)
    found = checked(desk, kept(desk, body="{{first_name}} " * 5))
    assert (found.count, found.segments) == (2, 3)
    assert (found.cost.amount_minor, found.cost.currency, found.cost.amount) == said
    assert (found.cost.note is None) == (said[0] is not None)


def test_a_letter_costs_nothing_and_says_so(desk: Desk) -> None:
    desk.run("create_account", name="Mia Park", email="mia@example.com")
    found = checked(desk, kept(desk, channel="email", subject="Spring")).cost
    assert (found.amount_minor, found.note) == (0, "E-mail counts as free.")


def test_the_page_of_its_decision_says_the_same_cost(desk: Desk, owner_db: Database) -> None:
    changed(owner_db, "UPDATE workspace SET country = 'GB'")
    guests(desk, "Mia Park", "Leo Cruz")
    set_policy(desk, "spend", sms_home=4_150)
    campaign = kept(desk)
    looked = checked(desk, campaign).cost
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        assert estimated(session, desk.founded.workspace, ask(desk, campaign).approval_id) == f"{looked.amount} {looked.currency}" == "0.08 GBP"


def test_looking_at_it_says_when_it_would_go_where(desk: Desk, owner_db: Database) -> None:
    """At half past eleven in the night of London it is still half past seven in the evening of New York."""
    guests(desk, "Mia Park", "Leo Cruz")
    desk.run("create_account", name="Ana Diaz", phone="+12125550123")
    campaign, night = kept(desk), datetime(2027, 1, 4, 23, 30, tzinfo=UTC)
    awake = checked(desk, campaign, sendAt=night.isoformat()).leaves
    assert [(one.count, one.leaves_at, one.note) for one in awake] == [(1, night, None), (2, night, None)]
    set_policy(desk, "quiet_hours", begins="21:00", ends="08:00")
    new_york, britain = checked(desk, campaign, sendAt=night.isoformat()).leaves
    assert (new_york.zone, new_york.count, new_york.leaves_at, new_york.note) == ("America/New_York", 1, night, None)
    assert (britain.zone, britain.count, britain.leaves_at) == ("Europe/Guernsey", 2, datetime(2027, 1, 5, 8, tzinfo=UTC))
    assert britain.note == "outside 08:00-21:00 in Europe/Guernsey, will go 08:00"


@pytest.mark.parametrize(("channel", "limit"), [("sms", 1600), ("email", 50_000)])
def test_whoever_would_get_more_than_the_channel_takes_is_left_out_for_that(desk: Desk, channel: str, limit: int) -> None:
    """The negative control: the shorter name has room, and an address that cannot be right is still said to be one."""
    for name, phone, email in (("Mia", "+447400300000", "mia@example.com"), ("Maximiliane Aurelia", "+447400300001", "max@example.com")):
        desk.run("create_account", name=name, phone=phone, email=email)
    room = limit - len("{{first_name}}") - (200 if channel == "email" else 0)
    subject = {"subject": "{{first_name}}" * 14} if channel == "email" else {}
    found = checked(desk, kept(desk, channel=channel, body="x" * room + "{{first_name}}", **subject))
    assert (found.count, found.excluded, found.preview[0].recipient[-5:]) == (1, {"too_long": 1}, "00000" if channel == "sms" else "e.com")


def test_a_wrong_address_is_not_called_too_long_and_every_reason_has_words(desk: Desk, owner_db: Database) -> None:
    guests(desk, "Mia Park", "Leo Cruz")
    changed(owner_db, "UPDATE account SET phone = '+44900' WHERE name = 'Leo Cruz'")
    assert checked(desk, kept(desk)).excluded == {"invalid_address": 1}
    assert set(get_args(Why)) == set(LEFT_OUT)


def test_a_moment_that_is_nobodys_plan_is_refused_when_looking_too(desk: Desk) -> None:
    guests(desk, "Mia Park")
    with pytest.raises(InvalidArguments):
        checked(desk, kept(desk), sendAt="2099-01-01T00:00:00Z")
