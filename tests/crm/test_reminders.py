"""Reminders: a person allows a rule once, each booking is spoken of once, and what no longer holds is not said."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from approvals.decide import MayNotDecide
from approvals.people import Rank
from approvals.standing import Terms, revoke
from crm.bookings.tools.bookings import Changed
from crm.bookings.tools.services import ServiceShown
from crm.reminders import asking, rules
from crm.reminders.tools import Reminders, RulesShown
from crm.templates.gaps import UnknownVariable
from crm.templates.tools import TemplateShown
from kernel.clock import now
from kernel.db import Database
from kernel.errors import InvalidArguments
from kernel.keys import show
from tests.approvals.hands import rows, set_policy
from tests.factories import Bench, Desk
from tests.portal.guest import changed, joined
from workers.clock import ask_for_reminders
from workers.jobs import Means

PARIS = ZoneInfo("Europe/Paris")
MIA = {"name": "Mia Park", "phone": "+447400123456"}
WORDS = "Hello {{first_name}}, see you {{date}} at {{time}} for {{service}}. {{business}}"
A_DAY = 1440
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def template(desk: Desk, body: str = WORDS, **more: Any) -> TemplateShown:
    return cast("TemplateShown", desk.run("create_message_template", **{"name": "Day before", "channel": "sms", "body": body, **more}))


def propose(desk: Desk, body: str = WORDS, **more: Any) -> UUID:
    written = template(desk, body)
    wanted = {"event": "booking_start", "offsetMinutes": A_DAY, "channel": "sms", "templateId": show("tpl", written.template_id)}
    return cast("RulesShown", desk.run("set_reminder_rule", **(wanted | more))).items[0].rule_id


def allow(desk: Desk, rule: UUID, per_day: int = 20, person: UUID | None = None) -> int:
    with desk.signed_in(person) as (session, somebody):
        return rules.allow(session, desk.settings, somebody, rule, Terms(per_day, now() + timedelta(days=60), to_same=False))


def in_days(days: int, hour: int = 10) -> str:
    return datetime.combine((now().astimezone(PARIS) + timedelta(days=days)).date(), time(hour), PARIS).isoformat()


def service(desk: Desk) -> str:
    return show("svc", cast("ServiceShown", desk.run("create_service", name="Haircut", durationMinutes=60, price="49.00")).service_id)


def booked(desk: Desk, start: str, customer: dict[str, str] | None = None, *, of: str | None = None) -> Changed:
    made = cast("Changed", desk.run("create_booking", serviceId=of or service(desk), start=start, customer=customer or MIA))
    return cast("Changed", desk.run("confirm_booking", bookingId=show("bkg", made.booking_id)))


def about(desk: Desk, booking: Changed) -> list[tuple[str, str | None]]:
    found = cast("Reminders", desk.run("list_reminders", bookingId=show("bkg", booking.booking_id)))
    return [(one.status, one.why) for one in found.items]


@pytest.fixture
def rule(desk: Desk) -> UUID:
    """A day before, by SMS, allowed; first messages are like any other."""
    set_policy(desk, "first_time", in_person=False)
    proposed = propose(desk)
    allow(desk, proposed)
    return proposed


@pytest.fixture
def moment(desk: Desk, worker_db: Database, owner_db: Database) -> Any:
    """Lets the moment of every planned reminder come, and the clock tick."""

    def come(*, ticks: int = 1) -> None:
        changed(owner_db, "UPDATE reminder SET due_at = now() - interval '1 second' WHERE state = 'planned'")
        for _ in range(ticks):
            ask_for_reminders(Means(worker_db, desk.database, desk.settings))

    return come


def test_a_rule_says_nothing_until_a_person_allows_it(desk: Desk, owner_db: Database) -> None:
    rule = propose(desk)
    booking = booked(desk, in_days(9))
    assert about(desk, booking) == []
    (letter,) = rows(owner_db, "SELECT count(*) FROM intent WHERE kind = 'notice'")
    assert letter == (1,), "the owner is told once"
    assert allow(desk, rule) == 1, "what was confirmed before is planned now"
    assert about(desk, booking) == [("planned", None)]


def test_only_who_may_decide_allows_one(desk: Desk, owner_db: Database) -> None:
    rule = propose(desk)
    listed = cast("RulesShown", desk.run("list_reminder_rules")).items
    assert [(one.rule_id, one.status) for one in listed] == [(rule, "proposed")]
    with pytest.raises(MayNotDecide):
        allow(desk, rule, person=joined(desk, owner_db, "Stella", Rank.STAFF))


def test_a_reminder_is_due_at_the_same_hour_the_day_before_and_is_sent_once(desk: Desk, bench: Bench, rule: UUID, moment: Any) -> None:
    booking = booked(desk, in_days(9))
    (one,) = cast("Reminders", desk.run("list_reminders")).items
    assert one.due_at.isoformat() == in_days(8)
    moment(ticks=3)
    bench.drain()
    moment(ticks=2)
    bench.drain()
    (sent,) = bench.memory.ledger
    day = booking.start.astimezone(PARIS)
    assert sent.content.frozen()["body"] == f"Hello Mia Park, see you {day:%A} {day.day} {day:%B %Y} at 10:00 for Haircut. Studio Ola"
    assert about(desk, booking) == [("asked", None)]


def test_two_clocks_ask_once(desk: Desk, bench: Bench, rule: UUID, worker_db: Database, owner_db: Database) -> None:
    of = service(desk)
    for hour in (9, 10, 11, 12, 13, 14):
        booked(desk, in_days(9, hour), {"name": f"Guest {'abcdef'[hour - 9]}", "phone": f"+4474001000{hour:02d}"}, of=of)
    changed(owner_db, "UPDATE reminder SET due_at = now()")
    with ThreadPoolExecutor(4) as clocks:
        for done in [clocks.submit(ask_for_reminders, Means(worker_db, desk.database, desk.settings)) for _ in range(4)]:
            done.result(30)
    bench.drain()
    assert len(bench.memory.ledger) == 6


def test_it_dies_with_the_booking_and_moves_with_it(desk: Desk, bench: Bench, rule: UUID, moment: Any) -> None:
    of = service(desk)
    gone, moved = booked(desk, in_days(9), of=of), booked(desk, in_days(9, 14), of=of)
    cancelled = cast("Changed", desk.run("cancel_booking", bookingId=show("bkg", gone.booking_id)))
    desk.run("reschedule_booking", bookingId=show("bkg", moved.booking_id), start=in_days(11, 12))
    assert cancelled.cancelled_sends == 1
    assert about(desk, gone) == [("cancelled", "The booking was cancelled.")]
    assert about(desk, moved) == [("cancelled", "The booking was moved."), ("planned", None)]
    desk.run("reschedule_booking", bookingId=show("bkg", moved.booking_id), start=in_days(9, 14))
    assert about(desk, moved) == [("planned", None), ("cancelled", "The booking was moved.")], "back again: the first stands"
    moment()
    bench.drain()
    assert len(bench.memory.ledger) == 1


def test_what_was_said_of_a_start_is_not_said_of_it_again(desk: Desk, bench: Bench, rule: UUID, moment: Any) -> None:
    booking = booked(desk, in_days(9))
    moment()
    bench.drain()
    for start in (in_days(11), in_days(9)):
        desk.run("reschedule_booking", bookingId=show("bkg", booking.booking_id), start=start)
    moment()
    bench.drain()
    assert len(bench.memory.ledger) == 1


def test_a_booking_cancelled_while_its_reminder_waits_to_leave_takes_it_along(desk: Desk, bench: Bench, rule: UUID, moment: Any) -> None:
    booking = booked(desk, in_days(9))
    moment()
    desk.run("cancel_booking", bookingId=show("bkg", booking.booking_id))
    bench.drain()
    assert bench.memory.ledger == []


def test_an_agent_cancels_one_that_is_planned(desk: Desk, bench: Bench, rule: UUID, moment: Any) -> None:
    booking = booked(desk, in_days(9))
    (one,) = cast("Reminders", desk.run("list_reminders")).items
    desk.run("cancel_scheduled_send", reminderId=show("rem", one.reminder_id))
    moment()
    bench.drain()
    assert (bench.memory.ledger, about(desk, booking)[0][0]) == ([], "cancelled")


def test_beyond_its_cap_a_person_is_asked(desk: Desk, bench: Bench, moment: Any) -> None:
    set_policy(desk, "first_time", in_person=False)
    allow(desk, propose(desk), per_day=1)
    of = service(desk)
    booked(desk, in_days(9, 9), of=of)
    booked(desk, in_days(9, 11), {"name": "Leo Cruz", "phone": "+447400100001"}, of=of)
    moment()
    bench.drain()
    assert len(bench.memory.ledger) == 1
    waiting: Any = desk.run("list_pending_approvals")
    assert [one.action for one in waiting.items] == ["send_reminder"]


@pytest.mark.parametrize("name", ["Mia www.example.com", "Mia, call 020 7946 0000", "https://x.example/a", "Mia me@example.com", "Mia bit.ly"])
def test_a_name_that_is_more_than_a_name_is_for_a_person(desk: Desk, bench: Bench, rule: UUID, moment: Any, name: str) -> None:
    booked(desk, in_days(9), {**MIA, "name": name})
    moment()
    bench.drain()
    assert bench.memory.ledger == []
    assert len(cast("Any", desk.run("list_pending_approvals")).items) == 1


def test_a_name_with_a_gap_in_it_is_not_filled_again(desk: Desk, bench: Bench, rule: UUID, moment: Any) -> None:
    booked(desk, in_days(9), {**MIA, "name": "{{service}} {{business}}"})
    moment()
    bench.drain()
    assert bench.memory.ledger[0].content.frozen()["body"].startswith("Hello {{service}} {{business}}, see you")


def test_new_words_wait_for_a_person_and_then_take_the_old_ones_place(desk: Desk, bench: Bench, rule: UUID, moment: Any) -> None:
    old = cast("RulesShown", desk.run("list_reminder_rules")).items[0]
    booked(desk, in_days(9))
    template(desk, "Buy now, {{first_name}}!", templateId=show("tpl", old.template_id))
    asked = {"event": "booking_start", "offsetMinutes": A_DAY, "channel": "sms", "templateId": show("tpl", old.template_id)}
    newer = cast("RulesShown", desk.run("set_reminder_rule", **asked)).items[0]
    assert (newer.rule_id != rule, newer.status, newer.version) == (True, "proposed", 2)
    allow(desk, newer.rule_id)
    moment()
    bench.drain()
    assert [sent.content.frozen()["body"] for sent in bench.memory.ledger] == ["Buy now, Mia Park!"]


def test_words_that_a_rule_does_not_say_are_refused_by_the_database(
    desk: Desk, rule: UUID, owner_db: Database, moment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = booked(desk, in_days(9))
    monkeypatch.setattr(asking, "WORDS", asking.WORDS.replace("content,", 'content || \'{"body": "Visit us."}\' AS content,'))
    moment()
    assert about(desk, booking) == [("planned", None)], "the transaction fell, so it is tried again"
    assert rows(owner_db, "SELECT count(*) FROM grants WHERE source = 'standing'") == [(0,)]


def test_a_revoked_standing_approval_ends_it(desk: Desk, bench: Bench, rule: UUID, moment: Any, owner_db: Database) -> None:
    booking = booked(desk, in_days(9))
    (standing,) = rows(owner_db, "SELECT id FROM standing")
    with desk.signed_in() as (session, owner):
        revoke(session, owner, standing[0])
    moment()
    bench.drain()
    assert (bench.memory.ledger, about(desk, booking)) == ([], [("skipped", "Its rule was turned off.")])
    assert about(desk, booked(desk, in_days(10))) == []


def test_what_is_late_beyond_its_use_is_never_sent(desk: Desk, bench: Bench, rule: UUID, moment: Any, owner_db: Database) -> None:
    booking = booked(desk, in_days(9))
    changed(owner_db, "UPDATE reminder SET until = now() - interval '1 second'")
    moment()
    bench.drain()
    assert (bench.memory.ledger, about(desk, booking)) == ([], [("skipped", "Its moment was over before it could be asked for.")])


def test_a_booking_that_is_confirmed_after_the_moment_gets_none(desk: Desk, rule: UUID) -> None:
    tomorrow = (now() + timedelta(hours=23)).astimezone(PARIS).replace(minute=0, second=0, microsecond=0)
    desk.run("set_schedule", hours=[{"days": list(DAYS), "opens": "00:00", "closes": "24:00"}])
    assert about(desk, booked(desk, tomorrow.isoformat())) == []


ZONES = [
    ("Europe/Paris", "2026-03-29T10:00", "2026-03-28T10:00+01:00"),
    ("Europe/Paris", "2026-03-30T02:30", "2026-03-29T03:30+02:00"),
    ("Europe/Paris", "2026-10-26T02:30", "2026-10-25T02:30+01:00"),
    ("America/New_York", "2026-11-02T01:30", "2026-11-01T01:30-05:00"),
    ("America/New_York", "2026-03-08T12:00", "2026-03-07T12:00-05:00"),
    ("America/New_York", "2026-03-09T02:30", "2026-03-08T03:30-04:00"),
]


@pytest.mark.parametrize(("zone", "start", "due"), ZONES)
def test_a_day_before_is_the_same_hour_on_the_business_clock(owner_db: Database, zone: str, start: str, due: str) -> None:
    begins = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    asked = "SELECT reminder_due('booking_start', 1440, :begins, :zone)"
    ((found,),) = rows(owner_db, asked, begins=begins, zone=zone)
    assert found == datetime.fromisoformat(due)
    ((hours,),) = rows(owner_db, "SELECT reminder_due('booking_start', 120, :begins, :zone)", begins=begins, zone=zone)
    assert begins.astimezone(ZoneInfo("UTC")) - hours == timedelta(hours=2), "hours are time that passes"


def test_the_zone_of_the_business_takes_planned_reminders_along(desk: Desk, rule: UUID, owner_db: Database) -> None:
    booked(desk, in_days(9))
    with owner_db.transaction() as session:
        session.execute(text("UPDATE reminder SET about = '2027-03-28T12:00Z', due_at = '2027-03-27T13:00Z'"))
        session.execute(text("UPDATE workspace SET zone = 'America/New_York'"))
    (one,) = cast("Reminders", desk.run("list_reminders")).items
    assert one.due_at == one.booking_start - timedelta(days=1), "no change of clocks there, and so a whole day"


def test_gaps_that_nothing_fills_are_refused(desk: Desk) -> None:
    with pytest.raises(UnknownVariable):
        propose(desk, "Hello {{nickname}}")
    with pytest.raises(InvalidArguments):
        template(desk, "Hello {{first_name}", name="Broken")
    with pytest.raises(InvalidArguments):
        template(desk, "Hello {{ {{first_name}} }}", name="Nested")


def test_filling_is_one_pass(owner_db: Database) -> None:
    asked = "SELECT filled(:words, CAST(:given AS jsonb))"
    given = '{"a": "{{b}}", "b": "no"}'
    assert rows(owner_db, asked, words="{{a}}{{ b }}-{{a}}.", given=given) == [("{{b}}no-{{b}}.",)]
    assert rows(owner_db, asked, words="none", given=given) == [("none",)]
