"""The claim: fair over workspaces, urgent first, at the lane's rate, one at a time per order key, and flat as tables grow."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from crm.access.setup import found
from kernel.call import Caller
from kernel.clock import now
from kernel.db import Database, raw
from kernel.keys import new_id
from kernel.settings import Settings
from outbox.claims import PICK, START_OF_ROUND, Ask, Place
from outbox.dispatch import Accepted, Refused, Unsure
from outbox.grants import give
from outbox.intents import Drafted, append
from outbox.kinds.sms import Sms
from outbox.retirement import shelve
from outbox.snapshot import Snapshot
from outbox.states import Claimed
from outbox.store import Finished, tick

LANE = "sms:sandbox"
AGENT = Caller("agent", None, "bulk")


@pytest.fixture
def ungated(owner_db: Database) -> Iterator[Database]:
    """The owner's database with the trigger off, so that thousands of grants need no approvals."""
    with owner_db.transaction() as session:
        session.execute(text("ALTER TABLE grants DISABLE TRIGGER grant_needs_say_so"))
    yield owner_db
    with owner_db.transaction() as session:
        session.execute(text("ALTER TABLE grants ENABLE TRIGGER grant_needs_say_so"))


def workspace(database: Database, name: str) -> UUID:
    with database.transaction() as session:
        return found(session, name, f"{name}@example.com").workspace


def ready(database: Database, settings: Settings, owner: UUID, bodies: list[str], order_key: str | None = None) -> list[UUID]:
    drafts = [Drafted(new_id(), LANE, Snapshot(owner, "+15005550006", Sms(to="+447400123456", body=body)), order_key) for body in bodies]
    with database.transaction() as session:
        append(raw(session), AGENT, drafts, settings.secrets)
        give(raw(session), [draft.id for draft in drafts], "system")
    return [draft.id for draft in drafts]


def claim(database: Database, slots: int, after: Place = START_OF_ROUND, done: list[Finished] | None = None) -> list[Claimed]:
    with database.line() as line:
        return tick(line, Ask(LANE, new_id(), slots, 30.0, after), done or [])


def finished(claimed: Claimed, outcome: Any) -> Finished:
    return Finished(claimed, now(), claimed.digest, outcome)


def test_a_burst_of_one_workspace_leaves_room_for_another(ungated: Database, worker_db: Database, settings: Settings) -> None:
    loud, quiet = workspace(ungated, "loud"), workspace(ungated, "quiet")
    ready(ungated, settings, loud, [f"burst {n}" for n in range(500)])
    ready(ungated, settings, quiet, ["one"])
    first = Counter(row.workspace_id for row in claim(worker_db, 8))
    assert first[quiet] == 1
    assert first[loud] == 4


def test_more_workspaces_than_hands_all_get_their_turn(ungated: Database, worker_db: Database, settings: Settings) -> None:
    owners = [workspace(ungated, f"w{n:03}") for n in range(100)]
    for owner in owners:
        ready(ungated, settings, owner, ["a", "b"])
    seen: Counter[UUID] = Counter()
    place = START_OF_ROUND
    for _ in range(25):
        rows = claim(worker_db, 4, place)
        seen.update(row.workspace_id for row in rows)
        place = Place(rows[-1].priority, rows[-1].workspace_id)
    assert seen == Counter(owners)


def test_urgent_ones_leave_first_whoever_waits(ungated: Database, worker_db: Database, settings: Settings) -> None:
    one, other = workspace(ungated, "one"), workspace(ungated, "other")
    ready(ungated, settings, one, [f"n {n}" for n in range(50)])
    (code,) = ready(ungated, settings, other, ["code"])
    with ungated.transaction() as session:
        session.execute(text("UPDATE delivery SET priority = 0 WHERE intent_id = :i"), {"i": code})
    far = Place(90, UUID(int=2**128 - 1))
    assert code in {row.intent_id for row in claim(worker_db, 2, far)}


