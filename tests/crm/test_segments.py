"""Segments: who belongs is asked anew, each condition counts, and a campaign goes to exactly those."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import text

from approvals.requests import Pending
from crm.contacts.tools.segments import SegmentPreview, Segments, SegmentShown, SegmentTaken
from kernel import clock
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import new_id, show
from tests.approvals.crowds import campaign
from tests.crm.test_bookings import MONDAY, book, haircut
from tests.crm.test_contacts import acc, at, customer
from tests.factories import Desk


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    at(MONDAY)
    yield
    clock.skew(timedelta(0))


def served(desk: Desk, service: str, day: str, name: str) -> None:
    """A customer came on that day."""
    booked = book(desk, service, f"{day}T10:00:00+02:00", {"name": name, "email": f"{name.lower()}@example.com"})
    desk.run("confirm_booking", bookingId=show("bkg", booked.booking_id))
    at(booked.start + timedelta(hours=2))
    desk.run("complete_booking", bookingId=show("bkg", booked.booking_id))


def preview(desk: Desk, channel: str | None = None, **meant: Any) -> SegmentPreview:
    return cast("SegmentPreview", desk.run("preview_segment", filter=meant, **({"channel": channel} if channel else {})))


def names(seen: SegmentPreview) -> list[str]:
    return [one.name for one in seen.sample]


def test_each_condition_chooses_who_meets_it(desk: Desk) -> None:
    hair, nails = haircut(desk), haircut(desk, name="Nails")
    served(desk, hair, "2026-05-19", "Ana")
    served(desk, nails, "2026-05-20", "Ben")
    served(desk, hair, "2026-05-21", "Ana")
    cleo = customer(desk, "Cleo", email="cleo@example.com")
    desk.run("attach_tags", accountId=acc(cleo), tags=["vip"])
    desk.run("set_consent", accountId=acc(cleo), channel="email", consent=True, evidence="By letter.")
    assert names(preview(desk, serviceId=hair)) == ["Ana"]
    assert names(preview(desk, minVisits=1)) == ["Ana", "Ben"]
    assert names(preview(desk, minVisits=2)) == ["Ana"]
    assert names(preview(desk, minVisits=2, serviceId=nails)) == []
    assert names(preview(desk, tags=["VIP"])) == ["Cleo"]
    assert names(preview(desk, search="be")) == ["Ben"]
    assert (names(preview(desk, consentOn="email")), names(preview(desk, consentOn="sms"))) == (["Cleo"], [])
    assert names(preview(desk, tags=["vip"], minVisits=1)) == [], "all of it must be met"


def test_whoever_agreed_and_opted_out_since_did_not_agree(desk: Desk) -> None:
    mia = customer(desk, phone="+447400123456")
    desk.run("set_consent", accountId=acc(mia), channel="sms", consent=True, evidence="By letter.")
    assert preview(desk, consentOn="sms").count == 1
    desk.run("set_consent", accountId=acc(mia), channel="sms", consent=False)
    assert preview(desk, consentOn="sms").count == 0


def test_a_preview_counts_who_could_not_be_messaged_and_why(desk: Desk) -> None:
    for number in range(7):
        one = customer(desk, f"Guest {number}", email=f"guest{number}@example.com", **({"phone": f"+44740012340{number}"} if number else {}))
        desk.run("attach_tags", accountId=acc(one), tags=["spring"])
    desk.run("set_consent", accountId=acc(one), channel="sms", consent=False)
    seen = preview(desk, "sms", tags=["spring"])
    assert (seen.count, len(seen.sample), seen.reachable, seen.excluded) == (7, 5, 5, {"no_address": 1, "opted_out": 1})
    segment = cast("SegmentShown", desk.run("create_segment", name="Spring", filter={"tags": ["spring"]}))
    pending = campaign(desk, segmentId=show("seg", segment.segment_id))
    assert pending.bulk
    assert (pending.bulk.count, pending.bulk.excluded) == (5, {"no_address": 1, "opted_out": 1}), "the campaign does what the preview said"


def test_who_belongs_is_asked_anew(desk: Desk) -> None:
    segment = cast("SegmentShown", desk.run("create_segment", name="Regulars", filter={"tags": ["vip"]}))
    assert segment.count == 0
    desk.run("attach_tags", accountId=acc(customer(desk)), tags=["vip"])
    (listed,) = cast("Segments", desk.run("list_segments")).items
    assert (listed.count, listed.filter.tags, listed.name) == (1, ["vip"], "Regulars")


@pytest.mark.parametrize("wrong", [{}, {"tags": []}, {"minVisits": 0}, {"inactiveDays": -1}, {"colour": "red"}, {"consentOn": "fax"}, {"search": "a\u0000"}])
def test_a_filter_that_says_nothing_or_nonsense_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArguments):
        desk.run("create_segment", name="Everybody", filter=wrong)


def test_a_name_is_given_once(desk: Desk) -> None:
    desk.run("create_segment", name="Regulars", filter={"minVisits": 2})
    with pytest.raises(SegmentTaken):
        desk.run("create_segment", name="REGULARS", filter={"minVisits": 3})


def test_one_of_segment_and_filter_is_previewed(desk: Desk) -> None:
    with pytest.raises(InvalidArguments):
        desk.run("preview_segment")
    with pytest.raises(NotFound):
        desk.run("preview_segment", segmentId=show("seg", new_id()))
    with pytest.raises(InvalidArguments):
        campaign(desk, segmentId=show("seg", new_id()), search="x")


def test_a_segment_meets_no_customer_of_another_workspace(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        session.execute(text("INSERT INTO workspace (id, name) VALUES (:w, 'Other')"), {"w": (other := new_id())})
        session.execute(text("INSERT INTO account (id, workspace_id, name) VALUES (gen_random_uuid(), :w, 'Canary')"), {"w": other})
    assert preview(desk, search="Canary").count == 0
    customer(desk, "Canary here", email="c@example.com")
    assert cast("Pending", campaign(desk, channel="email", subject="x", search="Canary")).bulk.count == 1  # type: ignore[union-attr]  # it is one


def test_what_is_another_businesss_is_not_there_to_choose_by(desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        session.execute(text("INSERT INTO workspace (id, name) VALUES (:w, 'Other')"), {"w": (other := new_id())})
        session.execute(text("INSERT INTO tier (id, workspace_id, name, points_per_visit) VALUES (:t, :w, 'Gold', 1)"), {"w": other, "t": (tier := new_id())})
    for meant in ({"tierId": show("tier", tier)}, {"serviceId": show("svc", new_id())}):
        with pytest.raises(NotFound):
            desk.run("create_segment", name="Theirs", filter=meant)
        with pytest.raises(NotFound):
            desk.run("preview_segment", filter=meant)
