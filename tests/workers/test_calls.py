"""The last look before a call: the bytes must say what the rows say, for the gate judged the rows."""

from __future__ import annotations

from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from kernel.clock import monotonic
from kernel.keys import new_id
from outbox.claims import START_OF_ROUND, Ask
from outbox.content import KINDS, Content
from outbox.dispatch import Accepted, Later, Outcome, Unsure
from outbox.kinds.email import Email
from outbox.kinds.notice import Notice
from outbox.kinds.sms import Sms
from outbox.snapshot import Snapshot
from outbox.store import tick
from providers.memory import Memory
from tests.factories import Bench, Desk
from tests.fixtures.waiting import until
from workers import calls

OWNER = "olivia@example.com"
STRANGER = "stranger@example.com"
# What the web role can write without anybody's say-so: rows that tell of a notice to one of the workspace's own people.
FORGED = (
    "INSERT INTO lane (id) VALUES (:lane)",
    """INSERT INTO intent (id, workspace_id, kind, lane, digest, on_unknown, asked_by_kind, asked_by_name)
    VALUES (:intent, :workspace, 'notice', :lane, :digest, 'hold', 'system', 'sayso')""",
    f"INSERT INTO content (intent_id, workspace_id, recipient, snapshot, sealed) VALUES (:intent, :workspace, '{OWNER}', :body, false)",
    "INSERT INTO grants (id, workspace_id, intent_id, digest, source) VALUES (:grant, :workspace, :intent, :digest, 'system')",
    """INSERT INTO delivery (intent_id, workspace_id, digest, grant_id, state, lane, priority, due_at)
    VALUES (:intent, :workspace, :digest, :grant, 'ready', :lane, 10, now())""",
)
SMS_TO_A_STRANGER = Sms(to="+447400999999", body="Pay here.")
HONEST = Notice(to=OWNER, subject="Hello", body="Hello.")
LIES: dict[str, tuple[str, Content]] = {
    "all of it": ("sms:sandbox", SMS_TO_A_STRANGER),
    "the kind": ("email:sandbox", Email(to=OWNER, subject="Hello", body="Hello.")),
    "the recipient": ("email:sandbox", Notice(to=STRANGER, subject="Hello", body="Hello.")),
    "the channel": ("sms:sandbox", HONEST),
}


def forge(desk: Desk, lane: str, content: Content, workspace: UUID | None = None) -> str:
    """Write the rows as the web role, let them be drained, and answer where the send stands."""
    snapshot = Snapshot(workspace or desk.founded.workspace, "+15005550006", content)
    row = {"intent": new_id(), "grant": new_id(), "workspace": desk.founded.workspace, "lane": lane, "digest": snapshot.digest, "body": snapshot.canonical()}
    with desk.database.transaction(desk.founded.workspace) as session:
        for statement in FORGED:
            session.execute(text(statement), row)
    return str(row["intent"])


STANDS = "SELECT d.state, a.reason FROM delivery d JOIN attempt a USING (intent_id) WHERE d.intent_id = :intent"


def state(desk: Desk, intent: str) -> tuple[str, str]:
    with desk.database.transaction(desk.founded.workspace) as session:
        where, why = session.execute(text(STANDS), {"intent": intent}).one()
        return where, why


@pytest.mark.parametrize("lie", LIES)
def test_nothing_is_dialled_when_the_bytes_say_other_than_the_rows(desk: Desk, bench: Bench, lie: str) -> None:
    lane, content = LIES[lie]
    intent = forge(desk, lane, content)
    bench.drain(lane)
    assert not [sent for sent in bench.memory.ledger if str(sent.intent) == intent]
    assert state(desk, intent) == ("failed", calls.ALTERED)


def test_nothing_is_dialled_when_the_bytes_are_of_another_workspace(desk: Desk, bench: Bench) -> None:
    intent = forge(desk, "email:sandbox", HONEST, workspace=new_id())
    bench.drain("email:sandbox")
    assert state(desk, intent) == ("failed", calls.ALTERED)


def test_an_honest_notice_leaves(desk: Desk, bench: Bench) -> None:
    intent = forge(desk, "email:sandbox", HONEST)
    bench.drain("email:sandbox")
    assert state(desk, intent)[0] == "sent"


