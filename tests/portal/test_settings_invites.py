"""Invitations in the portal: an owner reads whom an agent wishes to have, one press sends the letter, and its reader comes in by a code."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from approvals.people import Rank
from crm.access import invites
from kernel.db import Database
from kernel.errors import NotFound
from kernel.keys import show
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, guest_at, joined

TEAM = "/portal/settings/team"
TOKEN = re.compile(r"give it this token: (\S+)")


@pytest.fixture(autouse=True)
def _right(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every letter holds the same code."""
    monkeypatch.setattr(invites, "new_code", lambda: "424242")


def proposed(desk: Desk) -> UUID:
    shown: Any = desk.run("create_team_member_invite", email="robin@example.com", role="manager")
    return UUID(str(shown.invite_id))


def token_of(bench: Bench) -> str:
    """The token in the invitation that left."""
    bench.drain("email:sandbox")
    (found,) = [match for dispatch in bench.memory.ledger for match in TOKEN.findall(dispatch.content.body)]
    return str(found)


def page_of(invite: UUID) -> str:
    return f"{TEAM}/invites/{show('ivt', invite)}"


def test_the_portal_shows_what_is_asked_and_one_press_sends_the_letter(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    invite = proposed(desk)
    guest.sign_in()
    assert page_of(invite) in guest.http.get(TEAM).text
    page = guest.http.get(page_of(invite))
    assert (Reader(page.text).buttons, "robin@example.com" in page.text, "manager" in page.text) == (["confirm", "decline"], True, True)
    assert rows(owner_db, "SELECT confirmed_at FROM invite") == [(None,)]
    assert guest.press(page, "confirm", at=page_of(invite)).status_code == 303
    assert guest.press(page, "confirm", at=page_of(invite)).status_code == 404
    theirs = guest_at(desk)
    token = token_of(bench)
    door = theirs.http.get(f"/portal/join/{token}")
    sent = theirs.http.post(f"/portal/join/{token}", data=Reader(door.text).fields)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/portal/join/{token}/code")
    form = theirs.http.get(f"/portal/join/{token}/code")
    wrong = theirs.http.post(f"/portal/join/{token}/code", data={**Reader(form.text).fields, "code": "000000"})
    assert (wrong.status_code, "join_code_refused" in wrong.text) == (403, True)
    come = theirs.http.post(f"/portal/join/{token}/code", data={**Reader(form.text).fields, "code": "424 242", "name": "Robin B."})
    assert (come.status_code, "You belong now" in come.text) == (200, True)
    assert rows(owner_db, "SELECT name FROM person WHERE role = 'manager'") == [("Robin B.",)]


def test_an_owner_declines_and_others_see_no_button(guest: Guest, desk: Desk, owner_db: Database) -> None:
    invite = proposed(desk)
    guest.sign_in(joined(desk, owner_db, "Max", Rank.MANAGER))
    assert page_of(invite) not in guest.http.get(TEAM).text
    assert guest.http.get(page_of(invite)).status_code == 403
    guest.sign_in()
    page = guest.http.get(page_of(invite))
    assert guest.press(page, "decline", at=page_of(invite)).status_code == 303
    assert rows(owner_db, "SELECT ended_as, token_hash FROM invite") == [("declined", None)]
    with desk.signed_in() as (session, owner), pytest.raises(NotFound):
        invites.confirm(session, desk.settings, owner, invite)
