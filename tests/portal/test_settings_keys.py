"""The keys of agents in the portal: an owner or a manager makes and revokes them; a secret is seen once, and staff see none of it."""

from __future__ import annotations

import logging
import re
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from approvals.people import Rank
from crm.access.keys import SCOPES, find_caller
from kernel.db import Database
from kernel.keys import show, token_hash
from surfaces.portal.pages.keys import MAY
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.portal.guest import Guest, Reader, changed, everything, guest_at, joined

PATH = "/portal/settings/keys"
SECRET = re.compile(r"sayso_mcp_[\w-]+")
KEY = "INSERT INTO api_key (id, workspace_id, name, key_hash, last_four, scopes, created_by) VALUES (gen_random_uuid(), :w, 'x', 'x', 'x', '{}', :by)"


def fields_for(guest: Guest, name: str = "Night agent", scopes: tuple[str, ...] = ("contacts", "messaging")) -> dict[str, str]:
    """The form of a new key, filled in."""
    return {**Reader(guest.http.get(PATH).text).fields, "name": name, **{f"scope-{scope}": "on" for scope in scopes}}


def made(guest: Guest, name: str = "Night agent", scopes: tuple[str, ...] = ("contacts", "messaging")) -> str:
    """A new key's secret."""
    answer = guest.http.post(PATH, data=fields_for(guest, name, scopes))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return SECRET.findall(answer.text)[0]


def key_named(owner_db: Database, name: str) -> UUID:
    ((key,),) = rows(owner_db, "SELECT id FROM api_key WHERE name = :name", name=name)
    assert isinstance(key, UUID)
    return key


def test_every_scope_is_said_in_plain_words() -> None:
    assert set(MAY) == set(SCOPES), "a scope without its words makes the page of keys a server error"


@pytest.mark.parametrize("rank", [None, Rank.MANAGER])
def test_a_key_is_made_with_its_scopes_and_its_maker(guest: Guest, desk: Desk, web_db: Database, owner_db: Database, rank: Rank | None) -> None:
    maker = joined(desk, owner_db, "Robin", rank) if rank else desk.founded.owner
    guest.sign_in(maker)
    secret = made(guest)
    with web_db.transaction(credential=token_hash(secret)) as session:
        known = find_caller(session, secret)
    assert known
    assert (known[0].name, known[0].scopes, known[1]) == ("Night agent", {"contacts", "messaging"}, desk.founded.workspace)
    key = key_named(owner_db, "Night agent")
    assert rows(owner_db, "SELECT created_by FROM api_key WHERE id = :key", key=key) == [(maker,)]
    assert rows(owner_db, "SELECT actor, subject, detail FROM audit WHERE action = 'key.created'") == [
        (f"person: {'Robin' if rank else 'Olivia'}", show("key", key), {"scopes": ["contacts", "messaging"]})
    ]


