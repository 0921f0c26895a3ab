"""Budgets: whatever races, a day grants exactly what it holds; what will never be sent is given back, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import pytest
from sqlalchemy import text

from approvals.budgets import LimitReached, Taking, give_back, reserve, take
from approvals.decide import decide
from approvals.gate import Draft, submit
from approvals.requests import Pending
from approvals.votes import Decision
from crm.access.setup import THIS_HOSTS
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database, raw
from kernel.errors import SaysoError
from kernel.keys import show
from kernel.roles import Role, url_for
from outbox import wake
from outbox.dispatch import Refused, Unsure
from outbox.kinds.sms import Sms
from tests.approvals.hands import rows, set_policy
from tests.factories import PHONE, Bench, Desk
from tests.fixtures.stage import free_port
from workers.broker import connect
from workers.tickets import Tickets

ROOT = Path(__file__).resolve().parents[2]
CAP, HANDS, EACH = 37, 10, 6
GREEDY = f"""
import sys
from uuid import UUID
from approvals.budgets import LimitReached, Taking, take
from kernel.db import Database, raw
database, workspace, taken = Database(sys.stdin.readline().strip(), size=1), UUID(sys.argv[1]), 0
print("ready", flush=True)
sys.stdin.readline()
for _ in range({EACH}):
    try:
        with database.transaction(workspace) as session:
            take(raw(session), workspace, [Taking(workspace, "audience", "", 1, {CAP}, "")])
        taken += 1
    except LimitReached:
        pass
