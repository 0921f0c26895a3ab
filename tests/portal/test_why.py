"""The page that says why something was sent: in an owner's words, for signed-in people of the workspace alone."""

from __future__ import annotations

import re

import pytest

from crm.access.setup import found
from kernel.db import Database
from kernel.keys import show
from surfaces.portal.visit import LOGIN
from tests.approvals.test_histories import ORIGIN, delivered, say
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, address_of, changed, guest_at, invited
from tests.portal.test_pages import HOSTILE, STRICT
from workers.clock import seal_audit


def words(html: str) -> str:
    """What a reader sees of the page's middle, on one line."""
    middle = html.partition("<main")[2].partition("</main>")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", middle).split())


def test_the_decided_page_leads_to_the_whole_story(guest: Guest, desk: Desk, bench: Bench) -> None:
    pending = delivered(desk, bench)
    seal_audit(bench.database)
    guest.sign_in()
    assert f'<a href="{address_of(pending)}/why">Why was this sent?</a>' in guest.http.get(address_of(pending)).text
    answer = guest.http.get(f"{address_of(pending)}/why")
    assert (answer.status_code, {name: answer.headers[name] for name in STRICT}) == (200, STRICT)
    told = words(answer.text)
    steps = [
        "Why was this sent?",
        "Asked by the agent “first agent”",
        "A person decided",
        "Olivia approved it in the portal",
        f"from {ORIGIN}",
        "SMS to +44 7400 123456",
        "Call 1 Our call was put off",
        "Call 2 Our call was accepted",
        "Call 2 The callback of the provider says it was delivered",
        "the bytes that were approved",
        "No. 1 the agent “first agent” asked for it",
        "No. 2 Olivia approved it",
        "a later change would show",
    ]
    places = [told.find(step) for step in steps]
    assert -1 not in places, steps[places.index(-1)]
    assert Reader(answer.text).tags.count("h1") == 1


@pytest.mark.parametrize("verdict", ["approved", "rejected"])
def test_what_was_not_sent_is_explained_without_claiming_so(guest: Guest, desk: Desk, verdict: str) -> None:
    pending = desk.ask()
    guest.sign_in()
    assert f"{address_of(pending)}/why" not in guest.http.get(address_of(pending)).text, "nothing to explain before the decision"
    say(desk, pending, verdict=verdict, reason="So it is.")
    assert ">How was this decided?</a>" in guest.http.get(address_of(pending)).text
    told = words(guest.http.get(f"{address_of(pending)}/why").text)
    assert "How was this decided?" in told
    assert "Why was this sent?" not in told
    assert "Not sealed" in told
    assert "So it is." in told


def test_other_bytes_than_were_approved_are_an_alarm(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    pending = delivered(desk, bench)
    guest.sign_in()
    assert "tell the operator" not in guest.http.get(f"{address_of(pending)}/why").text
    changed(owner_db, "UPDATE attempt SET digest = sha256('other') WHERE digest IS NOT NULL")
    assert "other bytes than were approved: tell the operator" in guest.http.get(f"{address_of(pending)}/why").text


def test_hostile_words_stay_words(guest: Guest, desk: Desk) -> None:
    pending = desk.ask()
    say(desk, pending, verdict="rejected", reason=HOSTILE)
    guest.sign_in()
    page = guest.http.get(f"{address_of(pending)}/why").text
    assert Reader(page).tags.count("script") == 1
    assert "\u202e" not in page
    assert "⟦U+202E⟧" in page


def test_nobody_else_reads_it(guest: Guest, desk: Desk, owner_db: Database) -> None:
    pending = desk.approved()
    at = f"{address_of(pending)}/why"
    assert guest.http.get(at).headers["location"] == LOGIN
    guest.open(invited(desk, desk.ask()))
    assert guest.http.get(at).headers["location"] == LOGIN, "a link opens no portal page"
    with owner_db.transaction() as session:
        stranger = guest_at(Desk(desk.database, desk.settings, found(session, "Other", "eve@example.com")))
    stranger.sign_in()
    assert stranger.http.get(at).status_code == 404
    for nothing in ("apr_1", show("apr", desk.founded.owner)):
        assert stranger.http.get(f"/portal/approvals/{nothing}/why").status_code == 404
