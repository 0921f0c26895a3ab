"""The inbox: cards with what a decider needs to choose, soonest to expire first, in a few queries however many there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import psycopg
import pytest

from approvals import listings
from approvals.listings import PAGE, Choice
from approvals.requests import Pending
from crm.access.keys import issue
from kernel import clock
from kernel.db import Database
from kernel.keys import show
from surfaces.portal import sheet
from tests.factories import Desk
from tests.portal.guest import Guest, address_of, changed, guest_at


def asked(desk: Desk, kind: str, **payload: Any) -> Pending:
    """A request for a send of this kind."""
    minutes = payload.pop("minutes", 24 * 60)
    return cast("Pending", desk.run("request_send_approval", actionType=kind, payload=payload, expiresInMinutes=minutes))


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that goes to the database from here on."""
    said: list[str] = []
    execute = psycopg.Cursor.execute

    def count(self: psycopg.Cursor[Any], query: Any, *given: Any, **named: Any) -> psycopg.Cursor[Any]:
        said.append(str(query))
        return execute(self, query, *given, **named)

    monkeypatch.setattr(psycopg.Cursor, "execute", count)
    return said


@pytest.mark.parametrize("many", [1, 50])
def test_an_inbox_takes_seven_queries_however_many_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    for number in range(many):
        desk.ask(f"Number {number}.")
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        said = counting(monkeypatch)
        found = listings.waiting(session, desk.founded.workspace, Choice())
        shown = sheet.sheets(session, desk.founded.workspace, found.items)
        tallies = listings.tally(session, desk.founded.workspace)
    assert len(said) <= 7
    assert [one.beginning for one in shown] == [f"Number {number}." for number in range(many)]
    assert sum(each.many for each in tallies) == many


