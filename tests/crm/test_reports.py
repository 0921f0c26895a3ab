"""Reports: each figure is the count or the sum of rows that another tool lists, and what is empty is said to be empty."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import pytest

from crm.overview.tools.dashboard import DashboardStats
from crm.reports.tools import InactiveCustomers, NoShowReport, SendReport, WeeklyRevenue
from kernel.db import Database
from kernel.errors import InvalidArguments
from kernel.keys import show
from tests.approvals.hands import rows
from tests.crm.test_invoices import billed, name
from tests.crm.test_reminders import booked, in_days, moment, rule, service
from tests.factories import Bench, Desk
from tests.portal.guest import changed

__all__ = ["moment", "rule"]


def over(desk: Desk, owner_db: Database, ends: list[str]) -> None:
    """Bookings of yesterday that ended so."""
    of = service(desk)
    for number, end in enumerate(ends):
        booking = booked(desk, in_days(9, 9 + number), {"name": f"Guest {'abcdef'[number]}", "phone": f"+44740010000{number}"}, of=of)
        span = {"it": booking.booking_id}
        changed(owner_db, "UPDATE booking SET starts_at = now() - interval '26 hours', ends_at = now() - interval '25 hours' WHERE id = :it", **span)
        desk.run(end, bookingId=show("bkg", booking.booking_id))


def test_the_sends_of_a_month_add_up(desk: Desk, bench: Bench) -> None:
    desk.approved("One.")
    bench.drain()
    desk.ask("Two.")
    desk.decide(desk.ask("Three."), "rejected")
    (sms,) = cast("SendReport", desk.run("get_send_report")).items
    assert (sms.channel, sms.asked, sms.sent, sms.held, sms.rejected) == ("sms", 3, 1, 1, 1)
    states = ("held", "rejected", "expired", "cancelled", "opted_out", "waiting", "in_doubt", "sent", "delivered", "undelivered", "failed")
    assert sum(getattr(sms, state) for state in states) == sms.asked
    assert sms.median_seconds_to_decide is not None
    assert sms.median_seconds_to_send is not None


def test_system_mail_is_no_message_to_a_customer(desk: Desk, bench: Bench) -> None:
    desk.ask()
    bench.drain("email:sandbox")
    assert [one.channel for one in cast("SendReport", desk.run("get_send_report")).items] == ["sms"]


def test_a_page_to_pay_on_is_no_message_to_a_customer(desk: Desk, bench: Bench) -> None:
    desk.run("create_payment_link", invoiceId=name(billed(desk)))
    waits = cast("DashboardStats", desk.run("get_dashboard_stats")).sends
    bench.drain("payments:sandbox")
    done = cast("DashboardStats", desk.run("get_dashboard_stats")).sends
    assert (cast("SendReport", desk.run("get_send_report")).items, waits.waiting, done.sent) == ([], 0, 0)


def test_whoever_was_erased_is_no_customer_of_the_day(desk: Desk, owner_db: Database) -> None:
    desk.run("create_account", name="Old Friend", phone="+447400200001")
    desk.run("create_account", name="New Friend", phone="+447400200002")
    changed(owner_db, "UPDATE account SET phone = NULL, erased_at = now() WHERE name = 'Old Friend'")
    day = cast("DashboardStats", desk.run("get_dashboard_stats"))
    listed: Any = desk.run("search_members")
    assert (day.customers, day.new_customers) == (len(listed.items), 1)


def test_a_reminder_of_an_earlier_time_reminded_nobody_of_this_one(desk: Desk, owner_db: Database, bench: Bench, rule: UUID, moment: Any) -> None:
    booking = booked(desk, in_days(9))
    moment()
    bench.drain()
    report = "SELECT count(*) FROM reminder r JOIN delivery d ON d.intent_id = r.intent_id WHERE d.state = 'sent'"
    assert rows(owner_db, report) == [(1,)]
    past = "UPDATE booking SET starts_at = starts_at - interval '20 days', ends_at = ends_at - interval '20 days'"
    changed(owner_db, past)
    desk.run("mark_no_show", bookingId=show("bkg", booking.booking_id))
    groups = cast("NoShowReport", desk.run("get_no_show_report", by="reminder")).items
    assert [one.name for one in groups] == ["not reminded"]
    changed(owner_db, "UPDATE reminder SET about = about - interval '20 days'")
    groups = cast("NoShowReport", desk.run("get_no_show_report", by="reminder")).items
    assert [one.name for one in groups] == ["reminded"]


def test_who_did_not_come_is_counted_as_the_bookings_say(desk: Desk, owner_db: Database) -> None:
    over(desk, owner_db, ["complete_booking", "complete_booking", "mark_no_show"])
    for by, group in (("service", "Haircut"), ("staff", ""), ("reminder", "not reminded")):
        report = cast("NoShowReport", desk.run("get_no_show_report", by=by))
        assert [(one.name, one.completed, one.no_show) for one in report.items] == [(group, 2, 1)]
        assert report.no_show_rate == pytest.approx(1 / 3, abs=1e-4)
    listed: Any = desk.run("list_bookings", status="no_show")
    assert len(listed.items) == 1
    assert cast("NoShowReport", desk.run("get_no_show_report", **{"from": "2020-01-01", "to": "2020-01-31"})).no_show_rate is None


def test_a_week_has_what_was_paid_and_what_was_served(desk: Desk, owner_db: Database) -> None:
    over(desk, owner_db, ["complete_booking"])
    desk.run("mark_invoice_paid", invoiceId=name(billed(desk)))
    weeks = cast("WeeklyRevenue", desk.run("get_weekly_revenue", weeks=2)).items
    assert (sum(float(week.paid) for week in weeks), sum(float(week.served) for week in weeks), sum(week.visits for week in weeks)) == (39.99, 49.0, 1)
    assert all(week.week_starts.weekday() == 0 for week in weeks)
    changed(owner_db, "UPDATE payment SET told_refunded_minor = 999")
    again = cast("WeeklyRevenue", desk.run("get_weekly_revenue", weeks=2)).items
    assert sum(float(week.paid) for week in again) == pytest.approx(30.00), "what was given back is not earned"


def test_who_stays_away_is_listed(desk: Desk, owner_db: Database) -> None:
    desk.run("create_account", name="Old Friend", phone="+447400200001")
    desk.run("create_account", name="New Friend", phone="+447400200002")
    changed(owner_db, "UPDATE account SET created_at = now() - interval '100 days' WHERE name = 'Old Friend'")
    found = cast("InactiveCustomers", desk.run("list_inactive_customers", days=90))
    assert ([one.name for one in found.items], found.total) == (["Old Friend"], 1)
    assert cast("InactiveCustomers", desk.run("list_inactive_customers", days=90, vipOnly=True)).total == 0
    desk.run("attach_tags", accountId=show("acc", found.items[0].account_id), tags=["VIP"])
    assert cast("InactiveCustomers", desk.run("list_inactive_customers", days=90, vipOnly=True)).total == 1


@pytest.mark.parametrize("span", [{"from": "2026-02-01", "to": "2026-01-01"}, {"from": "2010-01-01", "to": "2026-01-01"}, {"from": "1200-01-01"}])
def test_a_span_that_is_none_is_refused(desk: Desk, span: dict[str, str]) -> None:
    with pytest.raises(InvalidArguments):
        desk.run("get_send_report", **span)
