"""A campaign on its pages: counted and previewed, listed and searched, made shorter by whoever decides, undone, paused, stopped."""

from __future__ import annotations

import re
from typing import cast
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from approvals.links import Invitation
from approvals.people import Rank
from approvals.requests import Pending
from approvals.tools import SendStatus
from kernel.db import Database
from kernel.keys import show
from outbox.states import State
from surfaces.portal.runs import GROUPS
from tests.approvals.crowds import campaign, due, meet
from tests.approvals.hands import rows, set_policy
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, address_of, changed, everything, guest_at, invited, joined

FORMS = re.compile(r'<form method="post" action="([^"]+/(?:stop|pause|resume))".*?</form>', re.DOTALL)


def handles(page: httpx2.Response) -> dict[str, tuple[str, dict[str, str]]]:
    """What a person may do about the run: where each button leads and what it carries."""
    return {found.group(1).rpartition("/")[2]: (found.group(1), Reader(found.group()).fields) for found in FORMS.finditer(page.text)}


def press(guest: Guest, page: httpx2.Response, hand: str) -> httpx2.Response:
    at, fields = handles(page)[hand]
    return guest.http.post(at, data=fields)


def states(desk: Desk, pending: Pending) -> dict[str, int]:
    told = cast("SendStatus", desk.run("get_send_status", approvalId=show("apr", pending.approval_id))).approval
    assert told
    assert told.bulk
    return told.bulk.states


def version(owner_db: Database, old: Pending) -> UUID:
    ((new,),) = rows(owner_db, "SELECT id FROM approval WHERE supersedes = :old", old=old.approval_id)
    return cast("UUID", new)


def test_the_page_says_how_many_and_who_is_left_out_and_shows_three(guest: Guest, desk: Desk, owner_db: Database) -> None:
    ids = meet(desk, owner_db, 7)
    changed(owner_db, "UPDATE account SET phone = NULL WHERE name = 'Customer 7'")
    pending = campaign(desk, accountIds=ids)
    guest.sign_in()
    page = guest.http.get(address_of(pending)).text
    assert "Send “Spring offer” to 6 people?" in page
    assert page.count("Two for one on Monday.") == 3
    for said in ("The first 3 of 6", "1 without an address for this channel", "6 SMS in all", "not known: no price is set", "10 seconds after you approve"):
        assert said in page
    assert f"{address_of(pending)}/recipients" in Reader(page).addresses
    assert f"{address_of(pending)}/edit" not in page
    assert "“Spring offer” to 6 people" in guest.http.get("/portal").text


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        ({"sms_home": 4_150}, ("about 0.25 GBP", "about 0.04 GBP")),
        ({"sms_abroad": 4_150}, ("not known: no price is set", None)),
        ({}, ("not known: no price is set", None)),
        ({"whatsapp": 1}, ("not known: no price is set", None)),
    ],
)
def test_the_page_says_about_what_it_costs(guest: Guest, desk: Desk, owner_db: Database, prices: dict[str, int], said: tuple[str, str | None]) -> None:
    for_many, alone = said
    changed(owner_db, "UPDATE workspace SET country = 'GB'")
    meet(desk, owner_db, 6)
    set_policy(desk, "spend", **prices)
    pending, single = campaign(desk), desk.ask()
    guest.sign_in()
    assert for_many in guest.http.get(address_of(pending)).text
    page = guest.http.get(address_of(single)).text
    assert ("<dt>Cost</dt>" in page, alone is None or alone in page) == (alone is not None, True)


def test_a_letter_to_many_counts_as_free(guest: Guest, desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 3)
    guest.sign_in()
    assert "e-mail counts as free" in guest.http.get(address_of(campaign(desk, channel="email", subject="Spring"))).text


def test_a_price_that_cannot_be_read_is_none(guest: Guest, desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 3)
    pending = campaign(desk)
    set_policy(desk, "spend", sms_home=4_150)
    changed(owner_db, "UPDATE policy_setting SET settings = '[]'")
    guest.sign_in()
    page = guest.http.get(address_of(pending))
    assert (page.status_code, "not known: no price is set" in page.text) == (200, True)


def test_a_hidden_character_in_a_campaign_is_warned_of(guest: Guest, desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 5)
    guest.sign_in()
    assert "reverse the reading direction" in guest.http.get(address_of(campaign(desk, body="Two \u202efor one."))).text


