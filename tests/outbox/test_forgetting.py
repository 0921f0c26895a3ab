"""Forgetting: a batch takes all that belongs to its sends, and nothing of others; what still protects somebody stays."""

from __future__ import annotations

from typing import Any, cast

import pytest
from sqlalchemy import text

from approvals.gate import Draft, submit
from approvals.requests import Pending
from kernel.call import Call, Caller
from kernel.clock import now
from kernel.db import Database
from kernel.keys import show
from outbox.kinds.sms import Sms
from outbox.retirement import forget, forget_beside, shelve
from tests.approvals.hands import rows, set_policy
from tests.crm.test_conversations import says
from tests.crm.test_invoices import again, billed, name
from tests.crm.test_reminders import allow, booked, in_days, propose
from tests.factories import PHONE, Bench, Desk
from tests.portal.guest import changed
from workers.clock import ask_for_reminders
from workers.jobs import Means

AGED = (
    "UPDATE delivery SET changed_at = now() - interval '500 days', state = CASE state WHEN 'held' THEN 'cancelled' ELSE state END WHERE intent_id = ANY (:old)"
)
LEFT = ("approval", "approval_item", "vote", "link", "grants", "attempt", "content", "manifest")


def counted(database: Database) -> dict[str, int]:
    with database.transaction() as session:
        return {table: session.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in LEFT}


def bulk(desk: Desk, many: int) -> list[object]:
    drafts = [Draft(Sms(to="+447400123456", body=f"Number {number}")) for number in range(many)]
    agent = Caller("agent", desk.founded.key.id, "first agent")
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        pending = submit(Call(session, agent, desk.founded.workspace, now(), desk.settings), "send_sms", drafts)
    desk.decide(pending)
    return list(pending.intent_ids)


def age(owner: Database, bench: Bench, old: list[object]) -> None:
    with owner.transaction() as session:
        session.execute(text(AGED), {"old": old})
    with bench.database.line() as line:
        while shelve(line):
            pass


def test_a_batch_takes_votes_links_and_requests_and_leaves_what_shares_a_bulk_with_younger_ones(desk: Desk, bench: Bench, owner_db: Database) -> None:
    old, many, younger = desk.approved("old"), bulk(desk, 4), desk.approved("young")
    waiting = desk.ask("waits")
    bench.drain()
    before = counted(owner_db)
    age(owner_db, bench, [*old.intent_ids, *many[:2]])
    with owner_db.line() as line:
        assert (forget(line, 400), forget(line, 400)) == (3, 0)
    after = counted(owner_db)
    assert {table: before[table] - after[table] for table in ("approval", "approval_item", "grants", "vote")} == {
        "approval": 1,
        "approval_item": 3,
        "grants": 3,
        "vote": 1,
    }
    age(owner_db, bench, many[2:])
    with owner_db.line() as line:
        assert forget(line, 400) == 2
    assert counted(owner_db)["approval"] == 2
    assert (desk.send(younger).state, desk.send(waiting).state) == ("sent", "held")


def test_an_edited_request_outlives_the_one_it_took_the_place_of(desk: Desk, bench: Bench, owner_db: Database) -> None:
    first, second = desk.ask("first"), desk.ask("second")
    with owner_db.transaction() as session:
        session.execute(text("UPDATE approval SET supersedes = :first WHERE id = :second"), {"first": first.approval_id, "second": second.approval_id})
    age(owner_db, bench, list(first.intent_ids))
    with owner_db.line() as line:
        assert forget(line, 400) == 1
    with owner_db.transaction() as session:
        assert session.execute(text("SELECT id, supersedes FROM approval")).all() == [(second.approval_id, None)]


MADE = {
    "idempotency": "(workspace_id, key, operation, request_digest, created_at) SELECT :w, '{age}', 'x', '', now() - interval '{age}'",
    "inbox": """(id, provider, key, form, type, body, state, received_at)
        SELECT gen_random_uuid(), 'x', '{age}', 'status', 'x', '{{}}', 'done', now() - interval '{age}'""",
    "event": "(id, workspace_id, type, subject, data, at) SELECT gen_random_uuid(), :w, 'x', '{age}', '{{}}', now() - interval '{age}'",
}
AGES = ("23 hours", "25 hours", "29 days", "40 days")
TOLD = """
WITH told AS (INSERT INTO event (id, workspace_id, type, subject, data, at)
    SELECT gen_random_uuid(), :w, 'x', s, '{}', now() - interval '90 d' FROM unnest(ARRAY['due', 'taken']) s RETURNING id, subject)
INSERT INTO hook_post (hook_id, event_id, workspace_id, state, changed_at)
SELECT gen_random_uuid(), id, :w, subject, now() - interval '90 d' FROM told
"""
UNREAD = """
INSERT INTO inbox (id, provider, key, form, type, body, received_at)
VALUES (gen_random_uuid(), 'x', 'k', 'status', 'x', '{}', now() - interval '90 d')
"""