def test_a_lane_sends_no_faster_than_its_rate(ungated: Database, worker_db: Database, settings: Settings) -> None:
    ready(ungated, settings, workspace(ungated, "w"), [f"n {n}" for n in range(50)])
    with ungated.transaction() as session:
        session.execute(text("UPDATE lane SET rate = 0.001, burst = 5, tokens = 5 WHERE id = :l"), {"l": LANE})
    assert [len(claim(worker_db, 3)) for _ in range(4)] == [3, 2, 0, 0]
    with ungated.transaction() as session:
        session.execute(text("UPDATE lane SET tokens_at = now() - interval '3000 s' WHERE id = :l"), {"l": LANE})
    assert len(claim(worker_db, 10)) == 3


@pytest.mark.parametrize("column", ["paused_at = now()", "breaker_until = now() + interval '1 h'"])
def test_a_closed_lane_claims_nothing(ungated: Database, worker_db: Database, settings: Settings, column: str) -> None:
    ready(ungated, settings, workspace(ungated, "w"), ["a"])
    with ungated.transaction() as session:
        session.execute(text(f"UPDATE lane SET {column} WHERE id = :l"), {"l": LANE})
    assert claim(worker_db, 4) == []


def test_a_stopped_workspace_claims_nothing_until_it_is_lifted(ungated: Database, worker_db: Database, settings: Settings) -> None:
    owner = workspace(ungated, "w")
    ready(ungated, settings, owner, ["a"])
    with ungated.transaction() as session:
        session.execute(text("INSERT INTO stop (id, workspace_id, reason) VALUES (gen_random_uuid(), :w, 'enough')"), {"w": owner})
    assert claim(worker_db, 4) == []
    with ungated.transaction() as session:
        session.execute(text("UPDATE stop SET lifted_at = now()"))
    assert len(claim(worker_db, 4)) == 1


def test_mail_to_our_own_people_leaves_a_stopped_workspace_and_nothing_else_does(ungated: Database, worker_db: Database, settings: Settings) -> None:
    owner = workspace(ungated, "w")
    letter, posing, _message = ready(ungated, settings, owner, ["letter", "posing", "message"])
    with ungated.transaction() as session:
        session.execute(text("UPDATE delivery SET priority = 10 WHERE intent_id IN (:letter, :posing)"), {"letter": letter, "posing": posing})
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE grants SET source = 'approval', approval_id = id WHERE intent_id = :posing"), {"posing": posing})
        session.execute(text("INSERT INTO stop (id, workspace_id, reason) VALUES (gen_random_uuid(), :w, 'enough')"), {"w": owner})
    assert [row.intent_id for row in claim(worker_db, 8)] == [letter]


def test_a_suppressed_recipient_is_dropped_inside_the_claim(ungated: Database, worker_db: Database, settings: Settings) -> None:
    owner = workspace(ungated, "w")
    ready(ungated, settings, owner, ["a"])
    with ungated.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE grants SET source = 'approval', approval_id = id"))
        opted_out = "INSERT INTO suppression (workspace_id, channel, recipient, reason) VALUES (:w, 'sms', '+447400123456', 'STOP')"
        session.execute(text(opted_out), {"w": owner})
    assert claim(worker_db, 4) == []
    with ungated.transaction() as session:
        assert session.scalar(text("SELECT state FROM delivery")) == "suppressed"


def test_no_customers_stop_silences_letters_to_our_own_people(ungated: Database, worker_db: Database, settings: Settings) -> None:
    (letter,) = ready(ungated, settings, workspace(ungated, "w"), ["your code"])
    with ungated.transaction() as session:
        session.execute(text("INSERT INTO suppression SELECT workspace_id, 'sms', recipient, 'STOP' FROM content"))
    assert [row.intent_id for row in claim(worker_db, 4)] == [letter]


