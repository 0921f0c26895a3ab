"""A person settles doubts and replays dead letters: what follows, what is refused, and that the first word wins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest

from approvals import standstill
from approvals.people import Person
from approvals.requests import Pending
from approvals.resolve import ContentErased, NotDead, NotInDoubt, ProvedSent, SendExpired, Subject, Verdict, pause, replay, resolve, resume
from crm.access.setup import found
from kernel.db import Database
from kernel.errors import NotFound, SaysoError
from kernel.keys import new_id
from outbox import store, wake
from outbox.dispatch import Later, Status, StatusEvent, Unsure
from outbox.facts import Scope
from tests.approvals.hands import LANE, WHY, act, dead, doubt, of_key, rows
from tests.factories import Bench, Desk
from tests.portal.guest import changed

ROUNDS = 50


@pytest.mark.parametrize("end", [("sent", "sent", "sent"), ("again", "ready", "again"), ("give_up", "failed", "given_up")])
def test_a_doubt_goes_where_the_person_says(desk: Desk, bench: Bench, owner_db: Database, end: tuple[Verdict, str, str]) -> None:
    verdict, state, outcome = end
    pending = doubt(desk, bench)
    rung: list[str] = []
    wake.install(rung.extend)
    act(desk, resolve, pending.intent_ids[0], verdict, WHY)
    assert desk.send(pending).state == state
    assert rung == ([LANE] if verdict == "again" else [])
    assert rows(owner_db, "SELECT number, outcome, reason FROM attempt WHERE source = 'person'") == [(1, outcome, WHY)]
    noted = rows(owner_db, "SELECT actor, subject, detail->>'verdict' FROM audit WHERE action = 'doubt.resolved'")
    assert noted == [("person: Olivia", str(pending.intent_ids[0]), verdict)]


def test_what_is_sent_again_is_a_new_attempt_of_the_same_bytes(desk: Desk, bench: Bench) -> None:
    pending = doubt(desk, bench)
    act(desk, resolve, pending.intent_ids[0], "again", WHY)
    bench.drain()
    send = desk.send(pending)
    assert (send.state, send.attempts, send.digest_sent) == ("sent", 2, pending.digest)
    assert [call.attempt for call in bench.memory.ledger] == [1, 2]


def test_a_dead_letter_tries_again_with_the_same_bytes(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = dead(desk, bench)
    rung: list[str] = []
    wake.install(rung.extend)
    act(desk, replay, pending.intent_ids[0])
    assert rung == [LANE]
    bench.drain()
    assert (desk.send(pending).state, desk.send(pending).digest_sent) == ("sent", pending.digest)
    assert rows(owner_db, "SELECT count(*) FROM audit WHERE action = 'dead_letter.replayed'") == [(1,)]


@pytest.mark.parametrize("state", ["held", "ready", "blocked", "sent", "delivered", "failed", "cancelled", "expired"])
def test_only_a_doubt_is_settled(desk: Desk, bench: Bench, owner_db: Database, state: str) -> None:
    pending = doubt(desk, bench)
    changed(owner_db, "UPDATE delivery SET state = :state", state=state)
    with pytest.raises(NotInDoubt) as told:
        act(desk, resolve, pending.intent_ids[0], "again", WHY)
    assert told.value.data == {"state": state}
    assert rows(owner_db, "SELECT count(*) FROM attempt WHERE source = 'person'") == [(0,)]


@pytest.mark.parametrize("state", ["held", "ready", "in_doubt", "sent", "undelivered", "rejected", "suppressed"])
def test_only_a_dead_letter_is_replayed(desk: Desk, bench: Bench, owner_db: Database, state: str) -> None:
    pending = dead(desk, bench)
    changed(owner_db, "UPDATE delivery SET state = :state", state=state)
    with pytest.raises(NotDead):
        act(desk, replay, pending.intent_ids[0])


def test_what_expired_or_was_erased_is_not_sent_again(desk: Desk, bench: Bench, owner_db: Database) -> None:
    letter, unclear = dead(desk, bench), doubt(desk, bench)
    for statement, refusal in (
        ("UPDATE intent SET expires_at = now() - interval '1 s'", SendExpired),
        ("UPDATE intent SET expires_at = NULL", None),
        ("UPDATE content SET snapshot = '', wiped_at = now()", ContentErased),
    ):
        changed(owner_db, statement)
        if refusal is None:
            continue
        with pytest.raises(refusal):
            act(desk, replay, letter.intent_ids[0])
        with pytest.raises(refusal):
            act(desk, resolve, unclear.intent_ids[0], "again", WHY)
    act(desk, resolve, unclear.intent_ids[0], "sent", WHY)
    assert desk.send(unclear).state == "sent"


def says(bench: Bench, intent: UUID, attempt: int, status: Status) -> None:
    """The provider's word about one attempt."""
    with bench.database.line() as line, line.transaction():
        assert store.reconcile(line, StatusEvent("late", status, None, None), (intent, attempt))


