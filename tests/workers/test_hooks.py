"""Webhooks on their way: every event is posted in the transaction's own order of ids until it is taken, and nobody waits for somebody else's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from threading import Event, Lock
from typing import Any

from sqlalchemy import text

from kernel.db import Database
from kernel.keys import show
from kernel.settings import CHECKOUT
from outbox import posts
from outbox.events import happened_in
from outbox.hooks import every
from outbox.posts import Heard
from providers.transport import Answer, Lost
from tests.approvals.hands import rows
from tests.factories import Desk
from tests.fixtures.waiting import until
from tests.outbox.test_hooks import added, keep
from workers.hooks import HANDS, Hooks

PAGE = CHECKOUT / "docs" / "webhooks.md"
URL = "https://hear.example/in"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE hook %'"
DUE_NOW = "UPDATE hook_post SET due_at = now() WHERE state = 'due'"


class Receiver:
    """Somebody who is told: answers as it was told to, and keeps what came."""

    def __init__(self, *answers: int | Exception) -> None:
        self.heard: list[tuple[str, bytes, Mapping[str, str]]] = []
        self._answers = list(answers)
        self._lock = Lock()

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """One post."""
        with self._lock:
            self.heard.append((url, body, headers))
            answer = self._answers.pop(0) if self._answers else 204
        if isinstance(answer, Exception):
            raise answer
        return Answer(answer, {"retry-after": "9"}, b"")

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _, _, headers in self.heard]

    @property
    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body, _ in self.heard]


def tell(desk: Desk, kind: str = "thing.happened") -> None:
    with desk.database.transaction(desk.founded.workspace) as session:
        happened_in(session, desk.founded.workspace, kind, "int_1", number=1)


def served(desk: Desk, worker_db: Database, receiver: Any) -> None:
    """Post until nothing is due now."""
    hooks = Hooks(worker_db, desk.settings.secrets, receiver)
    hooks.look()
    until(lambda: not hooks.is_busy, 10, "the webhooks do not come to rest")
    hooks.stop()


def states(owner_db: Database) -> Counter[str]:
    return Counter(state for (state,) in rows(owner_db, "SELECT state FROM hook_post"))


def test_a_decision_is_told_with_a_signature_that_the_receiver_checks(desk: Desk, worker_db: Database) -> None:
    _, secret = added(desk)
    pending = desk.approved()
    receiver = Receiver()
    served(desk, worker_db, receiver)
    assert receiver.types == ["hook.added", "approval.requested", "approval.approved"]
    url, body, headers = receiver.heard[-1]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}"
    told = json.loads(body)
    assert (url, told["data"]["subject"], told["data"]["id"]) == (URL, show("apr", pending.approval_id), headers["webhook-id"])
    assert "Your table is ready." not in str(receiver.heard)


def test_the_check_in_the_documentation_takes_ours_and_refuses_others(desk: Desk, worker_db: Database) -> None:
    _, secret = added(desk)
    receiver = Receiver()
    served(desk, worker_db, receiver)
    ((_, body, headers),) = receiver.heard
    told: dict[str, Any] = {}
    exec(PAGE.read_text().split("```python\n")[1].split("```")[0], told)  # noqa: S102 - our own page
    checks = [
        (secret, headers, body),
        (secret, headers, body + b" "),
        (secret[:-4] + "AAA=", headers, body),
        (secret, {**headers, "webhook-timestamp": "1"}, body),
    ]
    assert [told["is_ours"](*each) for each in checks] == [True, False, False, False]


def test_what_was_written_in_a_transaction_that_failed_is_told_to_nobody(desk: Desk, owner_db: Database) -> None:
    added(desk)
    with suppress(RuntimeError), desk.database.transaction(desk.founded.workspace) as session:
        happened_in(session, desk.founded.workspace, "thing.happened", "int_1")
        raise RuntimeError
    assert states(owner_db)["due"] == 1


def test_a_post_that_is_not_taken_goes_again_under_its_id_until_it_is(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    added(desk)
    receiver = Receiver(500, Lost("broken"), 302)
    for turn in range(4):
        served(desk, worker_db, receiver)
        served(desk, worker_db, receiver)
        assert len(receiver.heard) == turn + 1, "a try came before its time"
        hurry(owner_db)
    assert len(set(receiver.ids)) == 1
    assert rows(owner_db, "SELECT state, tries, status FROM hook_post") == [("taken", 4, 204)]


def hurry(owner_db: Database) -> None:
    """Let the time pass that a post waits."""
    with owner_db.transaction() as session:
        session.execute(text(DUE_NOW))


def test_a_post_is_given_up_after_eight_tries_and_goes_again_when_a_person_says_so(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    hook, _ = added(desk)
    receiver = Receiver(*[500] * 8)
    for _ in range(10):
        served(desk, worker_db, receiver)
        hurry(owner_db)
    assert (len(receiver.heard), states(owner_db)) == (8, Counter(dead=1))
    assert keep(desk, "replay", hook) == 1
    served(desk, worker_db, receiver)
    assert receiver.types[8:] == ["hook.added", "hook.replayed"]
    assert receiver.ids[8] == receiver.ids[0]


def test_whoever_dies_in_a_try_leaves_a_post_that_falls_due_again(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    hook, _ = added(desk)
    with worker_db.line() as line:
        died = posts.take(line, hook)
    assert died
    receiver = Receiver()
    served(desk, worker_db, receiver)
    assert receiver.heard == []
    hurry(owner_db)
    served(desk, worker_db, receiver)
    assert receiver.types == ["hook.added"]
    with worker_db.line() as line:
        posts.record(line, died, Heard(500))
    assert states(owner_db) == Counter(taken=1)


def test_an_address_that_is_gone_is_told_nothing_more(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    added(desk)
    tell(desk)
    receiver = Receiver(410)
    served(desk, worker_db, receiver)
    tell(desk)
    hurry(owner_db)
    served(desk, worker_db, receiver)
    assert (len(receiver.heard), states(owner_db)) == (1, Counter(dead=2))
    with desk.database.transaction(desk.founded.workspace) as session:
        (hook,) = every(session, desk.founded.workspace)
    assert hook.ended_because == "it answered 410 Gone"


def test_an_ended_one_is_told_nothing_more(desk: Desk, worker_db: Database) -> None:
    hook, _ = added(desk)
    keep(desk, "end", hook)
    tell(desk)
    receiver = Receiver()
    served(desk, worker_db, receiver)
    assert receiver.heard == []


def test_a_slow_address_holds_up_nobody_else(desk: Desk, worker_db: Database) -> None:
    for name in ("slow", "quick"):
        added(desk, f"https://{name}.example/")
    release, quick = Event(), Event()

    def answer(url: str, _body: bytes, _headers: Mapping[str, str]) -> Answer:
        if "slow" in url:
            release.wait(10)
        else:
            quick.set()
        return Answer(200, {}, b"")

    hooks = Hooks(worker_db, desk.settings.secrets, answer)
    hooks.look()
    assert quick.wait(10)
    release.set()
    hooks.stop()


def test_several_workers_post_each_event_once(desk: Desk, worker_db: Database) -> None:
    added(desk)
    for _ in range(60):
        tell(desk)
    receiver = Receiver()
    workers = [Hooks(worker_db, desk.settings.secrets, receiver) for _ in range(3)]
    for hooks in workers:
        hooks.look()
    until(lambda: not any(hooks.is_busy for hooks in workers), 20, "the webhooks do not come to rest")
    assert (len(receiver.ids), len(set(receiver.ids))) == (61, 61)


def test_both_secrets_sign_for_a_day_after_a_change(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    hook, old = added(desk)
    new = keep(desk, "rotate", hook)
    receiver = Receiver()
    served(desk, worker_db, receiver)
    assert old != new
    assert {len(headers["webhook-signature"].split()) for _, _, headers in receiver.heard} == {2}
    with owner_db.transaction() as session:
        session.execute(text("UPDATE hook SET old_until = now()"))
    tell(desk)
    served(desk, worker_db, receiver)
    assert len(receiver.heard[-1][2]["webhook-signature"].split()) == 1


def test_more_addresses_than_hands_are_all_served(desk: Desk, worker_db: Database) -> None:
    for number in range(HANDS + 2):
        added(desk, f"https://{number}.example/")
    receiver = Receiver()
    served(desk, worker_db, receiver)
    served(desk, worker_db, receiver)
    assert len({url for url, _, _ in receiver.heard}) == HANDS + 2


def test_a_post_that_cannot_be_written_is_given_up_like_any_other_and_stops_nobody(desk: Desk, worker_db: Database, owner_db: Database) -> None:
    added(desk)
    with desk.database.transaction(desk.founded.workspace) as session:
        happened_in(session, desk.founded.workspace, "thing.happened", "int_1", number=2**60)
    tell(desk)
    receiver = Receiver()
    for _ in range(8):
        for _ in range(3):
            served(desk, worker_db, receiver)
        hurry(owner_db)
    assert rows(owner_db, "SELECT tries, fault FROM hook_post WHERE state = 'dead'") == [(8, "It could not be posted (IntegerDomainError).")]
    assert receiver.types == ["hook.added", "thing.happened"]
