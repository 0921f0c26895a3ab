"""Membership: points are a ledger whose sum is never below nothing, a visit earns once, and what is for members is refused to others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from crm.bookings.customers import MembersOnly
from crm.contacts.tiers import NoTier
from crm.membership.points import NotEnoughPoints
from crm.membership.tools import Balance, Enrolled, Tiers, TierShown, TierTaken
from kernel import clock
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import new_id, show
from tests.approvals.hands import rows
from tests.crm.test_bookings import MIA, MONDAY, book, haircut
from tests.crm.test_contacts import acc, at, customer, found
from tests.factories import Desk

MANY = 20


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    at(MONDAY)
    yield
    clock.skew(timedelta(0))


def gold(desk: Desk, name: str = "Gold", **more: Any) -> str:
    return show("tier", cast("TierShown", desk.run("create_tier", name=name, **more)).tier_id)


def mia(desk: Desk, **more: Any) -> str:
    return acc(customer(desk, email=MIA["email"], **more))


def points(desk: Desk, who: str) -> int:
    return cast("Balance", desk.run("get_loyalty_balance", accountId=who)).balance


def test_points_are_earned_redeemed_and_stay_on_record(desk: Desk) -> None:
    who = mia(desk)
    desk.run("earn_loyalty_points", accountId=who, points=50, reason="Brought a friend.")
    left = cast("Balance", desk.run("redeem_loyalty_points", accountId=who, points=20, reason="A free manicure."))
    assert (left.balance, [(one.points, one.reason) for one in left.entries]) == (30, [(-20, "A free manicure."), (50, "Brought a friend.")])


@pytest.mark.parametrize("held", [0, 50])
def test_nobody_redeems_more_than_they_have(desk: Desk, held: int) -> None:
    who = mia(desk)
    if held:
        desk.run("earn_loyalty_points", accountId=who, points=held, reason="x")
    with pytest.raises(NotEnoughPoints):
        desk.run("redeem_loyalty_points", accountId=who, points=held + 1, reason="x")
    assert points(desk, who) == held


def test_of_many_who_redeem_at_once_only_so_many_get_it_as_there_are_points(desk: Desk, owner_db: Database) -> None:
    who = mia(desk)
    desk.run("earn_loyalty_points", accountId=who, points=70, reason="x")

    def redeem(_number: int) -> str:
        try:
            desk.run("redeem_loyalty_points", accountId=who, points=10, reason="x")
        except NotEnoughPoints:
            return "refused"
        return "had"

    with ThreadPoolExecutor(10) as pool:
        assert Counter(pool.map(redeem, range(MANY))) == {"had": 7, "refused": MANY - 7}
    assert rows(owner_db, "SELECT sum(points) FROM points_entry") == [(0,)]
    assert points(desk, who) == 0


@pytest.mark.parametrize(
    "forged",
    ["UPDATE points_balance SET points = 1000000", "DELETE FROM points_entry", "UPDATE points_entry SET points = 1000000", "DELETE FROM points_balance"],
)
def test_neither_ledger_nor_sum_is_rewritten(desk: Desk, forged: str) -> None:
    desk.run("earn_loyalty_points", accountId=mia(desk), points=5, reason="x")
    with pytest.raises(ProgrammingError), desk.database.transaction(workspace=desk.founded.workspace) as session:
        session.execute(text(forged))


TAKE = """INSERT INTO points_entry (id, workspace_id, account_id, points, reason, said_by)
    SELECT gen_random_uuid(), workspace_id, id, -9, 'x', 'x' FROM account"""


class GivenUp(Exception):
    """So that nothing of it stays."""


def overdraw(owner_db: Database, constraint: str = "") -> None:
    """Take more than there is, as somebody who reads no balance would; then give it all up."""
    with owner_db.transaction() as session:
        if constraint:
            session.execute(text(f"ALTER TABLE points_balance DROP CONSTRAINT {constraint}"))
        session.execute(text(TAKE))
        raise GivenUp


def test_it_is_the_database_that_lets_nobody_overdraw(desk: Desk, owner_db: Database) -> None:
    desk.run("earn_loyalty_points", accountId=mia(desk), points=5, reason="x")
    with pytest.raises(IntegrityError, match="ck_points_balance_points"):
        overdraw(owner_db)
    with pytest.raises(GivenUp):  # the negative control: without the constraint nothing stands in the way
        overdraw(owner_db, "ck_points_balance_points")


def serve(desk: Desk, service: str, **more: Any) -> str:
    booked = book(desk, service, "2026-05-19T10:00:00+02:00", **more)
    name = show("bkg", booked.booking_id)
    desk.run("confirm_booking", bookingId=name)
    at(booked.start + timedelta(hours=1))
    desk.run("complete_booking", bookingId=name)
    return name


def test_a_members_visit_earns_once(desk: Desk) -> None:
    who = mia(desk, tierId=gold(desk, pointsPerVisit=10))
    name = serve(desk, haircut(desk))
    desk.run("complete_booking", bookingId=name)
    assert points(desk, who) == 10


def test_a_visit_earns_nothing_without_a_membership_or_after_it(desk: Desk) -> None:
    tier = gold(desk, pointsPerVisit=10)
    who = mia(desk)
    desk.run("enrol_membership", accountId=who, tierId=tier, until="2026-05-19T00:00:00+02:00")
    serve(desk, haircut(desk))
    assert points(desk, who) == 0


def test_what_is_for_members_is_refused_to_others(desk: Desk) -> None:
    tier, other = gold(desk), gold(desk, "Silver")
    service, who = haircut(desk), mia(desk)
    desk.run("set_service_tier", serviceId=service, tierId=tier)
    for enrolled in ({}, {"tierId": other}, {"tierId": tier, "until": "2026-05-18T23:00:00+02:00"}):
        if enrolled:
            desk.run("enrol_membership", accountId=who, **enrolled)
        with pytest.raises(MembersOnly) as refused:
            book(desk, service, "2026-05-19T10:00:00+02:00")
        assert refused.value.data == {"tierId": tier, "tierName": "Gold"}
    desk.run("enrol_membership", accountId=who, tierId=tier)
    assert book(desk, service, "2026-05-19T10:00:00+02:00").status == "pending"


def test_a_service_is_opened_to_everybody_again(desk: Desk) -> None:
    service = haircut(desk)
    desk.run("set_service_tier", serviceId=service, tierId=gold(desk))
    desk.run("set_service_tier", serviceId=service, tierId=None)
    assert book(desk, service, "2026-05-19T10:00:00+02:00").status == "pending"


def test_tiers_are_named_once_and_count_their_members(desk: Desk) -> None:
    tier = gold(desk)
    with pytest.raises(TierTaken):
        gold(desk, "GOLD")
    enrolled = cast("Enrolled", desk.run("enrol_membership", accountId=mia(desk), tierId=tier))
    assert (enrolled.tier_name, enrolled.until) == ("Gold", None)
    assert [(one.name, one.members) for one in cast("Tiers", desk.run("list_membership_tiers")).items] == [("Gold", 1)]
    assert found(desk, tierId=tier) == ["Mia Park"]


def test_a_customer_is_enrolled_as_they_are_made(desk: Desk) -> None:
    with pytest.raises(NoTier):
        customer(desk, enrollMembership=True)
    gold(desk)
    assert customer(desk, enrollMembership=True).tier_id is not None
    assert customer(desk, "Ben").tier_id is None


def test_a_membership_that_is_over_when_it_is_made_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidArguments):
        desk.run("enrol_membership", accountId=mia(desk), tierId=gold(desk), until="2020-01-01T00:00:00Z")


def test_nobody_enrols_or_pays_a_customer_of_another_workspace(desk: Desk) -> None:
    stranger, tier = show("acc", new_id()), gold(desk)
    for name, more in (
        ("enrol_membership", {"tierId": tier}),
        ("earn_loyalty_points", {"points": 1, "reason": "x"}),
        ("redeem_loyalty_points", {"points": 1, "reason": "x"}),
        ("get_loyalty_balance", {}),
    ):
        with pytest.raises(NotFound):
            desk.run(name, accountId=stranger, **more)
    with pytest.raises(NotFound):
        desk.run("enrol_membership", accountId=mia(desk), tierId=show("tier", new_id()))