@pytest.mark.parametrize("status", ["sent", "delivered", "undelivered"])
def test_what_was_given_up_follows_the_word_of_the_provider(desk: Desk, bench: Bench, status: Status) -> None:
    pending = doubt(desk, bench)
    act(desk, resolve, pending.intent_ids[0], "give_up", WHY)
    says(bench, pending.intent_ids[0], 1, status)
    assert desk.send(pending).state == status
    with pytest.raises(NotDead):
        act(desk, replay, pending.intent_ids[0])


def test_a_replayed_one_is_stopped_when_the_provider_says_that_it_has_it(desk: Desk, bench: Bench, owner_db: Database) -> None:
    for key in (None, "mia"):
        pending = doubt(desk, bench)
        changed(owner_db, "UPDATE delivery SET order_key = :key WHERE intent_id = :i", key=key, i=pending.intent_ids[0])
        act(desk, resolve, pending.intent_ids[0], "give_up", WHY)
        act(desk, replay, pending.intent_ids[0])
        assert desk.send(pending).state == ("blocked" if key else "ready")
        says(bench, pending.intent_ids[0], 1, "delivered")
        bench.drain()
        assert (desk.send(pending).state, desk.send(pending).attempts) == ("delivered", 1)


def test_a_second_doubt_is_not_sent_again_when_the_provider_has_the_first(desk: Desk, bench: Bench) -> None:
    pending = twice_in_doubt(desk, bench)
    says(bench, pending.intent_ids[0], 1, "delivered")
    assert desk.send(pending).state == "in_doubt"
    with pytest.raises(ProvedSent):
        act(desk, resolve, pending.intent_ids[0], "again", WHY)
    assert act(desk, resolve, pending.intent_ids[0], "give_up", WHY) == "delivered"


def test_a_second_doubt_may_be_sent_again_when_the_first_did_not_arrive(desk: Desk, bench: Bench) -> None:
    pending = twice_in_doubt(desk, bench)
    says(bench, pending.intent_ids[0], 1, "undelivered")
    assert act(desk, resolve, pending.intent_ids[0], "again", WHY) == "ready"


def twice_in_doubt(desk: Desk, bench: Bench) -> Pending:
    pending = doubt(desk, bench)
    act(desk, resolve, pending.intent_ids[0], "again", WHY)
    bench.memory.tell(Unsure("the connection broke off again"))
    bench.drain()
    assert (desk.send(pending).state, desk.send(pending).attempts) == ("in_doubt", 2)
    return pending


