"""Every page of the portal, found and not listed: reading changes nothing, nobody frames or keeps it, no form comes from elsewhere, strangers find nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.routing import Route

from approvals.batches import Wish, begin
from approvals.rulings import policies
from crm.access.setup import found
from kernel.db import Database
from kernel.keys import new_id, show
from surfaces.door import Door
from surfaces.portal.routes import routes
from tests.approvals.crowds import campaign, meet
from tests.approvals.hands import dead, doubt, rows, set_policy
from tests.approvals.test_standing import WORDS, allow
from tests.factories import Bench, Desk
from tests.fixtures.senders import connected
from tests.portal.guest import address_of, everything, guest_at, invited

GAP = re.compile(r"\{(\w+)(?::path)?\}")
KINDS = {"acc": "account", "apr": "approval", "sta": "standing", "key": "api_key", "cha": "channel_account", "per": "person", "int": "intent", "bat": "batch"}
WORDS_OF = {"name": tuple(policies()), "token": ("x" * 22,), "deed": ("rotate", "replace", "end", "stop"), "rest": ("nowhere",), "file": ("none.css",)}
SAFE = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-content-type-options": "nosniff"}
PRESSED = {"verdict": "approved", "without": "0", "url": "https://shop.example/hook", "until": "2030-01-01", "channel": "email"}
ELSEWHERE = ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"})
CANARY = "Only Olivia reads this."


@pytest.fixture
def furnished(desk: Desk, bench: Bench, owner_db: Database) -> Desk:
    """A business with what has a page of its own."""
    meet(desk, owner_db, 3)
    set_policy(desk, "first_time", in_person=False)
    doubt(desk, bench)
    letter = dead(desk, bench)
    with desk.signed_in() as (session, owner):
        begin(session, owner, Wish(new_id(), "leave", "Not worth it.", letter.intent_ids))
    allow(desk, desk.approved(WORDS))
    connected(desk)
    desk.decide(campaign(desk))
    campaign(desk, body=CANARY)
    return desk


def addresses(desk: Desk, owner_db: Database, method: str) -> list[str]:
    """Every address that answers to this method, with the newest ids of each kind and with words that fit."""
    newest = [(prefix, row[0]) for prefix, table in KINDS.items() for row in rows(owner_db, f"SELECT id FROM {table} ORDER BY id DESC LIMIT 2")]
    ids = [show(prefix, one) for prefix, one in newest]  # type: ignore[arg-type] # a row is of objects
    listed = [route for route in routes(Door(desk.settings, desk.database)) if isinstance(route, Route) and method in (route.methods or ())]
    return [address for route in listed if "/static/" not in route.path for address in _filled(route.path, ids)]


def _filled(path: str, ids: list[str]) -> Iterator[str]:
    gaps = GAP.findall(path)
    for name in ids if "id" in gaps else [""]:
        for word in next((WORDS_OF[gap] for gap in gaps if gap in WORDS_OF), ("",)):
            yield GAP.sub(lambda gap, name=name, word=word: name if gap.group(1) == "id" else word or name, path)


def test_reading_any_page_changes_nothing_and_nobody_frames_or_keeps_it(furnished: Desk, owner_db: Database) -> None:
    guest = guest_at(furnished)
    guest.sign_in()
    guest.open(invited(furnished, furnished.ask("By link.")))
    before, seen = everything(owner_db), 0
    for address in addresses(furnished, owner_db, "GET"):
        answer = guest.http.get(address)
        seen += answer.status_code == 200
        assert answer.status_code < 500, address
        assert {name: answer.headers.get(name) for name in SAFE} == SAFE, address
        assert answer.status_code == 303 or "frame-ancestors 'none'" in answer.headers["content-security-policy"], address
        assert guest.http.head(address).status_code == answer.status_code, address
    assert everything(owner_db) == before
    assert seen > 25


def test_no_form_is_taken_from_elsewhere_or_without_its_page(furnished: Desk, owner_db: Database) -> None:
    guest = guest_at(furnished)
    guest.sign_in()
    guest.open(invited(furnished, furnished.ask("By link.")))
    before = everything(owner_db)
    posts = addresses(furnished, owner_db, "POST")
    for address in posts:
        for headers in ELSEWHERE:
            assert guest.http.post(address, data=PRESSED, headers=headers).status_code == 403, address
        assert guest.http.post(address, data=PRESSED).status_code < 500, address
    assert everything(owner_db) == before
    pending = furnished.ask("The negative control.")
    before = everything(owner_db)
    assert guest.press(guest.http.get(address_of(pending)), "approved", at=address_of(pending)).status_code == 303
    assert everything(owner_db) != before


def test_somebody_of_another_business_finds_none_of_it(furnished: Desk, owner_db: Database) -> None:
    ours = [address for method in ("GET", "POST") for address in addresses(furnished, owner_db, method) if "_" in address]
    with owner_db.transaction() as session:
        other = found(session, "Elsewhere", "eve@example.com")
    eve, olivia = guest_at(replace(furnished, founded=other)), guest_at(furnished)
    eve.sign_in()
    olivia.sign_in()
    before = everything(owner_db)
    for address in ours:
        for answer in (eve.http.get(address), eve.http.post(address, data=PRESSED)):
            assert answer.status_code in (403, 404, 405) or "/policies/" in address, (address, answer.status_code)
            assert CANARY not in answer.text
    assert everything(owner_db) == before
    assert any(CANARY in olivia.http.get(address).text for address in ours)