def test_a_secret_is_shown_once_and_kept_nowhere(guest: Guest, owner_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    guest.sign_in()
    secret = made(guest)
    shown = guest.http.get(PATH).text
    assert (SECRET.findall(shown), f"…{secret[-4:]}" in shown, "Night agent" in shown) == ([], True, True)
    assert secret not in str(everything(owner_db))
    assert not [record for record in caplog.records if secret in f"{record.getMessage()} {record.args}"]


def test_a_form_sent_twice_makes_one_key(guest: Guest, owner_db: Database) -> None:
    guest.sign_in()
    fields = fields_for(guest)
    assert [guest.http.post(PATH, data=fields).status_code for _ in range(2)] == [200, 409]
    assert rows(owner_db, "SELECT count(*) FROM api_key WHERE name = 'Night agent'") == [(1,)]
    assert rows(owner_db, "SELECT count(*) FROM audit WHERE action = 'key.created'") == [(1,)]


@pytest.mark.parametrize(
    ("name", "scopes"), [("", ("contacts",)), ("n" * 81, ("contacts",)), ("a\nb", ("contacts",)), ("Agent", ()), ("Agent", ("operate",)), ("Agent", ("all",))]
)
def test_a_key_needs_a_name_and_scopes_that_a_key_may_hold(guest: Guest, owner_db: Database, name: str, scopes: tuple[str, ...]) -> None:
    guest.sign_in()
    answer = guest.http.post(PATH, data=fields_for(guest, name, scopes))
    assert (answer.status_code, SECRET.findall(answer.text)) == (422, [])
    assert rows(owner_db, "SELECT count(*) FROM api_key") == [(1,)]


def test_every_scope_is_offered_and_none_is_chosen_already(guest: Guest) -> None:
    guest.sign_in()
    page = guest.http.get(PATH).text
    assert re.findall(r'name="scope-(\w+)"', page) == list(SCOPES)
    assert " checked" not in page


def test_a_key_is_revoked_after_a_question_and_for_good(guest: Guest, desk: Desk, bench: Bench, web_db: Database, owner_db: Database) -> None:
    pending = desk.approved()
    guest.sign_in()
    at = f"{PATH}/{show('key', desk.founded.key.id)}/revoke"
    before = everything(owner_db)
    page = guest.http.get(at)
    assert everything(owner_db) == before
    assert "“first agent”" in page.text
    assert guest.press(page, "", at=at).headers["location"] == PATH
    with web_db.transaction(credential=token_hash(desk.founded.key.secret)) as session:
        assert find_caller(session, desk.founded.key.secret) is None
    bench.drain()
    assert desk.send(pending).state == "ready"
    assert "Revoked" in guest.http.get(PATH).text
    assert guest.press(page, "", at=at).status_code == 404
    assert rows(owner_db, "SELECT actor, subject FROM audit WHERE action = 'key.revoked'") == [("person: Olivia", show("key", desk.founded.key.id))]
    with pytest.raises(Exception, match="stays_revoked"), web_db.transaction(desk.founded.workspace) as session:
        session.execute(text("UPDATE api_key SET revoked_at = NULL"))


def test_staff_neither_see_nor_make_nor_revoke_keys(guest: Guest, desk: Desk, owner_db: Database) -> None:
    guest.sign_in(joined(desk, owner_db, "Sam", Rank.STAFF))
    at = f"{PATH}/{show('key', desk.founded.key.id)}/revoke"
    for answer in (guest.http.get(PATH), guest.http.get(at), guest.http.post(PATH, data={}), guest.http.post(at, data={})):
        assert (answer.status_code, "first agent" in answer.text) == (403, False)


def test_a_role_that_is_lost_counts_when_the_page_is_already_open(guest: Guest, desk: Desk, owner_db: Database) -> None:
    guest.sign_in()
    fields, at = fields_for(guest), f"{PATH}/{show('key', desk.founded.key.id)}/revoke"
    page = guest.http.get(at)
    changed(owner_db, "UPDATE person SET role = 'staff'")
    assert (guest.http.post(PATH, data=fields).status_code, guest.press(page, "", at=at).status_code) == (403, 403)
    assert rows(owner_db, "SELECT count(*), count(revoked_at) FROM api_key") == [(1, 0)]


def test_the_forms_need_their_own_nonce(guest: Guest, desk: Desk, owner_db: Database) -> None:
    guest.sign_in()
    at = f"{PATH}/{show('key', desk.founded.key.id)}/revoke"
    new, page = fields_for(guest), guest.http.get(at)
    other = guest_at(desk)
    other.sign_in()
    assert other.http.post(PATH, data=new).status_code == 403
    assert other.press(page, "", at=at).status_code == 403
    assert guest.http.post(PATH, data={**new, "key": show("key", desk.founded.owner)}).status_code == 403
    assert guest.http.post(at, data=new).status_code == 403
    assert rows(owner_db, "SELECT count(*), count(revoked_at) FROM api_key") == [(1, 0)]


def test_a_stranger_is_shown_the_way_in(guest: Guest) -> None:
    for path in (PATH, f"{PATH}/key_0/revoke"):
        assert guest.http.get(path).headers["location"] == "/portal/sign-in"
        assert guest.http.post(path, data={}).headers["location"] == "/portal/sign-in"


@pytest.mark.parametrize("who", ["agent", "staff", "another's name"])
def test_the_database_takes_a_key_only_from_the_person_who_makes_it(desk: Desk, web_db: Database, owner_db: Database, who: str) -> None:
    sam, robin = joined(desk, owner_db, "Sam", Rank.STAFF), joined(desk, owner_db, "Robin", Rank.MANAGER)
    given = {"w": desk.founded.workspace, "by": {"agent": None, "staff": sam, "another's name": robin}[who]}
    if who == "agent":
        with pytest.raises(Exception, match="row-level security"), web_db.transaction(desk.founded.workspace, token_hash(desk.founded.key.secret)) as session:
            session.execute(text(KEY), given)
        return
    with pytest.raises(Exception, match="row-level security"), desk.signed_in(sam if who == "staff" else None) as (session, _):
        session.execute(text(KEY), given)


def test_a_key_of_nobodys_would_stand_were_it_not_for_the_policy(desk: Desk, owner_db: Database) -> None:
    """The negative control: without the policy any transaction of the workspace makes keys."""
    with owner_db.transaction() as session:
        web = session.scalar(text("SELECT polroles[1]::regrole::text FROM pg_policy WHERE polname = 'by_a_decider'"))
        session.execute(text("DROP POLICY by_a_decider ON api_key"))
        session.execute(text(f"SET LOCAL ROLE {web}"))
        session.execute(text("SELECT set_config('sayso.workspace', :w, true)"), {"w": str(desk.founded.workspace)})
        session.execute(text(KEY), {"w": desk.founded.workspace, "by": None})
        session.rollback()


def replaced(guest: Guest, key: UUID, hours: str) -> httpx2.Response:
    """Press the button of the page that replaces a key's secret."""
    at = f"{PATH}/{show('key', key)}/replace"
    return guest.http.post(at, data={**Reader(guest.http.get(at).text).fields, "hours": hours})


def opens(web_db: Database, secret: str) -> bool:
    with web_db.transaction(credential=token_hash(secret)) as session:
        return find_caller(session, secret) is not None


def test_a_replaced_secret_works_on_for_as_long_as_was_said(guest: Guest, desk: Desk, web_db: Database, owner_db: Database) -> None:
    old, key = desk.founded.key.secret, desk.founded.key.id
    guest.sign_in()
    answer = replaced(guest, key, "24")
    (new,) = SECRET.findall(answer.text)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (opens(web_db, old), opens(web_db, new)) == (True, True)
    assert rows(owner_db, "SELECT count(*) FROM api_key") == [(1,)]
    assert "The secret before" in guest.http.get(PATH).text
    changed(owner_db, "UPDATE api_key SET old_until = now()")
    assert (opens(web_db, old), opens(web_db, new)) == (False, True)
    assert rows(owner_db, "SELECT actor, detail FROM audit WHERE action = 'key.replaced'") == [("person: Olivia", {"hours": 24})]


def test_a_third_secret_ends_the_first_and_revoking_ends_them_all(guest: Guest, desk: Desk, web_db: Database) -> None:
    key = desk.founded.key.id
    guest.sign_in()
    first, second = desk.founded.key.secret, SECRET.findall(replaced(guest, key, "24").text)[0]
    third = SECRET.findall(replaced(guest, key, "1").text)[0]
    assert [opens(web_db, secret) for secret in (first, second, third)] == [False, True, True]
    at = f"{PATH}/{show('key', key)}/revoke"
    guest.press(guest.http.get(at), "", at=at)
    assert [opens(web_db, secret) for secret in (first, second, third)] == [False, False, False]


def test_a_form_sent_twice_replaces_once(guest: Guest, desk: Desk) -> None:
    at = f"{PATH}/{show('key', desk.founded.key.id)}/replace"
    guest.sign_in()
    fields = {**Reader(guest.http.get(at).text).fields, "hours": "0"}
    assert [guest.http.post(at, data=fields).status_code for _ in range(2)] == [200, 403]
    assert guest.http.post(at, data={**Reader(guest.http.get(at).text).fields, "hours": "999"}).status_code == 422


REPLACE = "UPDATE api_key SET old_hash = key_hash, key_hash = 'x', last_four = 'x', old_until = now() + interval '1 hour'"


def test_the_database_lets_no_key_and_no_staff_replace_a_secret(desk: Desk, owner_db: Database) -> None:
    key = token_hash(desk.founded.key.secret)
    with pytest.raises(Exception, match="nobody who may"), desk.database.transaction(desk.founded.workspace, key) as session:
        session.execute(text(REPLACE))
    with pytest.raises(Exception, match="nobody who may"), desk.signed_in(joined(desk, owner_db, "Sam", Rank.STAFF)) as (session, _):
        session.execute(text(REPLACE))
    with desk.signed_in() as (session, _):
        session.execute(text(REPLACE))
