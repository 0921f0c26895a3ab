"""Where and when people are written to: quiet hours on the clock of the business, and phones that are their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from approvals.postbox import Wish
from approvals.wording import Asked
from kernel.db import Database
from outbox.kinds.sms import count_segments
from tests.approvals.mail import AGAIN, QUIET, do, press, secrets_in
from tests.factories import Desk


def test_quiet_hours_hold_a_letter_back_unless_it_would_be_too_late(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    do(owner_db, QUIET)
    strict.ask("It can wait.")
    do(owner_db, "UPDATE approval SET expires_at = now() + interval '3 days'")
    assert mail() == []
    do(owner_db, "UPDATE approval SET expires_at = now() + interval '2 min'")
    assert len(mail()) == 1


def test_what_quiet_hours_held_back_comes_after_them(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]]) -> None:
    do(owner_db, QUIET)
    strict.ask("One.")
    strict.ask("Two.")
    do(owner_db, "UPDATE approval SET expires_at = now() + interval '3 days'")
    assert mail() == []
    do(owner_db, "UPDATE reach SET quiet_from = NULL, quiet_to = NULL")
    assert [letter.subject for letter in mail()] == ["2 requests wait for your say-so"]


PARIS = ZoneInfo("Europe/Paris")
NIGHT, NOON = Wish(None, "email", time(21), time(8)), Wish(None, "email", time(12), time(14))


@pytest.mark.parametrize(
    ("wish", "hour", "ends"),
    [
        (Wish(), 3, None),
        (NIGHT, 20, None),
        (NIGHT, 21, (13, 8)),
        (NIGHT, 23, (13, 8)),
        (NIGHT, 0, (12, 8)),
        (NIGHT, 7, (12, 8)),
        (NIGHT, 8, None),
        (NOON, 11, None),
        (NOON, 12, (12, 14)),
        (NOON, 13, (12, 14)),
        (NOON, 14, None),
    ],
)
def test_quiet_hours_are_told_by_the_clock_of_the_business(wish: Wish, hour: int, ends: tuple[int, int] | None) -> None:
    moment = datetime(2026, 6, 12, hour, tzinfo=PARIS).astimezone(UTC)
    until = wish.quiet_until(moment, PARIS)
    assert until == (datetime(2026, 6, *ends, tzinfo=PARIS) if ends else None)
    assert wish.lets(moment, PARIS, moment + timedelta(minutes=1))
    assert wish.lets(moment, PARIS, moment + timedelta(days=2)) == (ends is None)


@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_a_notice_comes_to_the_phone_when_its_person_wishes_so(strict: Desk, owner_db: Database, mail: Callable[[], list[Any]], channel: str) -> None:
    do(owner_db, "UPDATE workspace SET name = 'Studio Olá für Schönheit und alles, was dazu gehört ✂️'")
    do(owner_db, "SET LOCAL session_replication_role = replica", "UPDATE person SET phone = '+447400999888'")
    do(owner_db, "INSERT INTO reach (person_id, workspace_id, channel) SELECT id, workspace_id, :channel FROM person", channel=channel)
    pending = strict.ask()
    (told,) = mail()
    assert (told.channel, told.to, count_segments(told.body) <= 2) == (channel, "+447400999888", True)
    press(strict, pending, *secrets_in(told))


def test_what_a_letter_names_survives_an_erased_preview() -> None:
    one = Asked(UUID(int=1), "agent", [], datetime.now(UTC))
    assert (one.what, one.whom) == ("something", "somebody")


def test_a_text_goes_to_the_phones_of_our_own_people_and_to_nobody_elses(desk: Desk, owner_db: Database) -> None:
    do(owner_db, "INSERT INTO reach (person_id, workspace_id, channel) SELECT id, workspace_id, 'sms' FROM person")
    do(owner_db, "SET LOCAL session_replication_role = replica", "UPDATE person SET phone = '+447400999888'")
    desk.ask()
    clear = ("SET LOCAL session_replication_role = replica", "DELETE FROM delivery", "DELETE FROM grants", "SET LOCAL session_replication_role = origin")
    do(owner_db, *clear, AGAIN)
    with pytest.raises(Exception, match="only a notice to a person of the workspace"):
        do(owner_db, *clear, "UPDATE content SET recipient = '+447400123456'", AGAIN)
    with pytest.raises(Exception, match="only a notice to a person of the workspace"):
        do(owner_db, *clear, "UPDATE content SET recipient = 'olivia@example.com'", AGAIN)
