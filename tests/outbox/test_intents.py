"""Tests of writing intents: a lane that is new to two writers at once is made once, and neither of them fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from psycopg import Connection
from sqlalchemy import text

from crm.access.setup import found
from kernel.call import Caller
from kernel.db import Database, raw
from kernel.keys import new_id
from kernel.settings import Settings
from outbox.intents import Drafted, append
from outbox.kinds.sms import Sms
from outbox.snapshot import Snapshot

AGENT = Caller("agent", None, "bulk")
WAITS = "SELECT count(*) FROM pg_stat_clear_snapshot(), pg_stat_activity WHERE wait_event_type = 'Lock'"
"""What a transaction has once seen of the others' activity it goes on seeing, unless it is told to forget."""


def write(line: Connection, workspace: UUID, settings: Settings) -> None:
    snapshot = Snapshot(workspace, "+15005550006", Sms(to="+447400123456", body="Your table is ready."))
    append(line, AGENT, [Drafted(new_id(), "sms:unheard-of", snapshot)], settings.secrets)


def test_a_lane_that_two_write_to_first_is_made_once(owner_db: Database, web_db: Database, settings: Settings) -> None:
    with owner_db.transaction() as session:
        mine = found(session, "Mia's", "mia@example.com").workspace

    def second() -> None:
        with web_db.transaction(workspace=mine) as session:
            write(raw(session), mine, settings)

    with ThreadPoolExecutor(1) as other:
        with web_db.transaction(workspace=mine) as first, owner_db.transaction() as watch:
            write(raw(first), mine, settings)
            late = other.submit(second)
            while not late.done() and not watch.scalar(text(WAITS)):
                pass
        late.result(10)
    with owner_db.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM intent WHERE lane = 'sms:unheard-of'")) == 2
