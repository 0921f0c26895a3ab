"""Events on the command line of the host: listed with what became of each, and worked off once more, one by its key or many by what they are."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from kernel.db import Database
from outbox.dispatch import ObjectEvent
from outbox.inbox import store
from processes import events
from processes.command import app
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.portal.guest import changed

NEW = "SELECT key FROM inbox WHERE state = 'new' ORDER BY key"


def run(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["events", *words])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture(autouse=True)
def kept(desk: Desk, owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four events of four days, one of which died."""
    monkeypatch.setattr(events, "attached", lambda: desk.settings)
    with desk.database.transaction() as session:
        for day in range(1, 5):
            store(session, "stripe", ObjectEvent(f"evt_{day}", "charge.refunded" if day % 2 else "refund.created", {}))
    changed(owner_db, "UPDATE inbox SET state = 'done', received_at = ('2026-05-0' || right(key, 1))::date::timestamp AT TIME ZONE 'UTC'")
    changed(owner_db, "UPDATE inbox SET state = 'dead', tries = 10, reason = 'it is about \x1b[2J nothing' WHERE key = 'evt_3'")


def test_they_are_listed_newest_first_with_the_reason_of_what_died() -> None:
    assert "evt_4" in run("list").splitlines()[0]
    dead = run("list", "--state", "dead")
    assert ("charge.refunded" in dead, "it is about" in dead, "\x1b" in dead) == (True, True, False)
    assert run("list", "--since", "2026-05-02", "--until", "2026-05-03T00:00+00:00", "--limit", "9").count("\n") == 1


def test_one_is_replayed_by_its_key_and_many_by_what_they_are(owner_db: Database) -> None:
    assert run("replay", "evt_3", "evt_1").strip() == "2 events are worked off again"
    assert rows(owner_db, NEW) == [("evt_1",), ("evt_3",)]
    assert run("replay", "--type", "refund.created", "--since", "2026-05-03").strip() == "1 events are worked off again"
    assert rows(owner_db, NEW) == [("evt_1",), ("evt_3",), ("evt_4",)]


@pytest.mark.parametrize("words", [("replay",), ("replay", "--since", "yesterday"), ("list", "--state", "lost")])
def test_what_is_not_said_clearly_replays_nothing(owner_db: Database, words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, ["events", *words])
    assert done.exit_code != 0
    assert rows(owner_db, NEW) == []
