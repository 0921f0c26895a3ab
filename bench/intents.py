"""Fills our tables: approved intents in bulk, and finished ones by the hundred thousand."""

from __future__ import annotations

from uuid import UUID

from bench.carriers import LANES
from bench.ground import SENDER, Ground
from crm.access.setup import found
from kernel.call import Caller
from kernel.db import Database, raw
from kernel.keys import new_id
from kernel.roles import Role
from outbox.grants import give
from outbox.intents import Drafted, append
from outbox.kinds.sms import Sms
from outbox.snapshot import Snapshot

AGENT = Caller("agent", None, "bench")
PHONE = "+447400123456"
TABLES = "attempt, delivery, grants, approval_item, link, approval, content, intent, lane, event, audit, idempotency"
BATCH = 2000

# Rows as the engine would have left them. Keys are not checked while they are written: a million checks would measure nothing.
FINISHED = """
SET LOCAL session_replication_role = replica;
INSERT INTO lane (id) VALUES ('sms:null') ON CONFLICT DO NOTHING;
CREATE TEMP TABLE made ON COMMIT DROP AS
    SELECT gen_random_uuid() AS id, gen_random_uuid() AS grant_id, now() - n * interval '1 s' AS at FROM generate_series(1, {rows}) n;
INSERT INTO intent (id, workspace_id, kind, lane, digest, on_unknown, asked_by_kind, asked_by_name, created_at)
    SELECT id, '{workspace}', 'sms', 'sms:null', sha256(id::text::bytea), 'hold', 'agent', 'bench', at FROM made;
INSERT INTO content (intent_id, workspace_id, recipient, snapshot, sealed) SELECT id, '{workspace}', '+447400123456', repeat('x', 300)::bytea, false FROM made;
INSERT INTO grants (id, workspace_id, intent_id, digest, source, created_at)
    SELECT grant_id, '{workspace}', id, sha256(id::text::bytea), 'system', at FROM made;
INSERT INTO delivery (intent_id, workspace_id, digest, grant_id, state, lane, priority, due_at, attempt, changed_at)
    SELECT id, '{workspace}', sha256(id::text::bytea), grant_id, 'sent', 'sms:null', 50, at, 1, at FROM made;
INSERT INTO attempt (intent_id, workspace_id, number, source, outcome, provider_ref, digest, started_at, at)
    SELECT id, '{workspace}', 1, 'call', 'accepted', id::text, sha256(id::text::bytea), at, at FROM made;
"""


def workspace(database: Database, name: str = "Bench") -> UUID:
    """A new workspace."""
    with database.transaction() as session:
        return found(session, name, f"{name.lower()}@example.com").workspace


def clear(ground: Ground) -> None:
    """Empty tables."""
    with ground.line("sayso") as line:
        line.execute(f"TRUNCATE {TABLES} CASCADE")


def ready(ground: Ground, owner: Database, mode: str, jobs: int) -> None:
    """So many approved intents on the lane of the mode, and fresh statistics, beside whatever is there."""
    mine = workspace(owner, f"w{new_id().hex}")
    drafts = [Drafted(new_id(), LANES[mode], Snapshot(mine, SENDER, Sms(to=PHONE, body=f"job-{number}"))) for number in range(jobs)]
    for start in range(0, jobs, BATCH):
        part = drafts[start : start + BATCH]
        with owner.transaction() as session, raw(session).pipeline():
            append(raw(session), AGENT, part, ground.settings.secrets)
            give(raw(session), [draft.id for draft in part], "system")
    analyze(ground)


def finished(ground: Ground, owner: Database, rows: int) -> None:
    """So many rows that were sent long ago."""
    with ground.line("sayso") as line:
        for start in range(0, rows, 100_000):
            with line.transaction():
                line.execute(FINISHED.format(rows=min(rows - start, 100_000), workspace=workspace(owner, f"w{new_id().hex}")).encode())
    analyze(ground)


def analyze(ground: Ground) -> None:
    """Fresh statistics, as a running system has."""
    with ground.line("sayso") as line:
        line.execute("VACUUM ANALYZE")


def open_owner(ground: Ground) -> Database:
    """The owner's pool."""
    return ground.database(Role.OWNER)
