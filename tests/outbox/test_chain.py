"""Tests of the chain over the audit: one chain however many seal, late rows come later, and every kind of tampering is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import text

from kernel import clock
from kernel.call import Caller
from kernel.db import Database, raw
from kernel.keys import new_id
from outbox import chain
from outbox.chain import Fault, Head, Verdict
from outbox.events import Actor, note
from tests.factories import Desk
from workers.clock import Clock, log_heads, seal_audit
from workers.jobs import Means

SEALS = "SELECT position, audit_id FROM audit_seal ORDER BY position"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
AGENT = Caller("agent", None, "first agent")


def write(desk: Desk, rows: int = 1) -> None:
    """Rows of the audit, in one transaction."""
    with desk.database.transaction(desk.founded.workspace) as session:
        for number in range(rows):
            note(session, Actor(desk.founded.workspace, AGENT), "number.told", str(number), number=number, words="Grüße ✓")


def sealed(desk: Desk, worker_db: Database, rows: int = 5) -> None:
    write(desk, rows)
    seal_audit(worker_db)


def verdict(desk: Desk, database: Database, kept: Head | None = None) -> Verdict:
    with database.transaction() as session:
        return chain.verify(raw(session), desk.founded.workspace, kept)


def head(desk: Desk, database: Database) -> Head:
    with database.transaction() as session:
        found = chain.head_of(raw(session), desk.founded.workspace)
    assert found
    return found


def tamper(owner_db: Database, *statements: str) -> None:
    """What only the owner of the database can do."""
    with owner_db.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            session.execute(text(statement))


def audit_ids(owner_db: Database) -> list[int]:
    with owner_db.transaction() as session:
        return list(session.scalars(text("SELECT id FROM audit ORDER BY id")))


def test_every_row_is_sealed_once_in_the_order_of_ids(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    sealed(desk, worker_db, 3)
    sealed(desk, worker_db, 2)
    seal_audit(worker_db)
    with owner_db.transaction() as session:
        assert [tuple(row) for row in session.execute(text(SEALS))] == list(enumerate(audit_ids(owner_db), 1))
    found = verdict(desk, worker_db)
    assert (found.sealed, found.unsealed, found.fault, found.hash) == (5, 0, None, head(desk, worker_db).hash)


def test_what_a_person_and_an_agent_did_is_sealed(desk: Desk, worker_db: Database) -> None:
    desk.approved()
    assert verdict(desk, worker_db).unsealed == 2
    seal_audit(worker_db)
    found = verdict(desk, worker_db)
    assert (found.sealed, found.unsealed, found.fault) == (2, 0, None)


def test_a_row_that_is_committed_late_comes_later(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    with desk.database.transaction(desk.founded.workspace) as late:
        note(late, Actor(desk.founded.workspace, AGENT), "late", "1")
        late.flush()
        sealed(desk, worker_db, 1)
    seal_audit(worker_db)
    first, second = audit_ids(owner_db)
    with owner_db.transaction() as session:
        assert [tuple(row) for row in session.execute(text(SEALS))] == [(1, second), (2, first)]
    assert verdict(desk, worker_db).fault is None


def race(desk: Desk, worker_db: Database) -> None:
    """Four clocks at once, again and again, while rows are written."""
    start = Barrier(5)

    def tick() -> None:
        start.wait(10)
        for _ in range(10):
            seal_audit(worker_db)

    with ThreadPoolExecutor(4) as clocks:
        ticking = [clocks.submit(tick) for _ in range(4)]
        start.wait(10)
        for _ in range(30):
            write(desk, 3)
        for done in ticking:
            done.result(30)
    seal_audit(worker_db)


def test_clocks_that_seal_at_once_make_one_chain(desk: Desk, worker_db: Database) -> None:
    race(desk, worker_db)
    found = verdict(desk, worker_db)
    assert (found.sealed, found.unsealed, found.fault) == (90, 0, None)


def overlap(desk: Desk, worker_db: Database, owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One clock stands still while it seals; a row is written, and a second clock comes."""
    halfway, on = Event(), Event()

    def stands_still(before: bytes, row: dict[str, Any]) -> bytes:
        halfway.set()
        assert on.wait(10)
        return linked(before, row)

    linked = chain.linked
    monkeypatch.setattr(chain, "linked", stands_still)
    write(desk)
    with ThreadPoolExecutor(2) as clocks:
        first = clocks.submit(seal_audit, worker_db)
        assert halfway.wait(10)
        write(desk)
        second = clocks.submit(seal_audit, worker_db)
        with owner_db.transaction() as watch:
            while not second.done() and not watch.scalar(text(WAITS)):
                pass
        on.set()
        first.result(10)
        second.result(10)


