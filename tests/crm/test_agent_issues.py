"""What agents report is kept for the operator, bounded, and repeated by nobody into a log."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from sqlalchemy import text

from crm.access.tools.issues import MOST_A_DAY, TooManyIssues
from kernel.db import Database
from kernel.errors import InvalidArguments
from outbox.retirement import forget_beside
from processes.host import reported
from tests.factories import Desk

TOLD = {"title": "Slots on Sundays", "severity": "high", "area": "bookings", "actualBehavior": "Mia's Sunday is free.", "stepsTried": ["asked twice"]}


def test_issue_is_kept_for_the_operator_and_its_words_not_logged(desk: Desk, owner_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        kept: Any = desk.run("report_agent_issue", **TOLD)
    assert "high, bookings" in caplog.text
    assert "Sunday" not in caplog.text
    with owner_db.transaction() as session:
        (line,) = reported(session)
    assert all(word in line for word in ("high", "bookings", "Slots on Sundays", "Mia's Sunday is free.", "asked twice"))
    assert kept.status == "reported"


def test_a_company_reports_so_much_a_day_and_no_more(desk: Desk, owner_db: Database) -> None:
    for _ in range(MOST_A_DAY):
        desk.run("report_agent_issue", **TOLD)
    with pytest.raises(TooManyIssues):
        desk.run("report_agent_issue", **TOLD)
    with owner_db.transaction() as session:
        assert len(list(reported(session))) == MOST_A_DAY


def test_what_moves_a_terminal_is_shown_and_not_done(desk: Desk, owner_db: Database) -> None:
    desk.run("report_agent_issue", **{**TOLD, "actualBehavior": "Look \u202e here"})
    with owner_db.transaction() as session:
        assert "\u202e" not in next(iter(reported(session)))


@pytest.mark.parametrize(
    "wrong", [{"title": "two\nlines"}, {"title": "x" * 201}, {"severity": "urgent"}, {"stepsTried": ["x"] * 21}, {"actualBehavior": "x" * 2001}]
)
def test_odd_reports_are_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArguments):
        desk.run("report_agent_issue", **{**TOLD, **wrong})


def test_old_reports_and_old_use_are_forgotten(desk: Desk, owner_db: Database) -> None:
    desk.run("report_agent_issue", **TOLD)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE agent_issue SET created_at = now() - interval '90 days'"))
        use = "INSERT INTO plan_use (workspace_id, quota, month, used) SELECT :w, 'tool_calls', current_date - d, 1 FROM unnest(ARRAY[0, 50, 90]) d"
        session.execute(text(use), {"w": desk.founded.workspace})
    desk.run("report_agent_issue", **TOLD)
    with owner_db.line() as line:
        forget_beside(line, 30)
    with owner_db.transaction() as session:
        assert len(list(reported(session))) == 1
        assert session.scalar(text("SELECT count(*) FROM plan_use")) == 2
