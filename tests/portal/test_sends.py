"""One send as a line of moments: each step once and in its order, for people of its workspace alone."""

from __future__ import annotations

from dataclasses import replace

from approvals.people import Rank
from approvals.resolve import replay, resolve
from crm.access.setup import found
from kernel.db import Database
from kernel.keys import show
from outbox.dispatch import Refused
from tests.approvals.hands import WHY, act, doubt, rows
from tests.approvals.test_histories import delivered
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, everything, guest_at, joined
from tests.portal.test_why import words


def page_of(pending: object) -> str:
    """Its address."""
    return f"/portal/sends/{show('int', pending.intent_ids[0])}"  # type: ignore[attr-defined] # a Pending


def in_order(told: str, steps: list[str]) -> bool:
    """Whether each step stands behind the one before it."""
    at = 0
    for step in steps:
        at = told.find(step, at) + 1
        if not at:
            raise AssertionError(f"{step} is missing in {told}")
    return True


def test_a_send_is_told_from_the_asking_to_the_delivery(guest: Guest, desk: Desk, bench: Bench) -> None:
    pending = delivered(desk, bench)
    guest.sign_in()
    answer = guest.http.get(page_of(pending))
    assert answer.status_code == 200
    assert in_order(
        words(answer.text),
        [
            "SMS to +44 7400 123456",
            "Delivered.",
            "The agent “first agent” asked for it",
            "Olivia approved it in the portal",
            "Allowed to leave",
            "Claimed: call 1 to the provider began",
            "Our call was put off (call 1)",
            "Claimed: call 2 to the provider began",
            "Our call was accepted (call 2)",
            "The callback of the provider says it was delivered (call 2)",
        ],
    )
    assert words(answer.text).count("accepted") == 1, "what the call says of itself is not said again as its reason"
    assert Reader(answer.text).refresh is None
    assert f"{page_of(pending)}" in guest.http.get(f"/portal/approvals/{show('apr', pending.approval_id)}/why").text


def test_what_a_person_did_is_told_with_name_and_reason_once(guest: Guest, desk: Desk, bench: Bench) -> None:
    pending = doubt(desk, bench, "Mia, <b>your</b> table.")
    bench.memory.tell(Refused("The <i>number</i> does not exist."))
    act(desk, resolve, pending.intent_ids[0], "again", WHY)
    bench.drain()
    act(desk, replay, pending.intent_ids[0])
    guest.sign_in()
    answer = guest.http.get(page_of(pending))
    told = words(answer.text)
    assert in_order(
        told,
        [
            "broke off: nobody knows whether it was taken (call 1)",
            "Olivia settled the doubt: A person let it be sent again",
            WHY,
            "Our call was refused (call 2)",
            "Olivia had it tried again: A person replayed it",
        ],
    )
    assert told.count("settled the doubt") == told.count("had it tried again") == 1
    assert "&lt;i&gt;number&lt;/i&gt;" in answer.text
    assert Reader(answer.text).refresh == "5", "it waits to be called, so the page looks again without a script"


def test_a_send_has_a_page_for_its_own_people_and_reading_writes_nothing(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = doubt(desk, bench)
    notice = rows(owner_db, "SELECT id FROM intent WHERE kind = 'notice' LIMIT 1")[0][0]
    with owner_db.transaction() as session:
        other = found(session, "Other", "eve@example.com")
    eve, staff = guest_at(replace(desk, founded=other)), guest_at(desk)
    eve.sign_in()
    staff.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    before = everything(owner_db)
    assert staff.http.get(page_of(pending)).status_code == 200
    assert eve.http.get(page_of(pending)).status_code == 404
    assert guest.http.get(page_of(pending)).headers["location"] == "/portal/sign-in"
    for stray in ("int_1", f"int_{'0' * 32}", "apr_" + "0" * 32, show("int", notice)):  # type: ignore[arg-type] # a row is of objects
        assert staff.http.get(f"/portal/sends/{stray}").status_code == 404
    assert everything(owner_db) == before