print(taken, flush=True)
"""


def used(owner_db: Database) -> list[tuple[object, ...]]:
    return rows(owner_db, "SELECT policy, used, (SELECT sum(amount) FROM reserved r WHERE r.policy = b.policy) FROM budget b ORDER BY policy")


def approve(desk: Desk, pending: Pending) -> bool:
    """Whether the day still held it."""
    try:
        desk.decide(pending)
    except LimitReached:
        return False
    return True


@pytest.fixture
def _redis_is_down(desk: Desk) -> None:
    """The bell rings at a Redis that is not there."""
    wake.install(Tickets(connect(f"redis://127.0.0.1:{free_port()}")).ring)


@pytest.mark.usefixtures("_redis_is_down")
def test_ten_who_approve_at_once_grant_exactly_what_the_day_holds(desk: Desk, owner_db: Database, bench: Bench) -> None:
    set_policy(desk, "audience", per_day=7)
    asked = [desk.ask(f"Number {number}") for number in range(2 * HANDS)]
    with ThreadPoolExecutor(HANDS) as hands:
        assert sum(hands.map(lambda pending: approve(desk, pending), asked)) == 7
    assert used(owner_db) == [("audience", 7, 7)]
    assert rows(owner_db, "SELECT count(*) FROM grants WHERE source = 'approval'") == [(7,)]
    assert rows(owner_db, "SELECT count(*) FROM approval WHERE state = 'pending'") == [(2 * HANDS - 7,)]
    bench.drain()
    assert len(bench.memory.ledger) == 7


def test_ten_processes_take_exactly_what_there_is(desk: Desk, owner_db: Database) -> None:
    """Processes of their own, with nothing between them but the database."""
    url = url_for(desk.settings.database_url, Role.WEB, desk.settings.secret).render_as_string(hide_password=False)
    running = [
        subprocess.Popen([sys.executable, "-c", GREEDY, str(desk.founded.workspace)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(HANDS)
    ]
    said = []
    for child in running:
        assert child.stdin
        assert child.stdout
        child.stdin.write(f"{url}\n")
        child.stdin.flush()
        assert child.stdout.readline() == "ready\n"
    for child in running:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in running:
        out, _ = child.communicate(timeout=60)
        said.append(int(out))
    assert sum(said) == CAP
    assert rows(owner_db, "SELECT used FROM budget") == [(CAP,)]


def test_reading_first_and_adding_then_would_grant_too_much(desk: Desk) -> None:
    """The negative control: two transactions that look before either has written both find room for the last one."""
    found = "SELECT coalesce(sum(used), 0) FROM budget WHERE policy = 'audience'"
    with desk.database.transaction(desk.founded.workspace) as first, desk.database.transaction(desk.founded.workspace) as second:
        assert [int(session.scalar(text(found)) or 0) < 1 for session in (first, second)] == [True, True]


def test_a_request_larger_than_what_is_left_takes_nothing(desk: Desk, owner_db: Database) -> None:
    set_policy(desk, "audience", per_day=4)
    small, large = many(desk, 3), many(desk, 2)
    assert approve(desk, small)
    with pytest.raises(LimitReached) as refused:
        desk.decide(large)
    assert refused.value.body()["code"] == "limit_reached"
    assert used(owner_db) == [("audience", 3, 3)]
    assert rows(owner_db, "SELECT count(*) FROM vote") == [(1,)], "the vote over what was refused does not stand"
    assert approve(desk, desk.ask())


def many(desk: Desk, count: int) -> Pending:
    """One request of several."""
    with desk.database.transaction(desk.founded.workspace) as session:
        call = Call(session, Caller("agent", desk.founded.key.id, "first agent"), desk.founded.workspace, now(), desk.settings)
        return submit(call, "send_sms", [Draft(Sms(to=PHONE, body=f"Number {number}")) for number in range(count)])


def test_the_price_is_taken_exactly_and_a_longer_text_takes_more(desk: Desk, owner_db: Database) -> None:
    set_policy(desk, "spend", per_day=10, sms_home=3300, sms_abroad=3300)
    assert approve(desk, desk.ask("a" * 160))
    assert approve(desk, desk.ask("a" * 161))
    assert used(owner_db) == [("spend", 9900, 9900)]
    assert not approve(desk, desk.ask("One more."))


def test_several_budgets_are_all_taken_or_none(desk: Desk, owner_db: Database) -> None:
    workspace, sends = desk.founded.workspace, [desk.ask().intent_ids[0] for _ in range(2)]

    def taking(intent: UUID, policy: str, cap: int) -> Taking:
        return Taking(intent, policy, "", 1, cap, "")

    with desk.database.transaction(workspace) as session:
        both = [taking(sends[0], "spend", 5), taking(sends[0], "audience", 1)]
        take(raw(session), workspace, both)
        reserve(raw(session), workspace, both)
    with pytest.raises(LimitReached), desk.database.transaction(workspace) as session:
        take(raw(session), workspace, [taking(sends[1], "audience", 5), taking(sends[1], "spend", 1)])
    assert used(owner_db) == [("audience", 1, 1), ("spend", 1, 1)]


def test_what_will_never_be_sent_is_given_back_once(desk: Desk, owner_db: Database, worker_db: Database) -> None:
    set_policy(desk, "audience", per_day=2)
    stays, goes = desk.approved("One."), desk.approved("Two.")
    desk.run("cancel_scheduled_send", intentId=show("int", goes.intent_ids[0]))
    late = desk.ask("Three.")
    assert not approve(desk, late), "not before the clock has given it back"
    for _ in range(2):
        with worker_db.line() as line:
            give_back(line)
    assert used(owner_db) == [("audience", 1, 1)]
    assert approve(desk, late)
    assert rows(owner_db, "SELECT count(*) FROM reserved WHERE intent_id = :i", i=stays.intent_ids[0]) == [(1,)]


@pytest.mark.parametrize("outcome", [None, Refused("The number does not exist.", "21211"), Unsure("the connection broke off")])
def test_what_was_sent_failed_or_is_in_doubt_stays_taken(
    desk: Desk, owner_db: Database, worker_db: Database, bench: Bench, outcome: Refused | Unsure | None
) -> None:
    set_policy(desk, "audience", per_day=1)
    if outcome:
        bench.memory.tell(outcome)
    desk.approved()
    bench.drain()
    with worker_db.line() as line:
        give_back(line)
    assert used(owner_db) == [("audience", 1, 1)]


def test_yesterdays_budget_is_not_todays(desk: Desk, owner_db: Database) -> None:
    set_policy(desk, "audience", per_day=1)
    desk.approved()
    assert not approve(desk, desk.ask())
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE budget SET starts_at = starts_at - interval '1 day'"))
    assert approve(desk, desk.ask())
    assert rows(owner_db, "SELECT starts_at = date_trunc('day', now(), 'Europe/Paris') FROM budget ORDER BY starts_at DESC LIMIT 1") == [(True,)]


def test_what_is_approved_in_quiet_hours_waits_and_says_why(desk: Desk, bench: Bench) -> None:
    there = now().astimezone(ZoneInfo("Europe/London"))
    over = f"{there + timedelta(hours=1):%H:%M}"
    set_policy(desk, "quiet_hours", begins=f"{there - timedelta(hours=1):%H:%M}", ends=over)
    pending = desk.approved()
    bench.drain()
    send = desk.send(pending)
    assert (send.state, bench.memory.ledger) == ("ready", [])
    begins = f"{there - timedelta(hours=1):%H:%M}"
    assert re.fullmatch(f"outside {over}-{begins} in Europe/[A-Z][a-z]+, will go {over}", send.wait_reason or "")
    assert send.due_at > now()


def test_what_is_approved_outside_of_quiet_hours_leaves(desk: Desk, bench: Bench) -> None:
    """The negative control: the same without quiet hours."""
    set_policy(desk, "quiet_hours")
    pending = desk.approved()
    bench.drain()
    assert desk.send(pending).state == "sent"


def test_a_decision_over_the_limit_can_be_made_again_tomorrow(desk: Desk) -> None:
    set_policy(desk, "audience", per_day=1)
    desk.approved("One.")
    pending = desk.ask("Two.")
    with pytest.raises(SaysoError), desk.signed_in() as (session, owner):
        decide(session, owner, Decision(pending.approval_id, bytes.fromhex(pending.digest), "approved", "portal"))
    desk.decide(pending, "rejected")
    set_policy(desk, "audience", per_day=2)
    assert approve(desk, desk.ask("Three."))


def test_the_database_knows_every_zone_that_a_business_may_have(owner_db: Database) -> None:
    known = {str(name) for (name,) in rows(owner_db, "SELECT name FROM pg_timezone_names")}
    assert available_timezones() - known <= {THIS_HOSTS}