def test_nothing_is_dialled_after_the_deadline(desk: Desk, bench: Bench) -> None:
    desk.approved()
    with bench.database.line() as line:
        (claimed,) = tick(line, Ask("sms:sandbox", new_id(), 1, 30.0, START_OF_ROUND), [])
    dials = calls.Calls(desk.settings, {"sandbox": bench.memory})
    late = dials.call("sms:sandbox", claimed, monotonic() - 0.001).outcome
    assert (isinstance(late, Later) and late.counts, bench.memory.ledger) == (False, [])
    assert isinstance(dials.call("sms:sandbox", claimed, monotonic() + 10).outcome, Accepted)


def test_nothing_is_dialled_when_finding_the_account_took_longer_than_the_lease(desk: Desk, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.approved()
    with bench.database.line() as line:
        (claimed,) = tick(line, Ask("sms:sandbox", new_id(), 1, 30.0, START_OF_ROUND), [])
    dials, deadline = calls.Calls(desk.settings, {"sandbox": bench.memory}), monotonic() + 0.05

    def slowly(lane: str, workspace: UUID | None = None) -> Memory:
        until(lambda: monotonic() > deadline, 5, "time stands still")
        return bench.memory

    monkeypatch.setattr(dials, "serving", slowly)
    assert (dials.call("sms:sandbox", claimed, deadline).outcome, bench.memory.ledger) == (Later(calls.TOO_LATE, after=1.0, counts=False), [])


def test_a_kind_of_a_newer_version_waits_for_a_worker_that_knows_it(desk: Desk, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    pending = desk.approved()
    with monkeypatch.context() as older:
        older.delitem(KINDS, "sms")
        bench.drain()
    assert (desk.send(pending).state, desk.send(pending).wait_reason, bench.memory.ledger) == ("ready", calls.UNKNOWN, [])
    come_due(bench)
    bench.drain()
    assert (desk.send(pending).state, len(bench.memory.ledger)) == ("sent", 1)


def test_what_a_worker_without_the_secret_cannot_open_waits_for_one_that_has_it(desk: Desk, bench: Bench) -> None:
    desk.ask()
    other = bench.settings.model_copy(update={"secret_key": SecretStr("another secret of more than thirty-two characters")})
    Bench(bench.database, other, bench.memory).drain("email:sandbox")
    assert bench.memory.ledger == []
    come_due(bench)
    bench.drain("email:sandbox")
    assert [sent.recipient for sent in bench.memory.ledger] == [OWNER]


def come_due(bench: Bench) -> None:
    with bench.database.transaction() as session:
        session.execute(text("UPDATE delivery SET due_at = now() WHERE state = 'ready'"))


def test_the_stranger_would_be_dialled_were_it_not_for_the_last_look(desk: Desk, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the comparison this SMS leaves, and no person ever saw it."""
    monkeypatch.setattr(calls, "agrees", lambda *_: True)
    forge(desk, "sms:sandbox", SMS_TO_A_STRANGER)
    bench.drain()
    assert [sent.recipient for sent in bench.memory.ledger] == [SMS_TO_A_STRANGER.to]


def test_unreadable_bytes_are_refused_instead_of_stopping_the_lane(desk: Desk, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Snapshot, "canonical", lambda _: b'["no snapshot"]')
    intent = forge(desk, "email:sandbox", HONEST)
    monkeypatch.undo()
    bench.drain("email:sandbox")
    assert state(desk, intent) == ("failed", calls.ALTERED)


@pytest.mark.parametrize("outcome", [Later("not \0 now \ud800", after=60.0), Unsure("per\0haps \ud800"), Later("no\0 entry \ud800", lane_fault=True)])
def test_words_that_the_database_cannot_keep_stop_no_lane(desk: Desk, bench: Bench, outcome: Outcome) -> None:
    pending = desk.approved()
    bench.memory.tell(outcome)
    bench.drain()
    assert desk.send(pending).state == ("in_doubt" if isinstance(outcome, Unsure) else "ready")


def test_what_an_adapter_says_as_it_falls_does_not_reach_the_log(desk: Desk, bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    pending = desk.approved("Your diagnosis is ready.")
    bench.memory.tell(ValueError("cannot encode 'Your diagnosis is ready.'"))
    bench.drain()
    assert desk.send(pending).state == "in_doubt"
    said = [record for record in caplog.records if record.name == calls.log.name]
    assert "ValueError < " in said[0].getMessage()
    assert "diagnosis" not in caplog.text
