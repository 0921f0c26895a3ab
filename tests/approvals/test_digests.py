"""Notices without fatigue: the first at once, the next gathered; caps, quiet hours, a reminder; two clocks write once, a dead one loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from approvals import digests, postbox
from approvals.bundles import CodeLocked
from approvals.links import WrongCode
from approvals.people import Rank
from kernel.db import Database
from kernel.settings import Settings
from tests.approvals.hands import rows
from tests.approvals.mail import AN_HOUR_LATER, LATER, QUARTER_LEFT, do, press, secrets_in, tokens
from tests.factories import Bench, Desk
from tests.portal.guest import joined
from workers.clock import post_digests, stop_moot_letters


def test_the_first_is_told_at_once_and_the_next_are_gathered(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    first, *more = [strict.ask(f"Number {n}.") for n in range(5)]
    (letter,) = mail()
    assert ("asks to send an SMS to +447400123456" in letter.body, mail()) == (True, [])
    do(owner_db, LATER)
    (gathered,) = mail()
    assert gathered.subject == "4 requests wait for your say-so"
    assert all(f"{n}. An SMS to +447400123456" in gathered.body for n in range(1, 5))
    do(owner_db, LATER)
    assert mail() == []
    press(strict, first, *secrets_in(letter))
    token, code = secrets_in(gathered)
    opened = tokens(strict, token)
    assert set(opened) == {one.approval_id for one in more}
    for one in more:
        press(strict, one, opened[one.approval_id], code)
    assert {strict.send(one).state for one in [first, *more]} == {"ready"}


def test_each_request_has_a_letter_of_its_own_when_there_is_no_pause(desk: Desk, bench: Bench) -> None:
    """The negative control of the pause."""
    for n in range(5):
        desk.ask(f"Number {n}.")
    bench.drain("email:sandbox")
    assert len(bench.memory.ledger) == 5


def test_two_hundred_requests_are_two_letters_within_ten_minutes(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    with ThreadPoolExecutor(8) as agents:
        list(agents.map(lambda n: strict.ask(f"Number {n}."), range(200)))
    assert len(mail()) == 1
    do(owner_db, LATER)
    assert [letter.subject for letter in mail()] == ["20 requests wait for your say-so"]
    assert mail() == []


def test_no_more_than_the_cap_leaves_in_an_hour_and_the_rest_comes_after(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    told = []
    for n in range(5):
        strict.ask(f"Number {n}.")
        told.append(len(mail()))
        do(owner_db, LATER)
    assert told == [1, 1, 1, 0, 0]
    do(owner_db, AN_HOUR_LATER)
    assert [letter.subject for letter in mail()] == ["2 requests wait for your say-so"]


def test_two_clocks_write_one_letter(strict: Desk, bench: Bench, owner_db: Database) -> None:
    assert race(strict, bench, owner_db) == 1


def test_two_clocks_would_write_two_were_it_not_for_the_turn(strict: Desk, bench: Bench, owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without the row that both want, each writes what it found."""
    monkeypatch.setattr(digests, "take_turns", lambda _line, _settings, _workspace, people: set(people))
    assert race(strict, bench, owner_db) == 4


def race(desk: Desk, bench: Bench, owner_db: Database) -> int:
    """How many letters four clocks write that find the same at once."""
    for n in range(3):
        desk.ask(f"Number {n}.")
    do(owner_db, LATER)
    before = len(rows(owner_db, "SELECT id FROM intent WHERE kind = 'notice'"))
    start = Barrier(4)

    def tick(_: int) -> None:
        with bench.database.line() as line:
            (one,) = digests.due(line, desk.settings)
        try:
            with bench.database.transaction() as session:
                session.execute(text("SELECT 1"))
                start.wait()
                digests.write(session, desk.settings, one)
                if digests.take_turns is not postbox.take_turns:
                    start.wait()
        except digests.NothingToSay:
            pass

    with ThreadPoolExecutor(4) as clocks:
        list(clocks.map(tick, range(4)))
    return len(rows(owner_db, "SELECT id FROM intent WHERE kind = 'notice'")) - before