def test_one_key_leaves_one_at_a_time_in_the_order_asked(ungated: Database, worker_db: Database, settings: Settings) -> None:
    owner = workspace(ungated, "w")
    keyed = ready(ungated, settings, owner, ["1", "2", "3"], order_key="mia")
    other = ready(ungated, settings, owner, ["x"], order_key="noah")
    first = claim(worker_db, 8)
    assert {row.intent_id for row in first} == {keyed[0], other[0]}
    assert claim(worker_db, 8) == []
    head = next(row for row in first if row.intent_id == keyed[0])
    (second,) = claim(worker_db, 8, done=[finished(head, Accepted("r"))])
    assert second.intent_id == keyed[1]
    assert claim(worker_db, 8, done=[finished(second, Unsure("lost"))]) == []
    with ungated.transaction() as session:
        session.execute(text("UPDATE delivery SET state = 'sent' WHERE state = 'in_doubt'"))
    (third,) = claim(worker_db, 8)
    assert third.intent_id == keyed[2]
    assert claim(worker_db, 8, done=[finished(third, Refused("no"))]) == []


def test_two_heads_of_one_key_cannot_be(ungated: Database, settings: Settings) -> None:
    ready(ungated, settings, workspace(ungated, "w"), ["1", "2"], order_key="mia")
    with pytest.raises(Exception, match="uq_delivery_head"), ungated.transaction() as session:
        session.execute(text("UPDATE delivery SET state = 'ready'"))


ENTRIES = "SELECT pg_stat_get_xact_tuples_returned('ix_delivery_ready'::regclass)"
"""Index entries that this transaction's scans went over, dead ones too."""


def plan(session: Session, slots: int) -> tuple[dict[str, Any], int]:
    """The plan of a claim as it really went, and the index entries that it went over."""
    wanted = {"lane": LANE, "slots": slots, "priority": -1, "after": UUID(int=0), "zero": UUID(int=0), "urgent": 50, "ours": 10, "channel": "sms"}
    before = session.scalar(text(ENTRIES)) or 0
    query = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) WITH RECURSIVE {PICK} SELECT * FROM picked"
    found = raw(session).execute(query.encode(), wanted).fetchone()
    assert found
    tree = dict((found[0] if isinstance(found[0], list) else json.loads(found[0]))[0]["Plan"])
    return tree, (session.scalar(text(ENTRIES)) or 0) - before


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", []):
        yield from nodes(inner)


BIG = {"delivery", "delivery_done", "intent", "content", "grants"}
SPARE = 8
"""The few entries beside those claimed: the ends of each group's walk."""


