"""Policies in the portal: plain words for everybody, a dry run before a change, and a change by owners and managers alone."""

from __future__ import annotations

from typing import Any

import pytest

from approvals.people import Rank
from approvals.rulings import PolicyUnreadable, policies
from kernel.db import Database
from tests.approvals.hands import rows, set_policy
from tests.factories import Desk
from tests.portal.guest import Guest, Reader, address_of, changed, everything, guest_at, joined, state_of

PATH = "/portal/policies"


def sent(guest: Guest, name: str, verdict: str, **typed: str) -> tuple[int, str]:
    """Fill in the form of a policy and press one of its buttons."""
    at = f"{PATH}/{name}"
    answer = guest.press(guest.http.get(at), verdict, at=at, **{f"set-{field}": said for field, said in typed.items()})
    return answer.status_code, answer.headers.get("location") or answer.text


def settings(owner_db: Database) -> Any:
    return [row[0] for row in rows(owner_db, "SELECT settings FROM policy_setting ORDER BY id")]


def test_every_policy_is_told_in_plain_words_and_opens(guest: Guest, desk: Desk, owner_db: Database) -> None:
    joined(desk, owner_db, "Mona", Rank.MANAGER)
    guest.sign_in()
    listed = guest.http.get(PATH).text
    for name, policy in policies().items():
        assert policy.title in listed
        page = guest.http.get(f"{PATH}/{name}")
        assert (page.status_code, Reader(page.text).buttons) == (200, ["try", "set"])
    assert listed.count("nobody has changed it") == len(policies())
    assert guest.http.get(f"{PATH}/nonsense").status_code == 404


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("audience", {"per_request": "20", "per_day": ""}, {"per_request": 20, "per_day": None}),
        ("countries", {"others": "fr be", "unknown": "on"}, {"others": ["BE", "FR"], "anywhere": False, "unknown": True}),
        ("escalation", {"after_minutes": "30"}, {"after_minutes": 30}),
        ("first_time", {}, {"in_person": False, "two_people": False}),
        ("quiet_hours", {"begins": "21:00", "ends": "08:00"}, {"begins": "21:00:00", "ends": "08:00:00"}),
        ("spend", {"per_day": "12,50", "sms_home": "40"}, {"per_day": 1250, "sms_home": 4000, "sms_abroad": None, "whatsapp": None}),
        ("standing", {"allowed": "on", "per_day": "5", "days": "30"}, {"allowed": True, "per_day": 5, "days": 30}),
        ("two_people", {"above": "50", "actions-send_sms": "on"}, {"above": 50, "actions": ["send_sms"], "four_eyes": [], "refunds_above": None}),
    ],
)
def test_what_is_typed_is_set_and_stands_there_again(guest: Guest, owner_db: Database, name: str, typed: dict[str, str], kept: dict[str, Any]) -> None:
    guest.sign_in()
    assert sent(guest, name, "set", **typed) == (303, f"{PATH}/{name}")
    assert settings(owner_db) == [kept]
    page = guest.http.get(f"{PATH}/{name}").text
    assert "Olivia, " in page
    assert 'value="12.50"' in page or name != "spend"
    assert "Set by Olivia" in guest.http.get(PATH).text