def test_a_clock_that_dies_before_it_commits_loses_nothing(
    strict: Desk, bench: Bench, owner_db: Database, mail: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    strict.ask("One.")
    strict.ask("Two.")
    mail()
    do(owner_db, LATER)
    with monkeypatch.context() as dying:
        dying.setattr(digests, "invite", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            post_digests(bench.database, strict.settings)
    assert [len(mail()), len(mail())] == [1, 0]


def test_a_letter_that_cannot_be_written_keeps_nobody_elses(
    strict: Desk, bench: Bench, owner_db: Database, mail: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    mona = joined(strict, owner_db, "Mona", Rank.MANAGER)
    strict.ask("One.")
    mail()
    strict.ask("Two.")
    do(owner_db, LATER)
    real, heard = digests.write, []

    def write(session: Session, settings: Settings, one: digests.Due) -> None:
        heard.append(one.person_id)
        if len(heard) == 1:
            raise RuntimeError
        real(session, settings, one)

    with monkeypatch.context() as broken:
        broken.setattr(digests, "write", write)
        post_digests(bench.database, strict.settings)
    assert sorted(heard) == sorted([mona, strict.founded.owner])
    assert [len(mail()), len(mail())] == [2, 0]


def test_a_reminder_comes_once_when_a_quarter_of_the_time_is_left(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    pending = strict.ask()
    mail()
    do(owner_db, LATER)
    assert mail() == []
    do(owner_db, QUARTER_LEFT)
    (reminder,) = mail()
    assert reminder.subject.startswith("Soon over")
    do(owner_db, LATER)
    assert mail() == []
    press(strict, pending, *secrets_in(reminder))


def test_nobody_is_reminded_who_has_voted(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    joined(strict, owner_db, "Mona", Rank.MANAGER)
    pending = strict.ask()
    assert sorted(letter.to for letter in mail()) == ["mona@example.com", "olivia@example.com"]
    do(owner_db, "UPDATE approval SET needs = 2", QUARTER_LEFT, LATER)
    strict.decide(pending)
    assert [letter.to for letter in mail()] == ["mona@example.com"]


def test_a_queued_letter_does_not_leave_when_its_request_was_decided(strict: Desk, bench: Bench, owner_db: Database) -> None:
    strict.decide(strict.ask())
    bench.drain("email:sandbox")
    assert (bench.memory.ledger, rows(owner_db, "SELECT state FROM every_delivery d JOIN intent i ON i.id = intent_id WHERE kind = 'notice'")) == (
        [],
        [("cancelled",)],
    )


def test_a_gathered_letter_leaves_while_one_of_its_requests_waits(strict: Desk, bench: Bench, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    _, one, two = [strict.ask(f"Number {n}.") for n in range(3)]
    mail()
    do(owner_db, LATER)
    post_digests(bench.database, strict.settings)
    strict.decide(one)
    assert [state for (state,) in rows(owner_db, "SELECT state FROM delivery WHERE priority = 10 AND state <> 'sent'")] == ["ready"]
    strict.decide(two)
    assert mail() == []


def test_what_leaves_a_letter_without_a_living_link_is_stopped_by_the_clock(strict: Desk, bench: Bench, owner_db: Database) -> None:
    strict.ask()
    do(owner_db, "UPDATE link SET ended_at = now()")
    stop_moot_letters(bench.database)
    bench.drain("email:sandbox")
    assert bench.memory.ledger == []


def test_links_live_no_longer_than_a_day_and_letters_no_longer_than_their_links(strict: Desk, owner_db: Database) -> None:
    for minutes in (30, 3 * 24 * 60):
        strict.run("request_send_approval", actionType="send_sms", payload={"to": "+447400123456", "body": "Hi."}, expiresInMinutes=minutes)
        do(owner_db, LATER)
    lives = (
        "SELECT round(extract(epoch FROM l.expires_at - now()) / 60)::int, l.expires_at = i.expires_at FROM link l JOIN intent i ON i.id = notice_id ORDER BY 1"
    )
    assert rows(owner_db, lives) == [(30, True), (24 * 60, True)]


def test_all_links_of_a_letter_have_five_wrong_codes_between_them(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    _, *more = [strict.ask(f"Number {n}.") for n in range(4)]
    mail()
    do(owner_db, LATER)
    token, code = secrets_in(mail()[0])
    opened = tokens(strict, token)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    press(strict, more[0], opened[more[0].approval_id], code)
    for n in range(5):
        with pytest.raises(WrongCode):
            press(strict, more[1 + n % 2], opened[more[1 + n % 2].approval_id], wrong)
    for one in more[1:]:
        with pytest.raises(CodeLocked):
            press(strict, one, opened[one.approval_id], code)
