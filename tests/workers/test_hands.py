"""The hands: a machine that gives no more threads costs speed, never a slot, a call or the pump."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import pytest
from sqlalchemy import text

from kernel.db import Database
from tests.factories import Bench, Desk
from tests.fixtures.waiting import until
from workers import hands
from workers.calls import Calls
from workers.hands import Hands
from workers.pump import Pump

SENDS = 9


class Scarce:
    """Threads of which only so many can be started."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, target: Callable[[], None], name: str, *, daemon: bool) -> Thread:
        scarce = self

        class Starved(Thread):
            def start(self) -> None:
                if scarce.most <= 0:
                    msg = "can't start new thread"
                    raise RuntimeError(msg)
                scarce.most -= 1
                super().start()

        return Starved(target=target, name=name, daemon=daemon)


def states(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(text("SELECT state FROM delivery WHERE lane = 'sms:sandbox' ORDER BY intent_id")))


@pytest.mark.parametrize("most", [0, 1, 3])
def test_everything_is_sent_once_when_the_machine_gives_few_threads_or_none(
    desk: Desk, bench: Bench, owner_db: Database, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    for number in range(SENDS):
        desk.approved(f"Number {number}")
    calls = Calls(bench.settings, {"sandbox": bench.memory})
    monkeypatch.setattr(hands, "Thread", Scarce(most))
    pump = Pump(
        bench.settings.model_copy(update={"slots": 4}), "sms:sandbox", Hands("call"), lambda claimed, deadline: calls.call("sms:sandbox", claimed, deadline)
    )
    turn = Thread(target=lambda: pump.run(bench.database, 10.0, lambda: None), daemon=True)
    turn.start()
    turn.join(20)
    assert not turn.is_alive(), "the pump hangs"
    assert states(owner_db) == ["sent"] * SENDS
    assert len(bench.memory.ledger) == SENDS


def test_threads_that_could_not_be_had_are_made_later(monkeypatch: pytest.MonkeyPatch) -> None:
    scarce = Scarce(1)
    monkeypatch.setattr(hands, "Thread", scarce)
    made, go, done = Hands("call"), Event(), list[int]()

    def job(number: int) -> Callable[[], None]:
        return lambda: (go.wait(10), done.append(number))[-1]

    made.give([job(1), job(2)])
    scarce.most = 9
    made.give([job(3)])
    go.set()
    until(lambda: sorted(done) == [1, 2, 3], 10, "a job was lost")
    assert scarce.most == 7
