"""The charts of the reports' page: their figures are those of the rows, for eyes and for screen readers alike."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sqlalchemy import text

from crm.reports import figures
from crm.reports.figures import Day, Span
from kernel.clock import now
from kernel.db import Database
from surfaces.portal.charts import charts
from tests.approvals.hands import dead, doubt
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, everything
from tests.portal.test_why import words


def test_each_day_has_its_column_and_the_table_says_the_same() -> None:
    monday = date(2026, 3, 2)
    calendar = [monday + timedelta(days=nth) for nth in range(4)]
    found = [Day(calendar[0], 10, 8, 2, 30.0, 0.5), Day(calendar[2], 5, 5, 0, 7200.0, None)]
    counts, decided, sent = charts(found, calendar)
    assert [(bar.height, bar.beyond) for bar in counts.bars] == [(80, 20), (0, 0), (50, 0), (0, 0)]
    assert counts.rows == [("Mon 2 Mar", "8", "2"), ("Wed 4 Mar", "5", "0")]
    assert counts.said == "13 sent, 2 failed; at most 10 a day"
    assert (counts.begins, counts.ends) == ("Mon 2 Mar", "Thu 5 Mar")
    assert [bar.height for bar in decided.bars] == [1, 0, 100, 0]
    assert decided.rows == [("Mon 2 Mar", "30.0 s"), ("Wed 4 Mar", "2 hours")]
    assert sent.rows == [("Mon 2 Mar", "0.5 s")]
    assert all(chart.is_empty for chart in charts([], calendar))


def test_the_days_add_up_to_what_the_report_counts(desk: Desk, bench: Bench, owner_db: Database) -> None:
    for body in ("One.", "Two.", "Three."):
        desk.approved(body)
    bench.drain()
    dead(desk, bench)
    doubt(desk, bench)
    desk.ask("Held.")
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(
            text("UPDATE intent SET created_at = created_at - interval '3 days' WHERE id = (SELECT id FROM intent WHERE kind = 'sms' ORDER BY id LIMIT 1)")
        )
    moment = now()
    span = Span(desk.founded.workspace, moment - timedelta(days=30), moment + timedelta(minutes=1))
    with desk.database.transaction(desk.founded.workspace) as session:
        days, whole = figures.days(session, span), figures.sends(session, span)
    assert [(day.asked, day.sent, day.failed) for day in days] == [(1, 1, 0), (5, 2, 1)]
    assert sum(day.asked for day in days) == sum(one.asked for one in whole)
    assert sum(day.sent for day in days) == sum(one.sent + one.delivered for one in whole)
    assert sum(day.failed for day in days) == sum(one.failed + one.undelivered for one in whole)
    assert all(day.to_send_seconds is not None and day.to_send_seconds >= 0 for day in days)


def test_the_page_draws_them_without_a_script_and_reading_writes_nothing(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    guest.sign_in()
    assert "Nothing to show for the last 30 days." in guest.http.get("/portal/reports").text
    desk.approved("One.")
    bench.drain()
    dead(desk, bench)
    before = everything(owner_db)
    page = guest.http.get("/portal/reports").text
    told = words(page)
    assert "1 sent, 1 failed; at most 2 a day" in told
    for title in ("Sent and failed, by day", "Until a yes, half of the time", "From yes to sent, 95 of 100 within"):
        assert title in told
        assert re.search(rf'<svg class="chart" [^>]*role="img" aria-label="{title}: ', page)
    assert page.count('class="worse"') == 1
    assert "Until a yes 0 s, half of the time" in told
    assert Reader(page).tags.count("table") == 3
    assert "style=" not in page
    assert everything(owner_db) == before