def test_several_people_who_must_approve_cost_one_query_more(desk: Desk, owner_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        desk.ask(f"Number {number}.")
    changed(owner_db, "UPDATE approval SET needs = 2")
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        said = counting(monkeypatch)
        found = listings.waiting(session, desk.founded.workspace, Choice())
    assert len(said) == 5
    assert {one.approvals for one in found.items} == {"0 of 2"}


def test_the_page_says_who_approved_already(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    changed(owner_db, "UPDATE approval SET needs = 2")
    guest.sign_in()
    guest.press(guest.http.get(address_of(pending)), "approved", at=address_of(pending))
    page = guest.http.get(address_of(pending)).text
    assert "Approved by Olivia: 1 of 2." in page
    assert "Nothing leaves before somebody else approves too." in page
    assert desk.send(pending).state == "held"


def test_the_whole_page_takes_a_fixed_number_of_queries(guest: Guest, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    guest.sign_in()
    counts = []
    for many in (1, 20):
        for number in range(many):
            desk.ask(f"Number {number}.")
        with monkeypatch.context() as patched:
            said = counting(patched)
            assert guest.http.get("/portal").status_code == 200
            counts.append(len(said))
    assert counts[0] == counts[1] <= 14


def test_a_card_tells_what_is_needed_to_choose(guest: Guest, desk: Desk) -> None:
    desk.run("create_account", name="Mia Park", phone="+447400123456")
    pending = asked(desk, "send_sms", to="+447400123456", body="Your table\u200b is ready.", minutes=30)
    guest.sign_in()
    page = guest.http.get("/portal").text
    for words in ("SMS", "+44 7400 123456", "“Mia Park”", "the agent “first agent”", "Within the hour", "29 minutes left", "Look closely", address_of(pending)):
        assert words in page
    assert "Your table<mark" in page


def test_the_soonest_to_expire_come_first_under_their_headings(guest: Guest, desk: Desk) -> None:
    for body, minutes in (("Later words.", 70 * 60), ("Soon words.", 20), ("Tomorrow words.", 24 * 60)):
        asked(desk, "send_sms", to="+447400123456", body=body, minutes=minutes)
    guest.sign_in()
    page = guest.http.get("/portal").text
    order = ["Within the hour", "Soon words.", "By tomorrow", "Tomorrow words.", "Later</h2>", "Later words."]
    assert [page.index(words) for words in order] == sorted(page.index(words) for words in order)


def test_a_channel_or_an_agent_is_chosen_and_counted(guest: Guest, desk: Desk, owner_db: Database) -> None:
    asked(desk, "send_sms", to="+447400123456", body="By SMS.")
    asked(desk, "send_email", to="mia@example.com", subject="Hello", body="By letter.")
    with owner_db.transaction() as session:
        other = issue(session, desk.founded.workspace, "night agent")
    changed(owner_db, "UPDATE approval SET asked_by_id = :key, asked_by_name = 'night agent' WHERE action = 'send_email'", key=other.id)
    guest.sign_in()
    page = guest.http.get("/portal").text
    for chip in ("All <span>2</span>", "E-mail <span>1</span>", "SMS <span>1</span>", "All agents <span>2</span>", "the agent “night agent” <span>1</span>"):
        assert chip in page
    for query, there, away in (
        ("channel=sms", "By SMS.", "By letter."),
        ("channel=email", "By letter.", "By SMS."),
        (f"agent={show('key', other.id)}", "By letter.", "By SMS."),
        (f"agent={show('key', desk.founded.key.id)}&channel=sms", "By SMS.", "By letter."),
    ):
        chosen = guest.http.get(f"/portal?{query}").text
        assert (there in chosen, away in chosen, "2 waiting" in chosen) == (True, False, True)
    nothing = guest.http.get(f"/portal?agent={show('key', other.id)}&channel=sms").text
    assert "Nothing here for this choice" in nothing


@pytest.mark.parametrize("query", ["channel=fax", "agent=key_1", "after=apr_1", "after=apr_00000000000000000000000000000000", "channel=%00&agent='"])
def test_an_address_that_makes_no_sense_is_calm(guest: Guest, desk: Desk, query: str) -> None:
    desk.ask()
    guest.sign_in()
    assert guest.http.get(f"/portal?{query}").status_code == 200


def test_a_long_inbox_is_shown_page_by_page(guest: Guest, desk: Desk, owner_db: Database) -> None:
    for number in range(PAGE + 3):
        desk.ask(f"Number {number:03}.")
    changed(owner_db, "UPDATE approval SET expires_at = now() + interval '1 hour'")  # all at once: the id decides
    guest.sign_in()
    first = guest.http.get("/portal").text
    assert f"{PAGE + 3} waiting" in first
    then = first.rpartition('" class="next"')[0].rpartition('"')[2]
    second = guest.http.get(then).text
    bodies = [f"Number {number:03}." for number in range(PAGE + 3)]
    assert [body for body in bodies if body in first] == bodies[:PAGE]
    assert [body for body in bodies if body in second] == bodies[PAGE:]
    assert "Back to the first" in second


def test_what_expired_is_not_listed_even_before_the_clock_says_so(guest: Guest, desk: Desk, owner_db: Database) -> None:
    desk.ask("Too late.")
    changed(owner_db, "UPDATE approval SET expires_at = now() - interval '1 second'")
    guest.sign_in()
    page = guest.http.get("/portal").text
    assert ("Too late." in page, "All quiet." in page) == (False, True)


def test_the_page_says_who_named_the_contact_and_whether_it_was_ever_messaged(guest: Guest, desk: Desk, owner_db: Database) -> None:
    desk.run("create_account", name="Mia Park", phone="+447400123456")
    first = desk.approved("First.")
    guest.sign_in()
    second = address_of(desk.ask("Second."))
    page = guest.http.get(second).text
    assert "in your contacts as “Mia Park”, added by the agent “first agent” just now" in page
    assert "never messaged before" in page  # approved, and still not sent
    changed(
        owner_db,
        "INSERT INTO attempt (intent_id, workspace_id, number, source, outcome) SELECT id, workspace_id, 1, 'call', 'accepted' FROM intent WHERE id = :it",
        it=first.intent_ids[0],
    )
    page = guest.http.get(second).text
    assert "1 message before this one, just now" in page
    assert "never messaged before" not in page
    assert "never messaged before" in guest.http.get(address_of(desk.ask("Third.", to="+33612345678"))).text


def test_the_first_message_of_another_workspace_does_not_count(desk: Desk, owner_db: Database) -> None:
    sent = desk.approved()
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        assert listings.past(session, desk.founded.workspace, ["+447400123456"]) == {}
        session.rollback()
    changed(
        owner_db,
        "INSERT INTO attempt (intent_id, workspace_id, number, source, outcome) SELECT id, workspace_id, 1, 'call', 'accepted' FROM intent WHERE id = :it",
        it=sent.intent_ids[0],
    )
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        assert listings.past(session, desk.founded.workspace, ["+447400123456"])["+447400123456"].many == 1
        assert listings.past(session, desk.founded.owner, ["+447400123456"]) == {}


def test_the_list_is_marked_so_that_a_script_sees_when_it_changed(guest: Guest, desk: Desk) -> None:
    desk.ask()
    guest.sign_in()
    one = guest.http.get("/portal").text.partition('data-marks="')[2][:12]
    assert one == guest.http.get("/portal").text.partition('data-marks="')[2][:12]
    desk.ask()
    assert one != guest.http.get("/portal").text.partition('data-marks="')[2][:12]


def test_the_time_left_is_told_in_its_largest_unit(desk: Desk) -> None:
    guest = guest_at(desk)
    asked(desk, "send_sms", to="+447400123456", body="Soon.", minutes=180)
    guest.sign_in()
    try:
        clock.skew(timedelta(minutes=61))
        assert "1 hour left" in guest.http.get("/portal").text
    finally:
        clock.skew(timedelta(0))


def test_the_page_does_not_say_never_when_it_looked_at_the_newest_requests_only(guest: Guest, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listings, "LOOK_BACK", 2)
    guest.sign_in()
    address = address_of(desk.ask("Third.", to="+33612345678"))
    desk.approved("First.")
    assert "never messaged before" in guest.http.get(address).text
    desk.approved("Second.")
    page = guest.http.get(address).text
    assert ("never messaged before" in page, "not messaged in your last" in page) == (False, True)
