"""Quiet hours hold whatever delays a message into them: a pause, a retry, its turn in a row, a slow lane."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from approvals import limits
from approvals.facts import Place
from approvals.policies.quiet_hours import Settings, awake
from approvals.requests import Pending
from kernel.clock import now
from kernel.db import Database
from outbox.parking import park_waiting
from outbox.quiet import put_off
from outbox.retirement import shelve
from tests.approvals.crowds import campaign, due, meet
from tests.approvals.hands import rows, set_policy
from tests.factories import Bench, Desk

ZONES = ("Europe/London", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
NIGHT_FALLS = "UPDATE quiet SET begins = ((now() - interval '1 h') AT TIME ZONE zone)::time, ends = ((now() + interval '2 h') AT TIME ZONE zone)::time"
STANDS = "SELECT state, parked, wait_reason IS NOT NULL, due_at > now() + interval '1 h' FROM delivery WHERE lane = 'sms:sandbox' ORDER BY intent_id"


def do(owner_db: Database, statement: str) -> None:
    with owner_db.transaction() as session:
        session.execute(text(statement))


def approved_by_day(desk: Desk, *words: str) -> list[Pending]:
    """Approved while nobody sleeps; the quiet hours begin in six hours."""
    there = now().astimezone(ZoneInfo("Europe/London"))
    set_policy(desk, "quiet_hours", begins=f"{there + timedelta(hours=6):%H:%M}", ends=f"{there + timedelta(hours=9):%H:%M}")
    return [desk.approved(said) for said in words]


def keep(bench: Bench) -> int:
    """What the clock does within a few seconds."""
    with bench.database.line() as line:
        slept = put_off(line)
        park_waiting(line)
        return slept


@pytest.mark.parametrize("night", [True, False])
def test_what_is_still_waiting_when_quiet_hours_begin_waits_until_they_are_over(desk: Desk, bench: Bench, owner_db: Database, *, night: bool) -> None:
    """The negative control: by day all of it leaves."""
    approved_by_day(desk, "One.", "Two.")
    if night:
        do(owner_db, NIGHT_FALLS)
    bench.drain()
    assert [row[0] for row in rows(owner_db, STANDS)] == ["ready" if night else "sent"] * 2
    assert keep(bench) == (2 if night else 0)
    if night:
        assert rows(owner_db, STANDS) == [("ready", "later", True, True)] * 2
        assert ", will go " in rows(owner_db, "SELECT wait_reason FROM delivery WHERE wait_reason IS NOT NULL")[0][0]


def test_it_leaves_in_the_night_were_it_not_for_the_row_beside_it(desk: Desk, bench: Bench, owner_db: Database) -> None:
    approved_by_day(desk, "One.")
    do(owner_db, NIGHT_FALLS)
    do(owner_db, "DELETE FROM quiet")
    bench.drain()
    assert len(bench.memory.ledger) == 1


def test_a_campaign_that_is_resumed_in_the_night_leaves_when_it_is_over(desk: Desk, bench: Bench, owner_db: Database) -> None:
    approved_by_day(desk)
    meet(desk, owner_db, 5)
    desk.decide(campaign(desk))
    due(owner_db)
    do(owner_db, NIGHT_FALLS)
    bench.drain()
    assert (keep(bench), keep(bench), bench.memory.ledger) == (5, 0, [])
    do(owner_db, "UPDATE quiet SET begins = ends, ends = begins")
    do(owner_db, "UPDATE delivery SET due_at = now() WHERE state = 'ready'")
    keep(bench)
    bench.drain()
    assert len(bench.memory.ledger) == 5


def test_what_waits_for_its_turn_sleeps_too(desk: Desk, bench: Bench, owner_db: Database) -> None:
    there = now().astimezone(ZoneInfo("Europe/London"))
    set_policy(desk, "quiet_hours", begins=f"{there - timedelta(hours=1):%H:%M}", ends=f"{there + timedelta(hours=2):%H:%M}")
    pending = desk.ask("One.")
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE intent SET order_key = 'turn' WHERE id = :i"), {"i": pending.intent_ids[0]})
        session.execute(text("UPDATE delivery SET order_key = 'turn' WHERE intent_id = :i"), {"i": pending.intent_ids[0]})
    desk.decide(pending)
    assert desk.send(pending).state == "blocked"
    bench.drain()
    assert (desk.send(pending).state, bench.memory.ledger) == ("ready", [])


def test_mail_to_our_own_people_has_no_quiet_hours_but_theirs(desk: Desk, bench: Bench, owner_db: Database) -> None:
    approved_by_day(desk, "One.")
    assert rows(owner_db, "SELECT count(*) FROM quiet q JOIN grants g USING (intent_id) WHERE g.source = 'system'") == [(0,)]


def test_what_is_over_keeps_no_quiet_hours(desk: Desk, bench: Bench, owner_db: Database) -> None:
    approved_by_day(desk, "One.")
    bench.drain()
    do(owner_db, "UPDATE delivery SET changed_at = now() - interval '3 days'")
    with bench.database.line() as line:
        assert shelve(line)
    assert rows(owner_db, "SELECT count(*) FROM quiet") == [(0,)]


def test_no_key_and_no_worker_ends_a_quiet_hour(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    approved_by_day(desk, "One.")
    for database, deed in ((desk.database, "DELETE FROM quiet"), (desk.database, NIGHT_FALLS), (worker_db, NIGHT_FALLS)):
        with pytest.raises(Exception, match="permission denied"), database.transaction(workspace=desk.founded.workspace) as session:
            session.execute(text(deed))


def test_the_claim_and_the_policy_agree_when_it_is_quiet_whatever_the_clocks_do(owner_db: Database) -> None:
    """Both nights on which clocks change in each of these places, and any other."""
    dice, moments, found = Random(8), [], 0
    for _ in range(4000):
        night: Any = datetime(2026, *dice.choice([(3, 8), (3, 29), (4, 5), (9, 26), (10, 4), (10, 25), (11, 1), (7, 1)]), tzinfo=UTC)
        begins, ends = (time(dice.randrange(24), dice.choice([0, 30])) for _ in range(2))
        if begins != ends:
            moments.append((dice.choice(ZONES), begins, ends, night + timedelta(minutes=dice.randrange(-1440, 2880))))
    asked = (
        "SELECT quiet_until(z, b, e, m) FROM unnest(CAST(:z AS text[]), CAST(:b AS time[]), CAST(:e AS time[]), CAST(:m AS timestamptz[])) AS x (z, b, e, m)"
    )
    given = dict(zip("zbem", map(list, zip(*moments, strict=True)), strict=True))
    with owner_db.transaction() as session:
        ended = list(session.scalars(text(asked), given))
    for (zone, begins, ends, moment), until in zip(moments, ended, strict=True):
        wakes = awake(moment, [zone], Settings(begins=begins, ends=ends))
        assert (wakes == moment) == (until is None), (zone, begins, ends, moment)
        found += until is not None and abs(until - wakes) > timedelta(0)
        assert until is None or abs(until - wakes) <= timedelta(hours=1), (zone, begins, ends, moment, until, wakes)
    assert found < len(moments) / 50


@pytest.mark.parametrize("statement", ["UPDATE workspace SET zone = :zone", "UPDATE quiet SET zone = :zone"])
def test_no_zone_is_kept_that_the_database_does_not_know(desk: Desk, owner_db: Database, statement: str) -> None:
    approved_by_day(desk, "Hello.")
    with pytest.raises(IntegrityError, match="zone"), owner_db.transaction() as session:
        session.execute(text(statement), {"zone": "Mars/Olympus"})


def test_asking_for_a_zone_that_the_database_does_not_know_would_fail_the_whole_claim(owner_db: Database) -> None:
    """The control: this is the question that the claim puts for each row of a lane."""
    with pytest.raises(DataError, match="Mars/Olympus"):
        rows(owner_db, "SELECT quiet_until('Mars/Olympus', '21:00', '08:00', now())")


def test_a_number_whose_zone_the_database_does_not_know_goes_by_the_businesss_clock(desk: Desk, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "place_of", lambda _: Place(zone="Mars/Olympus"))
    (pending,) = approved_by_day(desk, "Hello.")
    assert rows(bench.database, "SELECT zone FROM quiet") == [("Europe/Paris",)]
    bench.drain()
    assert desk.send(pending).state == "sent"