def too_much(session: Session, slots: int) -> list[str]:
    """What a claim of so many rows does that grows with the tables."""
    tree, entries = plan(session, slots)
    seen = list(nodes(tree))
    faults = [f"a scan of all of {node['Relation Name']}" for node in seen if node["Node Type"] == "Seq Scan" and node["Relation Name"] in BIG]
    faults += [f"a sort of {node['Actual Rows']} rows" for node in seen if "Sort" in node["Node Type"] and node["Actual Rows"] > 2 * slots]
    read = sum((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in seen if node.get("Relation Name") == "delivery")
    faults += [f"{number} {what} for {slots}" for what, number in (("rows", read), ("index entries", entries)) if number > 2 * slots + SPARE]
    sys.stdout.write(f"{slots} hands: {read} rows, {entries} index entries, {tree['Shared Hit Blocks'] + tree['Shared Read Blocks']} pages\n")
    return faults


GROW = """
INSERT INTO intent (id, workspace_id, kind, lane, digest, on_unknown, asked_by_kind, asked_by_name)
SELECT md5('{tag}' || n)::uuid, :w, 'sms', :l, sha256(n::text::bytea), 'hold', 'agent', 'bulk' FROM generate_series(1, {rows}) n;
INSERT INTO content (intent_id, workspace_id, recipient, snapshot, sealed)
SELECT md5('{tag}' || n)::uuid, :w, '+447400123456', '', false FROM generate_series(1, {rows}) n;
INSERT INTO grants (id, workspace_id, intent_id, digest, source)
SELECT md5('{tag}' || n)::uuid, :w, md5('{tag}' || n)::uuid, sha256(n::text::bytea), 'system' FROM generate_series(1, {rows}) n;
INSERT INTO delivery (intent_id, workspace_id, digest, grant_id, state, lane, priority, due_at)
SELECT md5('{tag}' || n)::uuid, :w, sha256(n::text::bytea), md5('{tag}' || n)::uuid, '{state}', :l, 50, now() - n * interval '1 ms'
FROM generate_series(1, {rows}) n
"""


ENDED = """
UPDATE delivery SET state = 'sent', changed_at = now() - CASE WHEN due_at < :older THEN interval '2 days' ELSE interval '1 s' END
WHERE state = 'ready' AND due_at < :newer
"""
RESTING = """
INSERT INTO delivery_done (intent_id, workspace_id, digest, grant_id, state, lane, priority, due_at)
SELECT lpad(to_hex(n), 32, '0')::uuid, :w, sha256('done'), :w, 'sent', :l, 50, now() FROM generate_series(1, :rows) n
"""

ELSEWHERE = """
INSERT INTO stop (id, workspace_id, channel, approval_id, reason)
SELECT gen_random_uuid(), :w, CASE WHEN n = 1 THEN 'email' END, CASE WHEN n > 1 THEN gen_random_uuid() END, 'enough' FROM generate_series(1, 10) n
"""


def grow(database: Database, owner: UUID, rows: int) -> None:
    with database.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("SET LOCAL statement_timeout = 0"))
        for statement in GROW.format(tag="ready", rows=rows, state="ready").split(";"):
            session.execute(text(statement), {"w": owner, "l": LANE})


def end(database: Database, worker: Database, owner: UUID, rows: int) -> None:
    """As a day leaves it: twice `rows` of the oldest were sent, half of them have left the hot table, nobody has vacuumed, a million rest."""
    with database.transaction() as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))
        newer = session.scalar(text("SELECT due_at FROM delivery ORDER BY due_at OFFSET :n LIMIT 1"), {"n": 2 * rows})
        older = session.scalar(text("SELECT due_at FROM delivery ORDER BY due_at OFFSET :n LIMIT 1"), {"n": rows})
        session.execute(text(ENDED), {"older": older, "newer": newer})
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(RESTING), {"w": owner, "l": LANE, "rows": 1_000_000})
    with worker.line() as line:
        while shelve(line):
            pass


@pytest.mark.timeout(300)
def test_the_claim_touches_few_entries_when_a_hundred_thousand_wait_and_a_million_are_done(ungated: Database, worker_db: Database, settings: Settings) -> None:
    owner = workspace(ungated, "w")
    ready(ungated, settings, owner, ["the lane"])
    grow(ungated, owner, 120_000)
    with ungated.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE delivery, intent, content, grants"))
    end(ungated, worker_db, owner, 10_000)
    with ungated.transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(ELSEWHERE), {"w": owner})
    with ungated.transaction() as session:
        standing = session.execute(text("SELECT state, count(*) FROM delivery GROUP BY state ORDER BY state")).all()
        assert [tuple(row) for row in standing] == [("ready", 100_001), ("sent", 10_000)]
        assert session.scalar(text("SELECT count(*) FROM delivery_done")) == 1_010_000
        # The first to come by marks the entries of what has gone, as each claim does for the next in real life.
        plan(session, 1)
    with ungated.transaction() as session:
        assert [too_much(session, slots) for slots in (1, 16, 64)] == [[], [], []]
        session.execute(text("DROP INDEX ix_delivery_ready"))
        session.execute(text("CREATE INDEX ix_delivery_ready ON delivery (intent_id) WHERE state = 'ready'"))
        assert too_much(session, 64), "the check sees nothing"
        session.rollback()
        session.execute(text("TRUNCATE delivery_done"))
