"""The eight promises, each shown once on real servers, each with what would break it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import text

from crm.access.setup import Founded
from kernel.clock import now
from kernel.db import Database, raw
from outbox.dispatch import Accepted, Later, Refused, StatusEvent, Unsure
from outbox.store import reconcile, sweep
from tests.factories import Bench, Desk
from workers.clock import expire_approvals


def test_nothing_unapproved_is_dialled_when_a_worker_drains(desk: Desk, bench: Bench) -> None:
    desk.ask()
    bench.drain()
    assert bench.memory.ledger == []


def test_what_was_approved_is_sent_once_when_drained_again_and_again(desk: Desk, bench: Bench) -> None:
    pending = desk.approved("Exactly this.")
    for _ in range(3):
        bench.drain()
    assert [dispatch.content.body for dispatch in bench.memory.ledger] == ["Exactly this."]
    send = desk.send(pending)
    assert (send.state, send.attempts, send.digest_sent) == ("sent", 1, pending.digest)


@pytest.mark.parametrize("state", ["ready", "blocked", "calling", "in_doubt", "sent", "delivered", "undelivered", "failed"])
@pytest.mark.parametrize("role", ["owner_db", "web_db", "worker_db"])
def test_the_database_refuses_a_delivery_beyond_held_when_no_grant_stands_behind_it(desk: Desk, request: pytest.FixtureRequest, role: str, state: str) -> None:
    pending = desk.ask()
    database: Database = request.getfixturevalue(role)
    leased = "now(), gen_random_uuid()" if state == "calling" else "NULL, NULL"
    force = f"UPDATE delivery SET state = '{state}', (lease_until, owner) = ROW ({leased}) WHERE intent_id = :intent"
    with pytest.raises(Exception, match="ck_delivery_needs_grant"), database.transaction(desk.founded.workspace) as session:
        session.execute(text(force), {"intent": pending.intent_ids[0]})


def test_the_force_would_succeed_when_the_constraint_were_gone(desk: Desk, owner_db: Database) -> None:
    """The negative control: it is this constraint that holds the gate."""
    pending = desk.ask()
    with owner_db.transaction() as session:
        session.execute(text("ALTER TABLE delivery DROP CONSTRAINT ck_delivery_needs_grant"))
        forced = session.execute(text("UPDATE delivery SET state = 'ready' WHERE intent_id = :i RETURNING 1"), {"i": pending.intent_ids[0]}).all()
        session.rollback()
    assert forced


def test_the_database_refuses_a_grant_when_nobody_approved(desk: Desk, web_db: Database, worker_db: Database) -> None:
    pending = desk.ask()
    grant = (
        "INSERT INTO grants (id, workspace_id, intent_id, digest, source, approval_id) "
        "SELECT gen_random_uuid(), workspace_id, id, digest, :source, :approval FROM intent WHERE id = :intent"
    )
    for database in (web_db, worker_db):
        for source, approval in (("approval", pending.approval_id), ("system", None)):
            with pytest.raises(Exception, match="CheckViolation"), database.transaction(desk.founded.workspace) as session:
                session.execute(text(grant), {"source": source, "approval": approval, "intent": pending.intent_ids[0]})


SHADOW = (
    "CREATE TEMP TABLE approval (id uuid, workspace_id uuid, state text)",
    "INSERT INTO pg_temp.approval VALUES (:approval, :workspace, 'approved')",
    """INSERT INTO public.grants (id, workspace_id, intent_id, digest, source, approval_id)
    SELECT gen_random_uuid(), workspace_id, id, digest, 'approval', :approval FROM public.intent WHERE id = :intent""",
)


@pytest.mark.parametrize(("role", "refusal"), [("web_db", "InsufficientPrivilege"), ("worker_db", "InsufficientPrivilege"), ("owner_db", "CheckViolation")])
def test_a_table_that_shadows_the_approvals_opens_nothing(desk: Desk, request: pytest.FixtureRequest, role: str, refusal: str) -> None:
    pending = desk.ask()
    database: Database = request.getfixturevalue(role)
    wanted = {"approval": pending.approval_id, "workspace": desk.founded.workspace, "intent": pending.intent_ids[0]}

    def shadow() -> None:
        with database.transaction(desk.founded.workspace) as session:
            for statement in SHADOW:
                session.execute(text(statement), wanted)

    with pytest.raises(Exception, match=refusal):
        shadow()
    assert desk.send(pending).state == "held"


def test_the_web_role_cannot_make_itself_an_approver_or_a_providers_word(desk: Desk, web_db: Database) -> None:
    pending = desk.ask()
    forged = (
        "INSERT INTO person (id, workspace_id, email, name, role) VALUES (gen_random_uuid(), :w, 'x@example.com', 'x', 'owner')",
        "INSERT INTO api_key (id, workspace_id, name, key_hash, last_four, scopes) VALUES (gen_random_uuid(), :w, 'x', 'x', 'x', '{}')",
        "INSERT INTO attempt (intent_id, workspace_id, number, source, outcome) VALUES (:i, :w, 1, 'callback', 'delivered')",
        "UPDATE person SET email = 'x@example.com'",
    )
    for statement in forged:
        with pytest.raises(Exception, match=r"permission denied|row-level security"), web_db.transaction(desk.founded.workspace) as session:
            session.execute(text(statement), {"w": desk.founded.workspace, "i": pending.intent_ids[0]})


def test_the_database_refuses_a_grant_of_another_digest_or_intent(desk: Desk, owner_db: Database) -> None:
    approved, other = desk.approved("One."), desk.ask("Two.")
    steal = "UPDATE delivery SET state = 'ready', grant_id = (SELECT id FROM grants WHERE intent_id = :approved) WHERE intent_id = :other"
    with pytest.raises(Exception, match="ForeignKeyViolation"), owner_db.transaction() as session:
        session.execute(text(steal), {"approved": approved.intent_ids[0], "other": other.intent_ids[0]})
    widen = (
        "INSERT INTO grants (id, workspace_id, intent_id, digest, source, approval_id) "
        "SELECT gen_random_uuid(), i.workspace_id, i.id, i.digest, 'approval', :approval FROM intent i WHERE i.id = :other"
    )
    with pytest.raises(Exception, match="ForeignKeyViolation"), owner_db.transaction() as session:
        session.execute(text(widen), {"approval": approved.approval_id, "other": other.intent_ids[0]})


def test_altered_bytes_are_not_sent_when_somebody_changed_them_after_the_approval(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved("Approved words.")
    with owner_db.transaction() as session:
        session.execute(text("UPDATE content SET snapshot = convert_to(replace(convert_from(snapshot, 'UTF8'), 'Approved', 'Altered'), 'UTF8')"))
    bench.drain()
    assert bench.memory.ledger == []
    assert desk.send(pending).state == "failed"


def test_history_cannot_be_rewritten_by_web_or_worker(desk: Desk, bench: Bench, web_db: Database, worker_db: Database) -> None:
    desk.approved()
    bench.drain()
    deeds = ("UPDATE {} SET workspace_id = workspace_id", "DELETE FROM {}")
    for database, table, deed in product((web_db, worker_db), ("intent", "attempt", "grants", "audit", "event"), deeds):
        with pytest.raises(Exception, match="permission denied"), database.transaction(desk.founded.workspace) as session:
            session.execute(text(deed.format(table)))


def test_each_is_sent_once_when_four_workers_drain_one_lane(desk: Desk, bench: Bench) -> None:
    wanted = [desk.approved(f"Number {number}") for number in range(60)]
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: bench.drain(), range(4)))
    bodies = [dispatch.content.body for dispatch in bench.memory.ledger]
    assert sorted(bodies) == sorted(set(bodies))
    assert len(bodies) == len(wanted)


def test_an_ambiguous_answer_is_in_doubt_and_never_sent_again(desk: Desk, bench: Bench) -> None:
    pending = desk.approved()
    bench.memory.tell(Unsure("the answer was lost"))
    for _ in range(3):
        bench.drain()
    assert len(bench.memory.ledger) == 1
    assert desk.send(pending).state == "in_doubt"


def test_a_dead_worker_leaves_a_doubt_which_evidence_settles(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    intent = pending.intent_ids[0]
    with owner_db.transaction() as session:
        died = "UPDATE delivery SET state = 'calling', attempt = 1, owner = gen_random_uuid(), lease_until = now() - interval '1 s' WHERE intent_id = :i"
        session.execute(text(died), {"i": intent})
    with bench.database.line() as line:
        sweep(line)
    bench.drain()
    assert bench.memory.ledger == []
    assert desk.send(pending).state == "in_doubt"
    with bench.database.transaction() as session:
        assert reconcile(raw(session), StatusEvent("k", "delivered", None, "SM1"), (intent, 1))
    assert desk.send(pending).state == "delivered"


def test_an_older_attempt_never_overwrites_a_newer_one(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    bench.memory.tell(Later("busy", after=0.0))
    bench.drain()
    bench.drain()
    with bench.database.transaction() as session:
        reconcile(raw(session), StatusEvent("k", "undelivered", None, None), (pending.intent_ids[0], 1))
    assert (desk.send(pending).state, desk.send(pending).attempts) == ("sent", 2)


def test_a_refusal_is_final_and_explained(desk: Desk, bench: Bench) -> None:
    pending = desk.approved()
    bench.memory.tell(Refused("The number cannot receive SMS.", "21614"))
    bench.drain()
    bench.drain()
    assert len(bench.memory.ledger) == 1
    assert (desk.send(pending).state, desk.send(pending).reason) == ("failed", "The number cannot receive SMS.")


def test_bad_credentials_rest_the_lane_and_cost_no_try(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.approved()
    bench.memory.tell(Later("401: the credentials are refused", lane_fault=True))
    bench.drain()
    bench.drain()
    assert len(bench.memory.ledger) == 1
    assert desk.send(pending).wait_reason == "401: the credentials are refused"
    with owner_db.transaction() as session:
        tries, reason = session.execute(
            text("SELECT d.tries, l.breaker_reason FROM delivery d JOIN lane l ON l.id = d.lane WHERE d.lane = 'sms:sandbox'")
        ).one()
    assert (tries, reason) == (0, "401: the credentials are refused")


def test_a_callback_ahead_of_our_own_commit_is_kept(desk: Desk, bench: Bench) -> None:
    pending = desk.approved()

    def early(dispatch: object) -> Accepted:
        with bench.database.transaction() as session:
            reconcile(raw(session), StatusEvent("k", "delivered", None, "SM9"), (pending.intent_ids[0], 1))
        return Accepted("SM9")

    bench.memory.perform = early
    bench.drain()
    assert desk.send(pending).state == "delivered"


def test_every_effect_is_explained_by_one_answer(desk: Desk, bench: Bench) -> None:
    pending = desk.approved()
    bench.drain()
    told = desk.run("get_send_status", approvalId=f"apr_{pending.approval_id.hex}").model_dump(by_alias=True, mode="json")
    approval, send = told["approval"], told["sends"][0]
    assert approval["askedBy"] == "agent: first agent"
    assert (approval["decidedBy"], approval["decidedVia"], approval["state"]) == ("Olivia", "portal", "approved")
    assert (send["digest"], send["digestSent"], send["attempts"]) == (pending.digest, pending.digest, 1)
    assert send["note"] == "sandbox: nothing left this machine"


def test_a_workspace_never_sees_anothers_rows(desk: Desk, web_db: Database, founded: Founded, owner_db: Database) -> None:
    pending = desk.ask()
    stranger = founded.owner  # any id that is not the workspace's
    tables = ("intent", "content", "delivery", "approval", "approval_item", "link", "person", "api_key", "event", "audit", "workspace")
    with web_db.transaction(workspace=stranger) as session:
        counts = {table: session.scalar(text(f"SELECT count(*) FROM {table}")) for table in tables}
    assert counts == dict.fromkeys(tables, 0)
    with owner_db.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM approval WHERE id = :i"), {"i": pending.approval_id}) == 1


def test_an_approval_nobody_decided_in_time_is_never_sent(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.ask()
    with owner_db.transaction() as session:
        session.execute(text("UPDATE approval SET expires_at = now() - interval '1 s'"))
    with pytest.raises(Exception, match="approval_expired"):
        desk.decide(pending)
    expire_approvals(bench.database)
    bench.drain()
    assert bench.memory.ledger == []
    assert desk.send(pending).state == "expired"


def test_a_reminder_waits_for_its_moment_and_a_cancelled_one_never_leaves(desk: Desk, bench: Bench, owner_db: Database) -> None:
    later = (now() + timedelta(hours=1)).isoformat()
    kept, dropped = desk.approved("Kept", sendAt=later), desk.approved("Dropped", sendAt=later)
    bench.drain()
    assert bench.memory.ledger == []
    desk.run("cancel_scheduled_send", intentId=f"int_{dropped.intent_ids[0].hex}")
    with owner_db.transaction() as session:
        session.execute(text("UPDATE delivery SET due_at = now() WHERE state = 'ready'"))
    bench.drain()
    assert [dispatch.content.body for dispatch in bench.memory.ledger] == ["Kept"]
    assert (desk.send(kept).state, desk.send(dropped).state) == ("sent", "cancelled")
