"""Reminders by letter: the database and the code freeze the same form of its HTML."""

from __future__ import annotations

from typing import Any, cast

from kernel.db import Database
from kernel.keys import show
from tests.approvals.hands import rows, set_policy
from tests.crm.test_reminders import A_DAY, allow, booked, in_days, moment, template
from tests.factories import Bench, Desk
from tests.portal.guest import changed

__all__ = ["moment"]
SAID = "SELECT rule_says(s.rule_id, s.words, g.intent_id) FROM grants g JOIN standing s ON s.id = g.standing_id"
OTHER = "UPDATE content SET snapshot = convert_to(replace(convert_from(snapshot, 'UTF8'), '\"plain-1\"', '\"plain-2\"'), 'UTF8') WHERE NOT sealed"


def test_a_rule_by_letter_says_the_form_of_its_html_and_no_other(desk: Desk, bench: Bench, moment: Any, owner_db: Database) -> None:
    set_policy(desk, "first_time", in_person=False)
    written = template(desk, channel="email", subject="See you {{date}}")
    wanted = {"event": "booking_start", "offsetMinutes": A_DAY, "channel": "email", "templateId": show("tpl", written.template_id)}
    allow(desk, cast("Any", desk.run("set_reminder_rule", **wanted)).items[0].rule_id)
    booked(desk, in_days(9), {"name": "Mia Park", "email": "mia@example.com"})
    moment()
    bench.drain("email:sandbox")
    (sent,) = [one for one in bench.memory.ledger if one.content.kind == "email"]
    assert sent.content.frozen()["form"] == "plain-1"
    assert rows(owner_db, SAID) == [(True,)]
    changed(owner_db, OTHER)
    assert rows(owner_db, SAID) == [(False,)]
