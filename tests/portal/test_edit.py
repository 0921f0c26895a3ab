"""Editing on the page: in the portal and behind a link, without a script; what was typed is shown, weighed and then decided over."""

from __future__ import annotations

import html
import re

import httpx2
import pytest

from approvals.people import Rank
from kernel.db import Database
from tests.approvals.hands import rows, set_policy
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, address_of, everything, guest_at, invited, joined, state_of

WRITTEN = "Your table\nis ready at 9."


def compared(guest: Guest, at: str, **typed: str) -> httpx2.Response:
    """The page of changes."""
    form = guest.http.get(f"{at}/edit")
    assert form.status_code == 200
    return guest.http.post(f"{at}/edit", data={**Reader(form.text).fields, "step": "compare", **typed})


def approved(guest: Guest, at: str, page: httpx2.Response, **typed: str) -> httpx2.Response:
    return guest.http.post(f"{at}/edit", data={**Reader(page.text).fields, "verdict": "approved", **typed})


def sent(bench: Bench) -> list[str]:
    bench.drain()
    return [getattr(dispatch.content, "body", "") for dispatch in bench.memory.ledger]


def words(page: httpx2.Response) -> str:
    """What a browser would hold in the text field: it drops the first line break."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert found
    return html.unescape(found.group(1))


def test_an_owner_edits_and_approves_in_the_portal(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = desk.ask("Your table is redy at 8.")
    guest.sign_in()
    at = address_of(pending)
    assert f'href="{at}/edit"' in guest.http.get(at).text
    before = everything(owner_db)
    page = compared(guest, at, body=WRITTEN.replace("\n", "\r\n"))
    assert everything(owner_db) == before
    assert ("<del>redy</del>" in page.text, "<ins>ready</ins>" in page.text, "1 SMS" in page.text) == (True, True, True)
    answer = approved(guest, at, page)
    assert sent(bench) == [WRITTEN]
    decided = guest.http.get(answer.headers["location"]).text
    assert ("Approved" in decided, "<ins>ready</ins>" in decided, "Changed by a person" in decided) == (True, True, True)
    old = guest.http.get(at).text
    assert ("Replaced" in old, "Olivia changed its words" in old, answer.headers["location"] in old) == (True, True, True)
    assert guest.http.get(f"{at}/edit").headers["location"] == at


def test_a_link_edits_and_its_code_is_asked_when_it_decides(guest: Guest, desk: Desk, bench: Bench) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    guest.open(invitation)
    form = guest.http.get("/a/edit")
    page = compared(guest, "/a", body=WRITTEN)
    assert ('name="code"' in form.text, 'name="code"' in page.text) == (False, True)
    for code, refused in (("", "no_code"), (f"{(int(invitation.code) + 1) % 1_000_000:06d}", "wrong_code")):
        page = approved(guest, "/a", page, code=code)
        assert (refused in page.text, Reader(page.text).fields["body"]) == (True, WRITTEN)
    assert sent(bench) == []
    answer = approved(guest, "/a", page, code=invitation.code)
    assert answer.headers["location"] == "/a"
    assert sent(bench) == [WRITTEN]
    shown = guest.http.get("/a").text
    assert ("Approved" in shown, "Sent: the provider accepted it." in shown) == (True, True)
    again = approved(guest, "/a", page, code=invitation.code)
    assert (again.status_code, "Olivia approved this" in again.text, sent(bench)) == (409, True, [WRITTEN])


def test_whoever_edited_by_link_stops_it_in_the_same_browser(guest: Guest, desk: Desk, bench: Bench) -> None:
    pending = desk.ask()
    invitation = invited(desk, pending)
    guest.open(invitation)
    approved(guest, "/a", compared(guest, "/a", body=WRITTEN), code=invitation.code)
    halt = re.search(r'action="/a/stop".*?</form>', guest.http.get("/a").text, re.DOTALL)
    assert halt
    assert guest.http.post("/a/stop", data=Reader(halt.group()).fields).headers["location"] == "/a"
    assert sent(bench) == []


@pytest.mark.parametrize("body", ["\nOne.\n\n", " spaced  out ", "</textarea><script>", "a & b &amp; \"c\" 'd'", "one\u200btwo \u202ethree"])
def test_a_text_comes_through_the_forms_as_it_was(guest: Guest, desk: Desk, bench: Bench, body: str) -> None:
    pending = desk.ask(body)
    guest.sign_in()
    at = address_of(pending)
    typed = words(guest.http.get(f"{at}/edit"))
    assert typed == body
    page = compared(guest, at, body=typed.replace("\n", "\r\n"))
    assert "You changed nothing." in page.text
    assert approved(guest, at, page).headers["location"] == at
    assert sent(bench) == [body]


def test_hidden_characters_and_warnings_of_the_new_text_are_shown(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    guest.sign_in()
    page = compared(guest, address_of(pending), body="Pay\u202e at https://1.2.3.4/x now.").text
    assert "\u202e" not in re.sub(r'<input type="hidden"[^>]*>', "", page)
    assert ("⟦U+202E⟧" in page, "leads to a number" in page, "1.2.3.4" in page) == (True, True, True)


def test_a_text_that_cannot_be_sent_stays_in_the_form(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    guest.sign_in()
    page = compared(guest, address_of(pending), body="x" * 1601)
    assert (page.status_code, "at most 1600" in page.text, words(page)) == (422, True, "x" * 1601)


def test_going_back_keeps_what_was_typed(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    guest.sign_in()
    page = compared(guest, address_of(pending), body=WRITTEN)
    again = guest.http.post(f"{address_of(pending)}/edit", data={**Reader(page.text).fields, "step": "again"})
    assert words(again) == WRITTEN


def test_the_recipient_is_nothing_that_a_form_can_change(guest: Guest, desk: Desk, bench: Bench) -> None:
    pending = desk.ask()
    guest.sign_in()
    page = compared(guest, address_of(pending), body=WRITTEN, to="+447400999999")
    assert "+447400999999" not in page.text
    approved(guest, address_of(pending), page, to="+447400999999")
    bench.drain()
    assert [dispatch.content.recipient for dispatch in bench.memory.ledger] == ["+447400123456"]


@pytest.mark.parametrize(
    "altered", [{"body": "Other words."}, {"edited": "00" * 32}, {"digest": "00" * 32}, {"digest": "x"}, {"verdict": "rejected"}, {"nonce": "x"}]
)
def test_an_altered_form_decides_nothing(guest: Guest, desk: Desk, altered: dict[str, str]) -> None:
    pending = desk.ask()
    guest.sign_in()
    page = compared(guest, address_of(pending), body=WRITTEN)
    answer = guest.http.post(f"{address_of(pending)}/edit", data={**Reader(page.text).fields, "verdict": "approved", **altered})
    assert (answer.status_code >= 400, state_of(desk, pending)) == (True, "pending")


def test_a_form_of_another_page_or_place_decides_nothing(guest: Guest, desk: Desk) -> None:
    one, two = desk.ask("One."), desk.ask("Two.")
    guest.sign_in()
    page = compared(guest, address_of(one), body=WRITTEN)
    assert approved(guest, address_of(two), page).status_code >= 400
    fields = {**Reader(page.text).fields, "verdict": "approved"}
    foreign = guest.http.post(f"{address_of(one)}/edit", data=fields, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, state_of(desk, one), state_of(desk, two)) == (403, "pending", "pending")


def test_staff_and_strangers_are_led_away(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    at = address_of(pending)
    assert guest.http.get(f"{at}/edit").headers["location"] == "/portal/sign-in"
    assert guest.http.get("/a/edit").status_code == 404
    guest.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    assert guest.http.get(f"{at}/edit").headers["location"] == at
    assert "/edit" not in guest.http.get(at).text


def test_the_first_of_two_editors_reads_that_another_must_approve(guest: Guest, desk: Desk, owner_db: Database) -> None:
    set_policy(desk, "two_people", actions=["send_sms"])
    mona = joined(desk, owner_db, "Mona", Rank.MANAGER)
    pending = desk.ask()
    invitation, hers = invited(desk, pending), invited(desk, pending, mona)
    guest.open(invitation)
    approved(guest, "/a", compared(guest, "/a", body=WRITTEN), code=invitation.code)
    page = guest.http.get("/a")
    assert (page.status_code, "Somebody else must approve too." in page.text, 'name="verdict"' in page.text) == (200, True, False)
    other = guest_at(desk)
    old = other.open(hers)
    assert (old.status_code, "link_ended" in old.text, "is ready at 9." in old.text) == (403, True, True)
    assert rows(owner_db, "SELECT count(*) FROM grants WHERE source = 'approval'") == [(0,)]