@pytest.mark.parametrize(("table", "kept"), [("idempotency", 1), ("inbox", 3), ("event", 1)])
def test_what_protects_somebody_is_kept_for_its_least_time_however_little_is_asked(desk: Desk, owner_db: Database, table: str, kept: int) -> None:
    column = "subject" if table == "event" else "key"
    with owner_db.transaction() as session:
        for age in AGES:
            session.execute(text(f"INSERT INTO {table} {MADE[table].format(age=age)}"), {"w": desk.founded.workspace})
    with owner_db.line() as line:
        while forget_beside(line, 1):
            pass
    with owner_db.transaction() as session:
        left = set(session.scalars(text(f"SELECT {column} FROM {table} WHERE {column} = ANY (:ages)"), {"ages": list(AGES)}))
    assert left == set(AGES[:kept])


def test_an_event_that_a_webhook_is_still_to_be_told_of_is_kept_and_so_is_what_has_not_been_worked_off(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(TOLD), {"w": desk.founded.workspace})
        session.execute(text(UNREAD))
    with owner_db.line() as line:
        while forget_beside(line, 30):
            pass
    with owner_db.transaction() as session:
        assert session.scalars(text("SELECT subject FROM event WHERE type = 'x'")).all() == ["due"]
        assert session.scalar(text("SELECT count(*) FROM inbox")) == 1


def forgotten(owner: Database, bench: Bench) -> None:
    """All that is settled is long ago, and forgotten."""
    with owner.transaction() as session:
        session.execute(text("UPDATE delivery SET changed_at = now() - interval '500 days'"))
    with bench.database.line() as line:
        while shelve(line):
            pass
    with owner.line() as line:
        while forget(line, 400):
            pass


def test_a_bill_that_went_out_and_one_that_is_void_stay_so_without_their_letters(desk: Desk, bench: Bench, owner_db: Database) -> None:
    sent, void = billed(desk), billed(desk)
    for one in (sent, void):
        desk.decide(cast("Pending", desk.run("mark_invoice_sent", invoiceId=name(one))))
    bench.drain("email:sandbox")
    asked: Any = desk.run("void_invoice", invoiceId=name(void))
    ((digest,),) = rows(owner_db, "SELECT encode(digest, 'hex') FROM approval WHERE id = :it", it=asked.approval_id)
    desk.decide(Pending(approval_id=asked.approval_id, digest=str(digest), expires_at=now(), intent_ids=[], preview=[]))
    bench.drain("email:sandbox")
    assert (again(desk, sent).status, again(desk, void).status) == ("sent", "void")
    forgotten(owner_db, bench)
    assert rows(owner_db, "SELECT count(*) FROM invoice_send") == [(0,)]
    assert (again(desk, sent).status, again(desk, void).status) == ("sent", "void")
    assert again(desk, sent).sent_at is not None


def test_a_reminder_that_went_out_is_counted_as_one_without_its_send(desk: Desk, bench: Bench, owner_db: Database, worker_db: Database) -> None:
    set_policy(desk, "first_time", in_person=False)
    allow(desk, propose(desk))
    booking = booked(desk, in_days(9))
    changed(owner_db, "UPDATE reminder SET due_at = now() - interval '1 second'")
    ask_for_reminders(Means(worker_db, desk.database, desk.settings))
    bench.drain()
    changed(owner_db, "UPDATE booking SET starts_at = now() - interval '26 hours', ends_at = now() - interval '25 hours'")
    changed(owner_db, "UPDATE reminder SET about = starts_at FROM booking WHERE booking.id = booking_id")
    desk.run("mark_no_show", bookingId=show("bkg", booking.booking_id))
    for _ in range(2):
        report: Any = desk.run("get_no_show_report", by="reminder")
        assert [(one.name, one.no_show) for one in report.items] == [("reminded", 1)]
        forgotten(owner_db, bench)
    assert rows(owner_db, "SELECT intent_id FROM reminder") == [(None,)]


def test_what_customers_wrote_goes_with_time_and_an_empty_conversation_after_it(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    desk.run("create_account", name="Mia Park", phone=PHONE)
    says(desk, worker_db, "Long ago.", ref="SM1")
    says(desk, worker_db, "Today.", ref="SM2")
    changed(owner_db, "UPDATE heard SET at = now() - interval '500 days' WHERE provider_ref = 'SM1'")
    for left in (1, 0):
        with owner_db.line() as line:
            while forget_beside(line, 400):
                pass
        assert rows(owner_db, "SELECT (SELECT count(*) FROM heard), (SELECT count(*) FROM conversation)") == [(left, left)]
        changed(owner_db, "UPDATE heard SET at = now() - interval '500 days'")
        changed(owner_db, "UPDATE conversation SET last_in_at = now() - interval '500 days'")