def test_a_clock_that_comes_while_another_seals_goes_on_where_that_one_ends(
    desk: Desk, worker_db: Database, owner_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    overlap(desk, worker_db, owner_db, monkeypatch)
    found = verdict(desk, worker_db)
    assert (found.sealed, found.unsealed, found.fault) == (2, 0, None)


def test_the_two_would_collide_were_it_not_for_the_lock(desk: Desk, worker_db: Database, owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "stand_in_line", lambda *_: None)
    with pytest.raises(Exception, match="pk_audit_seal"):
        overlap(desk, worker_db, owner_db, monkeypatch)


def test_a_thousand_rows_are_sealed_within_a_second(desk: Desk, worker_db: Database) -> None:
    write(desk, 1000)
    began = clock.monotonic()
    seal_audit(worker_db)
    took = clock.monotonic() - began
    assert verdict(desk, worker_db).sealed == 1000
    assert took < 1


def test_the_clock_seals_what_is_written_within_a_second(desk: Desk, worker_db: Database) -> None:
    ticking = Clock(Means(worker_db, desk.database, desk.settings))
    ticking.start()
    try:
        began = clock.monotonic()
        write(desk, 3)
        while verdict(desk, worker_db).sealed < 3:
            assert clock.monotonic() - began < 5
            clock.pause(0.02)
        took = clock.monotonic() - began
    finally:
        ticking.stop()
    assert took < 1.5, "a second, and what a busy machine takes"


AT_TWO = "WHERE id = (SELECT audit_id FROM audit_seal WHERE position = 2)"
TAMPERED = {
    "a changed word": (2, chain.CHANGED, [f"UPDATE audit SET actor = 'person: Olivia' {AT_TWO}"]),
    "a changed detail": (
        2,
        chain.CHANGED,
        [f"UPDATE audit SET detail = jsonb_set(detail, ARRAY['number'], '7') {AT_TWO}"],
    ),
    "a changed time": (2, chain.CHANGED, [f"UPDATE audit SET at = at + interval '1 us' {AT_TWO}"]),
    "a flipped byte of the hash": (2, chain.CHANGED, ["UPDATE audit_seal SET hash = set_byte(hash, 31, get_byte(hash, 31) # 1) WHERE position = 2"]),
    "a removed row": (2, chain.GONE, [f"DELETE FROM audit {AT_TWO}"]),
    "another workspace's row": (
        2,
        chain.GONE,
        [f"UPDATE audit SET workspace_id = gen_random_uuid() {AT_TWO}"],
    ),
    "a removed row and its seal": (
        2,
        chain.GAP,
        [f"DELETE FROM audit {AT_TWO}", "DELETE FROM audit_seal WHERE position = 2"],
    ),
    "a removed row, closed up": (
        2,
        chain.CHANGED,
        [
            "DELETE FROM audit_seal WHERE position = 2",
            "UPDATE audit_seal SET position = 100 + position WHERE position > 2",
            "UPDATE audit_seal SET position = position - 101 WHERE position > 100",
        ],
    ),
    "two rows in each other's place": (
        2,
        chain.MOVED,
        [
            "UPDATE audit_seal SET audit_id = -audit_id WHERE position IN (2, 4)",
            "UPDATE audit_seal s SET audit_id = -o.audit_id FROM audit_seal o WHERE s.audit_id < 0 AND o.audit_id < 0 AND s.position <> o.position",
        ],
    ),
    "two seals in each other's place": (
        2,
        chain.MOVED,
        ["UPDATE audit_seal SET position = 100 + position WHERE position IN (2, 4)", "UPDATE audit_seal SET position = 106 - position WHERE position > 100"],
    ),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_is_named_with_its_place(desk: Desk, worker_db: Database, owner_db: Database, how: str) -> None:
    sealed(desk, worker_db)
    place, what, statements = TAMPERED[how]
    tamper(owner_db, *statements)
    fault = verdict(desk, worker_db).fault
    assert fault
    assert (fault.position, fault.what) == (place, what)
    assert (fault.audit_id is None) == (what == chain.GAP)


def test_the_end_of_a_chain_is_proved_only_by_a_head_that_was_kept(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    sealed(desk, worker_db)
    kept = head(desk, worker_db)
    tamper(owner_db, "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)", "DELETE FROM audit_seal WHERE position = 5")
    assert verdict(desk, worker_db).fault is None, "said in the documents: alone, the chain cannot show this"
    assert verdict(desk, worker_db, kept).fault == Fault(5, None, chain.SHORTER)
    sealed(desk, worker_db, 1)
    assert (fault := verdict(desk, worker_db, kept).fault)
    assert (fault.position, fault.what) == (5, chain.OTHER)


def test_a_row_that_nobody_seals_is_counted(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    sealed(desk, worker_db)
    write(desk)
    tamper(owner_db, "DELETE FROM audit_unsealed")
    seal_audit(worker_db)
    found = verdict(desk, worker_db)
    assert (found.sealed, found.unsealed, found.fault) == (5, 1, None)
    assert found.oldest_unsealed_at


@pytest.mark.parametrize("role", ["web_db", "worker_db"])
@pytest.mark.parametrize("deed", ["UPDATE audit_seal SET position = 9", "DELETE FROM audit_seal", "UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_neither_role_may_change_what_is_sealed(desk: Desk, worker_db: Database, request: pytest.FixtureRequest, role: str, deed: str) -> None:
    sealed(desk, worker_db)
    database: Database = request.getfixturevalue(role)
    with pytest.raises(Exception, match="permission denied"), database.transaction(desk.founded.workspace) as session:
        session.execute(text(deed))


@pytest.mark.parametrize(
    "deed", ["INSERT INTO audit_seal VALUES (:w, 1, 1, sha256(''))", "INSERT INTO audit_unsealed VALUES (1, :w)", "DELETE FROM audit_unsealed"]
)
def test_the_web_role_seals_nothing_and_hides_nothing(desk: Desk, deed: str) -> None:
    with pytest.raises(Exception, match="permission denied"), desk.database.transaction(desk.founded.workspace) as session:
        session.execute(text(deed), {"w": desk.founded.workspace})


def test_a_workspace_sees_its_own_seals_alone(desk: Desk, worker_db: Database) -> None:
    sealed(desk, worker_db)
    for workspace, seen in ((desk.founded.workspace, 5), (new_id(), 0)):
        with desk.database.transaction(workspace) as session:
            assert session.scalar(text("SELECT count(*) FROM audit_seal")) == seen


def test_the_head_is_logged_for_whoever_keeps_it_elsewhere(desk: Desk, worker_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    sealed(desk, worker_db)
    with caplog.at_level("INFO"):
        log_heads(worker_db)
    logged = caplog.messages[-1].removeprefix("audit head ")
    assert Head.read(logged) == head(desk, worker_db)


@pytest.mark.parametrize("text", ["", "org_1:2", "org_1:2:3", "org_{id}:one:00", "apr_{id}:1:00"])
def test_what_is_no_head_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="a head reads org_"):
        Head.read(text)
