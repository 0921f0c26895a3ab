"""Reminders in the portal: a rule is read with its gaps and a sample, allowed with limits by deciders alone, and turned off after a question."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from approvals.people import Rank
from crm.reminders.tools import RulesShown
from kernel.db import Database
from kernel.keys import show
from tests.approvals.hands import rows
from tests.crm.test_reminders import A_DAY, about, booked, in_days, propose
from tests.crm.test_whatsapp_templates import SID, approved
from tests.factories import Desk
from tests.portal.guest import Guest, Reader, joined

PATH = "/portal/reminders"


def test_a_rule_is_read_turned_on_and_turned_off(guest: Guest, desk: Desk, owner_db: Database) -> None:
    rule = propose(desk)
    booking = booked(desk, in_days(9))
    guest.sign_in()
    at = f"{PATH}/{show('rul', rule)}"
    assert ("Waits for you" in guest.http.get(PATH).text, f"{at}/allow" in guest.http.get(PATH).text) == (True, True)
    form = guest.http.get(f"{at}/allow").text
    assert ("Hello {{first_name}}" in form, "Hello Mia Park, see you" in form, "first message to each new customer" in form) == (True, True, True)
    assert rows(owner_db, "SELECT count(*) FROM standing") == [(0,)], "looking allows nothing"
    typed = {**Reader(form).fields, "per_day": "12", "until": in_days(20)[:10]}
    assert guest.http.post(f"{at}/allow", data=typed).headers["location"] == PATH
    listed = guest.http.get(PATH).text
    assert [words in listed for words in ("12 a day", "one message", "Mia Park", "Planned next")] == [True] * 4
    assert guest.press(guest.http.get(f"{at}/off"), "", at=f"{at}/off").headers["location"] == PATH
    assert about(desk, booking) == [("cancelled", "Its rule was turned off.")]
    assert guest.http.post(f"{at}/allow", data=typed).status_code in (404, 409, 422), "an old form does nothing"
    assert rows(owner_db, "SELECT count(*) FROM reminder WHERE state = 'planned'") == [(0,)]


def test_a_rule_by_an_approved_template_shows_which_one(guest: Guest, desk: Desk) -> None:
    propose(desk)
    rule = show("rul", propose_approved(desk))
    guest.sign_in()
    listed = guest.http.get(PATH).text
    assert (listed.count("<dt>Leaves as"), listed.count(f"<code>{SID}</code> (en)")) == (1, 1), "the plain rule has none"
    assert f"<code>{SID}</code> (en)" in guest.http.get(f"{PATH}/{rule}/allow").text


def propose_approved(desk: Desk) -> UUID:
    """A rule that leaves by WhatsApp."""
    wanted = {"event": "booking_start", "offsetMinutes": A_DAY, "channel": "whatsapp", "templateId": approved(desk, "See you at {{time}}.", name="Short")}
    found = cast("RulesShown", desk.run("set_reminder_rule", **wanted)).items
    return next(one.rule_id for one in found if one.channel == "whatsapp")


def test_staff_see_rules_and_change_none(guest: Guest, desk: Desk, owner_db: Database) -> None:
    rule = show("rul", propose(desk))
    guest.sign_in(joined(desk, owner_db, "Stella", Rank.STAFF))
    assert ("Waits for you" in guest.http.get(PATH).text, "/allow" in guest.http.get(PATH).text) == (True, False)
    for way in ("allow", "off"):
        assert guest.http.get(f"{PATH}/{rule}/{way}").status_code == 403
        assert guest.http.post(f"{PATH}/{rule}/{way}", data={"nonce": "x"}).status_code == 403


def test_another_ids_rule_is_nobodys(guest: Guest, desk: Desk) -> None:
    guest.sign_in()
    for name in (show("rul", desk.founded.owner), show("sta", desk.founded.owner), "rul_x"):
        assert guest.http.get(f"{PATH}/{name}/allow").status_code == 404