def test_everybody_is_listed_page_by_page_and_found_by_name_and_number(guest: Guest, desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 120)
    pending = campaign(desk)
    guest.sign_in()
    at = f"{address_of(pending)}/recipients"
    seen, following = 0, at
    for _ in range(3):
        page = guest.http.get(following)
        seen += page.text.count('<li class="card">')
        then = re.search(r'<a href="([^"]*after=\d+[^"]*)" class="next">', page.text)
        following = then.group(1).replace("&amp;", "&") if then else ""
    assert (seen, following) == (120, "")
    for words, many in (("000042", 1), ("Customer 42", 1), ("customer 11", 11), ("nobody", 0), ("%", 0), ("\x00", 50)):
        found = guest.http.get(at, params={"q": words})
        assert (found.status_code, found.text.count('<li class="card">')) == (200, many), words
    for odd in ("after=-3", "after=x", "after=99999999999", "without=x,,-1,99999999999", "state=x", "without=9999"):
        assert guest.http.get(f"{at}?{odd}").status_code == 200, odd


def test_whoever_decides_leaves_people_out_and_the_rest_goes(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    meet(desk, owner_db, 5)
    pending = campaign(desk)
    old = invited(desk, pending)
    guest.sign_in()
    before = everything(owner_db)
    page = guest.http.get(f"{address_of(pending)}/recipients?without=1,3")
    assert ("2 would be left out" in page.text, "Approve for the other 3" in page.text) == (True, True)
    assert everything(owner_db) == before
    answer = guest.http.post(f"{address_of(pending)}/recipients", data={**Reader(page.text).fields, "verdict": "approved"})
    new = version(owner_db, pending)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/portal/approvals/{show('apr', new)}")
    due(owner_db)
    bench.drain()
    sent = "SELECT c.recipient, d.state FROM delivery d JOIN content c USING (intent_id) WHERE d.lane = 'sms:sandbox' ORDER BY 1"
    assert [state for _, state in rows(owner_db, sent)] == ["sent", "cancelled", "sent", "cancelled", "sent"]
    assert states(desk, pending) == {"sent": 3}
    told = cast("SendStatus", desk.run("get_send_status", approvalId=show("apr", pending.approval_id))).approval
    assert told
    assert told.bulk
    assert (told.approval_id, told.bulk.excluded, told.bulk.segments, told.digest != pending.digest) == (new, {"struck": 2}, 3, True)
    assert "left out by whoever decided" in guest.http.get(answer.headers["location"]).text
    dead = guest_at(desk)
    shown = dead.open(old)
    assert dead.press(shown, "approved", code=old.code).status_code in (403, 409)


def by_link(desk: Desk, pending: Pending) -> tuple[Guest, Invitation]:
    visitor, invitation = guest_at(desk), invited(desk, pending)
    visitor.open(invitation)
    return visitor, invitation


def test_behind_the_link_the_list_is_read_and_made_shorter_with_the_code(desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 4)
    pending = campaign(desk)
    visitor, invitation = by_link(desk, pending)
    page = visitor.http.get("/a/recipients?without=0")
    fields = {**Reader(page.text).fields, "verdict": "approved"}
    assert visitor.http.post("/a/recipients", data=fields).status_code == 422
    assert visitor.http.post("/a/recipients", data={**fields, "code": "000000" if invitation.code != "000000" else "1"}).status_code in (403, 422)
    assert rows(owner_db, "SELECT count(*) FROM grants WHERE source = 'approval'") == [(0,)]
    answer = visitor.http.post("/a/recipients", data={**fields, "code": invitation.code})
    assert (answer.status_code, answer.headers["location"]) == (303, "/a")
    assert states(desk, pending) == {"ready": 3}
    assert "stop" in handles(visitor.http.get("/a"))
    assert visitor.http.get("/a/recipients?state=waiting").text.count('<li class="card">') == 3
    scanner = guest_at(desk)
    scanner.open(invitation)
    assert not handles(scanner.http.get("/a"))


@pytest.mark.parametrize("forged", [{"without": "1,2"}, {"without": ""}, {"edited": "00"}, {"digest": "00"}, {"nonce": "x"}, {"verdict": "rejected"}])
def test_an_altered_form_decides_nothing(guest: Guest, desk: Desk, owner_db: Database, forged: dict[str, str]) -> None:
    meet(desk, owner_db, 4)
    pending = campaign(desk)
    guest.sign_in()
    at = f"{address_of(pending)}/recipients"
    fields = {**Reader(guest.http.get(f"{at}?without=1").text).fields, "verdict": "approved"}
    before = everything(owner_db)
    assert 400 <= guest.http.post(at, data={**fields, **forged}).status_code < 500
    assert everything(owner_db) == before


def test_staff_read_the_list_and_shorten_nothing(guest: Guest, desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 4)
    pending = campaign(desk)
    guest.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    page = guest.http.get(f"{address_of(pending)}/recipients?without=1").text
    assert (page.count('<li class="card">'), "Leave out" in page, "Approve for" in page) == (4, False, False)


def test_nobody_shortens_it_to_nothing(guest: Guest, desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 2)
    pending = campaign(desk)
    guest.sign_in()
    page = guest.http.get(f"{address_of(pending)}/recipients?without=0,1")
    assert (page.status_code, "too_many_left_out" in page.text, "Approve for" in page.text) == (409, True, False)


def test_a_run_is_undone_before_it_starts(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    meet(desk, owner_db, 6)
    pending = campaign(desk)
    guest.sign_in()
    guest.press(guest.http.get(address_of(pending)), "approved", at=address_of(pending))
    page = guest.http.get(address_of(pending))
    assert ("It starts in 10 seconds" in page.text, ">Undo</button>" in page.text, "<progress" in page.text) == (True, True, True)
    assert press(guest, page, "stop").status_code == 303
    due(owner_db)
    bench.drain()
    assert bench.memory.ledger == []
    page = guest.http.get(address_of(pending))
    assert ("Undone. Nothing was sent." in page.text, "Stopped by Olivia" in page.text, handles(page)) == (True, True, {})


def test_a_run_is_paused_and_goes_on(guest: Guest, desk: Desk, bench: Bench, owner_db: Database) -> None:
    meet(desk, owner_db, 6)
    pending, single = campaign(desk), desk.approved(to="+447400999999")
    desk.decide(pending)
    due(owner_db)
    guest.sign_in()
    assert press(guest, guest.http.get(address_of(pending)), "pause").status_code == 303
    bench.drain()
    assert (states(desk, pending), desk.send(single).state) == ({"ready": 6}, "sent")
    page = guest.http.get(address_of(pending))
    assert ("Paused: 0 of 6 have left." in page.text, sorted(handles(page))) == (True, ["resume", "stop"])
    assert "this request is paused" in guest.http.get(f"{address_of(pending)}/recipients").text
    assert address_of(pending) in guest.http.get("/portal/lanes").text
    assert press(guest, page, "resume").status_code == 303
    bench.drain()
    page = guest.http.get(address_of(pending))
    assert (states(desk, pending), "All 6 have left." in page.text, handles(page)) == ({"sent": 6}, True, {})
    assert guest.http.get(f"{address_of(pending)}/recipients?state=sent").text.count("Sent: the provider accepted it.") == 6


def test_a_nonce_of_one_hand_is_good_for_no_other(guest: Guest, desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 3)
    pending = campaign(desk)
    desk.decide(pending)
    guest.sign_in()
    _, fields = handles(guest.http.get(address_of(pending)))["pause"]
    assert guest.http.post(f"{address_of(pending)}/stop", data=fields).status_code == 403
    assert states(desk, pending) == {"ready": 3}


def test_every_state_is_in_one_group() -> None:
    named = [state for _, _, states in GROUPS for state in states]
    assert sorted(named) == sorted(State)


def test_a_second_decider_is_asked_anew_about_the_shorter_list(guest: Guest, desk: Desk, owner_db: Database) -> None:
    meet(desk, owner_db, 4)
    max_ = joined(desk, owner_db, "Max", Rank.MANAGER)
    pending = campaign(desk)
    with owner_db.transaction() as session:
        session.execute(text("UPDATE approval SET needs = 2"))
    guest.sign_in()
    at = f"{address_of(pending)}/recipients"
    guest.http.post(at, data={**Reader(guest.http.get(f"{at}?without=1").text).fields, "verdict": "approved"})
    new = version(owner_db, pending)
    assert rows(owner_db, "SELECT state, needs FROM approval WHERE id = :new", new=new) == [("pending", 2)]
    assert rows(owner_db, "SELECT person_id FROM link WHERE approval_id = :new AND ended_at IS NULL", new=new) == [(max_,)]
    second = guest_at(desk)
    second.sign_in(max_)
    page = second.http.get(f"/portal/approvals/{show('apr', new)}")
    second.press(page, "approved", at=f"/portal/approvals/{show('apr', new)}")
    assert states(desk, pending) == {"ready": 3}
