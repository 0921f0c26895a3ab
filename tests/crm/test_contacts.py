"""Customers: known by e-mail address or phone number however it is written, sorted by tags, found by when they last came."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import text

from crm.contacts.known import AccountTaken
from crm.contacts.shapes import MOST_TAGS, Member
from crm.contacts.tools.accounts import Created, Members, TooManyTags
from kernel import clock
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import new_id, show
from tests.approvals.hands import rows
from tests.crm.test_bookings import MONDAY, book, haircut
from tests.factories import Desk


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    at(MONDAY)
    yield
    clock.skew(timedelta(0))


def at(moment: datetime) -> None:
    """Let it be that moment."""
    clock.skew(timedelta(0))
    clock.skew(moment - clock.now())


def customer(desk: Desk, name: str = "Mia Park", **more: Any) -> Created:
    return cast("Created", desk.run("create_account", name=name, **more))


def acc(made: Member) -> str:
    return show("acc", made.account_id)


def found(desk: Desk, **asked: Any) -> list[str]:
    return [one.name for one in cast("Members", desk.run("search_members", **asked)).items]


@pytest.mark.parametrize("again", [{"email": "MIA@Example.com"}, {"phone": "+44 7400 123456"}, {"phone": "whatsapp:+447400123456"}])
def test_a_customer_who_is_known_is_not_made_twice(desk: Desk, again: dict[str, str]) -> None:
    first = customer(desk, email="mia@example.com", phone="+447400123456")
    second = customer(desk, "M. Park", **again, notes="Likes tea.")
    assert (first.is_new, second.is_new, second.account_id == first.account_id) == (True, False, True)
    assert (second.name, second.notes) == ("Mia Park", "Likes tea."), "what is known stands, what was missing is filled in"


def test_a_known_name_is_no_reason_to_take_two_for_one(desk: Desk) -> None:
    assert customer(desk).account_id != customer(desk).account_id


def test_whoever_gives_one_address_is_not_taken_for_somebody_without_the_other(desk: Desk) -> None:
    """A new customer without a phone used to be taken for the first one who has none."""
    customer(desk, "Ana", email="ana@example.com")
    assert customer(desk, "Ben", email="ben@example.com").is_new
    booked = book(desk, haircut(desk), "2026-05-19T09:00:00+02:00", {"name": "Cleo", "email": "cleo@example.com"})
    assert booked.customer_name == "Cleo"


def test_addresses_of_two_customers_are_no_one_customer(desk: Desk) -> None:
    customer(desk, email="mia@example.com")
    customer(desk, "Ben", phone="+447400123456")
    with pytest.raises(AccountTaken):
        customer(desk, "Who", email="mia@example.com", phone="+447400123456")


def test_the_same_customer_fifty_times_at_once_is_made_once(desk: Desk, owner_db: Database) -> None:
    with ThreadPoolExecutor(10) as pool:
        made = list(pool.map(lambda _: customer(desk, email="mia@example.com").account_id, range(50)))
    assert len(set(made)) == 1
    assert rows(owner_db, "SELECT count(*) FROM account") == [(1,)]
    assert rows(owner_db, "SELECT count(*) FROM event WHERE type = 'customer.created'") == [(1,)]


@pytest.mark.parametrize("wrong", [{"email": "mia@"}, {"phone": "12345"}, {"name": "M\nia"}, {"email": "a\r\nBcc: x@y.com"}, {"tags": ["x"]}])
def test_what_is_no_customer_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArguments):
        desk.run("create_account", **{"name": "Mia", **wrong})


def test_a_customer_is_changed_and_an_address_of_another_is_refused(desk: Desk) -> None:
    mia = customer(desk, email="mia@example.com")
    customer(desk, "Ben", email="ben@example.com")
    changed = cast("Member", desk.run("update_account", accountId=acc(mia), name="Mia Lee", phone="+447400123456"))
    assert (changed.name, changed.phone, changed.email) == ("Mia Lee", "+447400123456", "mia@example.com")
    with pytest.raises(AccountTaken):
        desk.run("update_account", accountId=acc(mia), email="BEN@example.com")
    with pytest.raises(InvalidArguments):
        desk.run("update_account", accountId=acc(mia))


def test_tags_are_kept_in_one_spelling_and_customers_found_by_all_of_them(desk: Desk) -> None:
    mia, ben = customer(desk), customer(desk, "Ben")
    tagged = cast("Member", desk.run("attach_tags", accountId=acc(mia), tags=["VIP", "  colour   client ", "vip"]))
    assert tagged.tags == ["colour client", "vip"]
    desk.run("attach_tags", accountId=acc(ben), tags=["vip"])
    assert (found(desk, tags=["Vip"]), found(desk, tags=["vip", "colour client"])) == (["Mia Park", "Ben"], ["Mia Park"])
    assert cast("Member", desk.run("remove_tags", accountId=acc(mia), tags=["vip", "never had"])).tags == ["colour client"]
    assert found(desk, tags=["vip"]) == ["Ben"]


@pytest.mark.parametrize("tag", ["", " ", "a,b", "x" * 41, "a\nb"])
def test_what_is_no_tag_is_refused(desk: Desk, tag: str) -> None:
    with pytest.raises(InvalidArguments):
        desk.run("attach_tags", accountId=acc(customer(desk)), tags=[tag])


def test_tags_do_not_pile_up_without_end(desk: Desk) -> None:
    mia = customer(desk)
    desk.run("attach_tags", accountId=acc(mia), tags=[f"tag {number}" for number in range(MOST_TAGS)])
    with pytest.raises(TooManyTags):
        desk.run("attach_tags", accountId=acc(mia), tags=["one more"])
    assert len(cast("Member", desk.run("get_member_profile", accountId=acc(mia))).tags) == MOST_TAGS


def test_whoever_was_not_here_for_so_many_days_is_inactive(desk: Desk, owner_db: Database) -> None:
    for name in ("came long ago", "came lately", "never came"):
        customer(desk, name, email=f"{name.replace(' ', '.')}@example.com")
    with owner_db.transaction() as session:
        session.execute(text("UPDATE account SET created_at = :then"), {"then": MONDAY - timedelta(days=400)})
    customer(desk, "new here")
    service = haircut(desk)
    for name, start in (("came long ago", "2026-05-19T09:00:00+02:00"), ("came lately", "2026-05-29T09:00:00+02:00")):
        booked = book(desk, service, start, {"name": name, "email": f"{name.replace(' ', '.')}@example.com"})
        desk.run("confirm_booking", bookingId=show("bkg", booked.booking_id))
        at(booked.start + timedelta(hours=1))
        desk.run("complete_booking", bookingId=show("bkg", booked.booking_id))
    at(MONDAY + timedelta(days=20))
    assert found(desk, inactiveDays=15) == ["came long ago", "never came"]
    assert found(desk, inactiveDays=300) == ["never came"]
    (lately,) = cast("Members", desk.run("search_members", search="came lately")).items
    assert lately.last_visit_at is not None
    assert lately.last_visit_at.isoformat() == "2026-05-29T07:00:00+00:00"


CANARY = "INSERT INTO account (id, workspace_id, name, email) VALUES (:a, :w, 'Canary', 'mia@example.com')"


def test_nobody_sees_or_touches_a_customer_of_another_workspace(desk: Desk, owner_db: Database) -> None:
    other, theirs = new_id(), new_id()
    with owner_db.transaction() as session:
        session.execute(text("INSERT INTO workspace (id, name) VALUES (:w, 'Other')"), {"w": other})
        session.execute(text(CANARY), {"a": theirs, "w": other})
    assert found(desk) == []
    assert customer(desk, email="mia@example.com").is_new, "a customer of theirs is nobody here"
    for name, more in (("update_account", {"name": "x"}), ("attach_tags", {"tags": ["x"]}), ("remove_tags", {"tags": ["x"]}), ("get_member_profile", {})):
        with pytest.raises(NotFound):
            desk.run(name, accountId=show("acc", theirs), **more)