def test_a_replayed_one_has_all_its_tries_again(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = dead(desk, bench)
    changed(owner_db, "UPDATE delivery SET tries = 12")
    act(desk, replay, pending.intent_ids[0])
    bench.memory.tell(Later("busy"))
    bench.drain()
    assert rows(owner_db, "SELECT state, tries FROM delivery WHERE lane = :lane", lane=LANE) == [("ready", 1)]


def test_a_keyed_dead_letter_goes_behind_the_one_that_leads(desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = dead(desk, bench)
    changed(owner_db, "UPDATE delivery SET order_key = 'mia'")
    act(desk, replay, pending.intent_ids[0])
    assert desk.send(pending).state == "blocked"
    bench.drain()
    assert desk.send(pending).state == "sent"


def test_a_doubt_shows_its_evidence_and_the_beginning_of_its_text(desk: Desk, bench: Bench) -> None:
    pending = doubt(desk, bench, "First line.\nSecond line.")
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        (shown,) = standstill.stuck(session, desk.founded.workspace, "in_doubt")
        assert standstill.count(session, desk.founded.workspace, "in_doubt") == 1
        assert standstill.stuck(session, desk.founded.workspace, "failed") == []
    assert (shown.intent_id, shown.first_line, shown.recipient, shown.may_have_left) == (pending.intent_ids[0], "First line.", "+447400123456", True)
    assert [(seen.source, seen.outcome, seen.reason) for seen in shown.evidence] == [("call", "unsure", "the connection broke off")]
    assert shown.reason == "the connection broke off"


def test_another_workspace_finds_nothing_to_settle(desk: Desk, bench: Bench, owner_db: Database) -> None:
    unclear, letter = doubt(desk, bench), dead(desk, bench)
    with owner_db.transaction() as session:
        eve = found(session, "Other", "eve@example.com")
    with desk.database.transaction(workspace=eve.workspace) as session:
        stranger = session.get_one(Person, eve.owner)
        for deed, intent in ((resolve, unclear.intent_ids[0]), (replay, letter.intent_ids[0]), (replay, new_id())):
            with pytest.raises(NotFound):
                deed(session, stranger, intent, *(["again", WHY] if deed is resolve else []))
        for subject in (of_key(desk), Subject("key", Scope(key=new_id()))):
            with pytest.raises(NotFound):
                pause(session, stranger, subject, "mine", desk.settings)
            with pytest.raises(NotFound):
                resume(session, stranger, subject, "mine", desk.settings)
        assert standstill.stuck(session, eve.workspace, "in_doubt") == []
    assert (desk.send(unclear).state, desk.send(letter).state) == ("in_doubt", "failed")


def _told(deed: Callable[[], object]) -> str:
    try:
        deed()
    except SaysoError as refused:
        return refused.code
    return "won"


def _at_once(deeds: list[Callable[[], object]]) -> list[str]:
    start = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> str:
        start.wait(10)
        return _told(deed)

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_one_word_wins_when_people_and_a_callback_speak_at_once(desk: Desk, bench: Bench, owner_db: Database) -> None:
    """Two people say different things while the provider says it was delivered: one settles it, nothing is undone, nothing is lost."""
    ends: Counter[str] = Counter()
    for number in range(ROUNDS):
        pending = doubt(desk, bench, f"Round {number}")
        intent = pending.intent_ids[0]

        def callback(intent: UUID = intent) -> object:
            with bench.database.line() as line, line.transaction():
                return store.reconcile(line, StatusEvent("memory", "delivered", None, f"ref-{intent}"), (intent, 1))

        def settle(verdict: Verdict, intent: UUID = intent) -> Callable[[], object]:
            return lambda: act(desk, resolve, intent, verdict, WHY)

        told = _at_once([settle("again"), callback, settle("give_up")])
        state = desk.send(pending).state
        winners = [name for name, said in zip(("again", "callback", "give_up"), told, strict=True) if said == "won" and name != "callback"]
        words = [row[0] for row in rows(owner_db, "SELECT outcome FROM attempt WHERE source = 'person' AND intent_id = :i", i=intent)]
        assert len(winners) == len(words) <= 1, (told, words)
        assert set(told) <= {"won", "not_in_doubt"}
        # The provider's word counts after theirs too, as long as no second call has begun.
        assert state == "delivered", (told, state)
        ends[state] += 1
        bench.drain()
        # So many doubts in a row would let the lane rest.
        changed(owner_db, "UPDATE attempt SET at = at - interval '6 minutes'")
    assert sum(ends.values()) == ROUNDS


def test_one_of_two_replays_wins_when_both_press_at_once(desk: Desk, bench: Bench) -> None:
    for _ in range(10):
        pending = dead(desk, bench)
        told = _at_once([lambda it=pending: act(desk, replay, it.intent_ids[0])] * 2)
        assert sorted(told) == ["not_dead", "won"]
        bench.drain()
        assert desk.send(pending).state == "sent"