@pytest.mark.parametrize(
    ("name", "meant", "said"),
    [
        ("audience", "empty: any number", "Any number of recipients"),
        ("countries", "empty: none", "in your own country."),
        ("escalation", "empty: all at once", "is told at once"),
        ("quiet_hours", "empty: leaves at any hour", "leaves at any hour."),
        ("spend", "empty: any amount", "may cost any amount"),
        ("standing", "empty: 50", "at most 50 times a day and for at most 90 days"),
        ("two_people", "empty: one is enough", "One person is enough."),
    ],
)
def test_what_an_empty_box_means_is_what_is_set_by_one(guest: Guest, name: str, meant: str, said: str) -> None:
    guest.sign_in()
    page = guest.http.get(f"{PATH}/{name}").text
    assert (meant in page, "no limit" in page) == (True, False)
    boxes = dict.fromkeys(policies()[name].settings.model_fields, "")
    ticks = {"actions", "four_eyes", "anywhere", "unknown"}
    assert sent(guest, name, "set", **{box: typed for box, typed in boxes.items() if box not in ticks})[0] == 303
    assert said in guest.http.get(PATH).text


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("audience", {"per_request": "0"}, "At most so many recipients in one request"),
        ("audience", {"per_request": "many"}, "At most so many recipients in one request"),
        ("countries", {"others": "England"}, "two-letter codes"),
        ("quiet_hours", {"begins": "21:00"}, "Quiet hours need a beginning"),
        ("quiet_hours", {"begins": "25:00", "ends": "x"}, "From"),
        ("spend", {"per_day": "NaN", "sms_home": "1"}, "At most so much in one day"),
        ("spend", {"per_day": "1e99999999", "sms_home": "1"}, "At most so much in one day"),
        ("spend", {"per_day": "12x", "sms_home": "1"}, "At most so much in one day"),
        ("spend", {"per_day": "5"}, "A limit needs at least one price"),
        ("standing", {"allowed": "on", "per_day": "\0", "days": "9" * 400}, "nothing was set"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_nothing_is_set(guest: Guest, owner_db: Database, name: str, typed: dict[str, str], said: str) -> None:
    guest.sign_in()
    status, page = sent(guest, name, "set", **typed)
    assert (status, "policy_unfit" in page, said in page) == (422, True, True), page
    assert settings(owner_db) == []


def test_a_dry_run_tells_what_would_have_happened_and_changes_nothing(guest: Guest, desk: Desk, owner_db: Database) -> None:
    joined(desk, owner_db, "Mona", Rank.MANAGER)
    for number in range(3):
        desk.approved(f"Number {number}")
    desk.run("send_email", to="mia@example.com", subject="Visit", body="Thank you.")
    guest.sign_in()
    before = everything(owner_db)
    _, page = sent(guest, "two_people", "try", **{"actions-send_sms": "on"})
    assert "Of the 4 requests of the last 30 days" in page
    assert "3 of 4" in page
    assert "as it is now: 0" in page
    assert "checked" in page
    _, spent = sent(guest, "audience", "try", per_day="2")
    assert "2 of 4" in spent, "the day's budget is spent by two approved, and refuses the third and what still waits"
    assert everything(owner_db) == before


@pytest.mark.parametrize("said", ['{"per_day": "x"}', '{"retired": 1}', "[]", "null"])
def test_a_setting_that_cannot_be_read_lets_nothing_through_until_it_is_set_anew(guest: Guest, desk: Desk, owner_db: Database, said: str) -> None:
    waits = desk.ask()
    set_policy(desk, "audience", per_day=5)
    changed(owner_db, "UPDATE policy_setting SET settings = CAST(:said AS jsonb)", said=said)
    with pytest.raises(PolicyUnreadable, match="How many recipients"):
        desk.ask()
    guest.sign_in()
    page = guest.http.get(address_of(waits))
    refused = guest.press(page, "approved", at=address_of(waits))
    assert (refused.status_code, "policy_unreadable" in refused.text, state_of(desk, waits)) == (409, True, "pending")
    for path in (PATH, f"{PATH}/audience"):
        shown = guest.http.get(path)
        assert (shown.status_code, "cannot be read" in shown.text) == (200, True), path
    assert sent(guest, "audience", "set", per_day="5")[0] == 303
    assert desk.ask().status == "pending"


def test_staff_read_and_change_nothing(guest: Guest, desk: Desk, owner_db: Database) -> None:
    robin = joined(desk, owner_db, "Robin", Rank.STAFF)
    guest.sign_in(robin)
    page = guest.http.get(f"{PATH}/audience")
    assert (page.status_code, Reader(page.text).buttons, "Only an owner or a manager" in page.text) == (200, [], True)
    answer = guest.http.post(f"{PATH}/audience", data={"verdict": "set", "set-per_day": "5"})
    assert (answer.status_code, "deciders_only" in answer.text) == (403, True)
    assert settings(owner_db) == []


def test_the_form_of_one_policy_sets_no_other(guest: Guest, owner_db: Database) -> None:
    guest.sign_in()
    fields = Reader(guest.http.get(f"{PATH}/audience").text).fields
    answer = guest.http.post(f"{PATH}/countries", data={**fields, "verdict": "set", "set-anywhere": "on"})
    assert (answer.status_code, "stale_form" in answer.text) == (403, True)
    assert "no_verdict" in sent(guest, "audience", "")[1]
    assert settings(owner_db) == []


def test_the_page_of_a_request_says_why_it_needs_two(guest: Guest, desk: Desk, owner_db: Database) -> None:
    set_policy(desk, "two_people", actions=["send_sms"])
    alone = desk.ask("One.")
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    both = desk.ask("Two.")
    other = guest_at(desk)
    other.sign_in(mona)
    why, enough = "Two people must approve every request of this kind.", "Only one person may approve here, so one is enough."
    first, second = other.http.get(address_of(alone)).text, other.http.get(address_of(both)).text
    assert ((why in first, enough in first), (why in second, enough in second)) == ((True, True), (True, False))
