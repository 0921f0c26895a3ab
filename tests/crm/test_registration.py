"""Founding a business from outside: a code proves the address, guesses and requests are counted exactly, and nobody learns who is known."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from approvals.letters import post
from crm.access import registration
from crm.access.keys import SCOPES, find_caller
from crm.access.registration import DOORSTEP, AskedTooOften, CodeExpired, CodeUsed, NoSuchRequest, Registered, TriesSpent, Wish, WrongCode
from kernel.db import Database
from kernel.errors import SaysoError
from kernel.keys import new_id, token_hash
from kernel.settings import Settings, load
from outbox.kinds.notice import Notice
from outbox.kinds.registration_code import RegistrationCode
from tests.approvals.hands import rows
from tests.factories import Bench, Desk
from tests.portal.guest import changed, everything

WISH = Wish("mia@example.com", "Studio Mia", "salon", "FR", "Europe/Paris")
OWNER = "olivia@example.com"
CODE = re.compile(r"The code: (\d{6})")
INSERT_KEY = "INSERT INTO api_key (id, workspace_id, name, key_hash, last_four, scopes) VALUES (gen_random_uuid(), :w, 'x', 'x', 'x', '{}')"


@pytest.fixture(autouse=True)
def right(monkeypatch: pytest.MonkeyPatch) -> str:
    """The code that every letter holds."""
    monkeypatch.setattr(registration, "new_code", lambda: "424242")
    return "424242"


def asked(database: Database, settings: Settings, wish: Wish = WISH, origin: str = "192.0.2.1") -> UUID:
    with database.transaction() as session:
        return registration.ask(session, settings, wish, origin)


def verified(database: Database, settings: Settings, request: UUID, code: str) -> Registered | None:
    with database.transaction() as session:
        return registration.verify(session, settings, request, code)


def refusal(database: Database, settings: Settings, request: UUID, code: str) -> str:
    try:
        verified(database, settings, request, code)
    except SaysoError as refused:
        return refused.code
    return "opened"


def test_the_right_code_founds_a_business_with_its_owner_and_first_key(web_db: Database, settings: Settings, right: str, owner_db: Database) -> None:
    made = verified(web_db, settings, asked(web_db, settings), right)
    assert made
    found = rows(owner_db, "SELECT name, zone, country, industry, plan FROM workspace WHERE id = :w", w=made.workspace)
    assert found == [("Studio Mia", "Europe/Paris", "FR", "salon", "self_hosted")]
    assert rows(owner_db, "SELECT id, workspace_id, email, role FROM person") == [(made.owner, made.workspace, "mia@example.com", "owner")]
    with web_db.transaction(credential=token_hash(made.key.secret)) as session:
        known = find_caller(session, made.key.secret)
    assert known
    assert (known[0].scopes, known[1]) == (set(SCOPES), made.workspace)
    assert rows(owner_db, "SELECT action FROM audit WHERE workspace_id = :w", w=made.workspace) == [("workspace.registered",)]


def test_the_letter_leaves_before_everything_else_and_is_sent_again_in_doubt(web_db: Database, settings: Settings, bench: Bench, owner_db: Database) -> None:
    asked(web_db, settings)
    assert rows(owner_db, "SELECT d.priority, i.on_unknown, c.sealed FROM delivery d JOIN intent i ON i.id = d.intent_id JOIN content c USING (intent_id)") == [
        (0, "resend", True)
    ]
    bench.drain("email:sandbox")
    (letter,) = [dispatch.content for dispatch in bench.memory.ledger]
    assert (letter.recipient, CODE.findall(letter.body), "Studio Mia" in letter.body) == ("mia@example.com", ["424242"], False)


def test_a_code_is_used_up_once_however_many_say_it_at_once(web_db: Database, settings: Settings, right: str, owner_db: Database) -> None:
    request = asked(web_db, settings)
    with ThreadPoolExecutor(8) as crowd:
        told = Counter(crowd.map(lambda _: refusal(web_db, settings, request, right), range(16)))
    assert told == {"opened": 1, "code_used": 15}
    assert rows(owner_db, "SELECT count(*) FROM workspace WHERE id <> :d", d=DOORSTEP) == [(1,)]
    assert rows(owner_db, "SELECT count(*) FROM api_key") == [(1,)]


def test_five_guesses_are_all_there_are_however_many_guess_at_once(web_db: Database, settings: Settings, right: str, owner_db: Database) -> None:
    request = asked(web_db, settings)
    with ThreadPoolExecutor(8) as crowd:
        told = Counter(crowd.map(lambda guess: refusal(web_db, settings, request, f"{guess:06d}"), range(40)))
    assert told == {"wrong_code": 5, "tries_spent": 35}
    with pytest.raises(TriesSpent):
        verified(web_db, settings, request, right)
    assert rows(owner_db, "SELECT count(*) FROM person") == [(0,)]


def test_each_wrong_code_says_how_many_tries_are_left(web_db: Database, settings: Settings, right: str) -> None:
    request = asked(web_db, settings)
    left = []
    for _ in range(4):
        with pytest.raises(WrongCode) as refused:
            verified(web_db, settings, request, "000000")
        left.append(refused.value.data["triesLeft"])
    assert left == [4, 3, 2, 1]
    assert verified(web_db, settings, request, right)


def test_an_old_code_and_an_unknown_request_say_what_to_do(web_db: Database, settings: Settings, right: str, owner_db: Database) -> None:
    request = asked(web_db, settings)
    changed(owner_db, "UPDATE registration SET expires_at = now()")
    for one, error in ((request, CodeExpired), (new_id(), NoSuchRequest)):
        with pytest.raises(error) as refused:
            verified(web_db, settings, one, right)
        assert "register_organisation_request" in refused.value.advice
    changed(owner_db, "UPDATE registration SET expires_at = now() + interval '1 minute'")
    assert verified(web_db, settings, request, right)
    with pytest.raises(CodeUsed):
        verified(web_db, settings, request, right)


def test_an_owner_gets_another_letter_and_no_key(desk: Desk, bench: Bench, right: str, owner_db: Database) -> None:
    wish = replace(WISH, address=OWNER)
    request = asked(desk.database, desk.settings, wish)
    bench.drain("email:sandbox")
    (letter,) = [dispatch.content for dispatch in bench.memory.ledger]
    assert "You own a business here already: sign in" in letter.body
    assert verified(desk.database, desk.settings, request, right) is None
    assert rows(owner_db, "SELECT count(*) FROM person") == [(1,)]
    assert rows(owner_db, "SELECT count(*) FROM api_key") == [(1,)]


def test_two_codes_for_one_address_found_one_business(web_db: Database, settings: Settings, right: str, owner_db: Database) -> None:
    requests = [asked(web_db, settings) for _ in range(2)]
    with ThreadPoolExecutor(2) as pair:
        made = list(pair.map(lambda request: verified(web_db, settings, request, right), requests))
    assert [each is None for each in made].count(True) == 1
    assert rows(owner_db, "SELECT count(*) FROM person") == [(1,)]


def test_known_and_unknown_addresses_cost_the_same_statements(desk: Desk, monkeypatch: pytest.MonkeyPatch, owner_db: Database) -> None:
    traces = []
    for address in ("mia@example.com", OWNER):
        before = {table: len(found) for table, found in everything(owner_db).items()}
        asked(desk.database, desk.settings, replace(WISH, address=address))
        after = {table: len(found) for table, found in everything(owner_db).items()}
        traces.append({table: after[table] - before[table] for table in after if table not in ("throttle", "lane", "workspace")})
    assert traces[0] == traces[1]
    assert traces[0]["registration"] == traces[0]["intent"] == 1


def test_three_an_hour_for_an_address_is_exact_when_many_ask_at_once(web_db: Database, settings: Settings, owner_db: Database) -> None:
    def ask(number: int) -> str:
        try:
            asked(web_db, settings, origin=f"198.51.100.{number}")
        except AskedTooOften:
            return "refused"
        return "asked"

    with ThreadPoolExecutor(8) as crowd:
        assert Counter(crowd.map(ask, range(24))) == {"asked": 3, "refused": 21}
    assert rows(owner_db, "SELECT count(*) FROM intent") == [(3,)]
    changed(owner_db, "UPDATE registration SET asked_at = now() - interval '61 minutes'")
    assert ask(30) == "asked"


def test_twenty_a_day_are_all_there_are_for_an_address(web_db: Database, settings: Settings, owner_db: Database) -> None:
    for number in range(20):
        asked(web_db, settings, origin=f"198.51.100.{number}")
        changed(owner_db, "UPDATE registration SET asked_at = now() - interval '2 hours'")
    with pytest.raises(AskedTooOften):
        asked(web_db, settings, origin="198.51.100.99")
    changed(owner_db, "UPDATE registration SET asked_at = now() - interval '3 days'")
    asked(web_db, settings, origin="198.51.100.99")
    assert rows(owner_db, "SELECT count(*) FROM registration") == [(1,)]


def test_three_an_hour_are_all_there_are_for_an_origin(web_db: Database, settings: Settings) -> None:
    for number in range(3):
        asked(web_db, settings, replace(WISH, address=f"mia{number}@example.com"))
    with pytest.raises(AskedTooOften):
        asked(web_db, settings, replace(WISH, address="mia9@example.com"))
    asked(web_db, settings, replace(WISH, address="mia9@example.com"), origin="192.0.2.2")


def test_a_closed_server_takes_nobody(web_db: Database, settings: Settings, owner_db: Database) -> None:
    closed = settings.model_copy(update={"registration": "closed"})
    with pytest.raises(registration.RegistrationClosed):
        asked(web_db, closed)
    assert rows(owner_db, "SELECT count(*) FROM intent") == [(0,)]


@pytest.mark.parametrize(
    ("said", "env", "open_"), [("", "development", True), ("closed", "development", False), ("", "production", False), ("open", "production", True)]
)
def test_production_is_closed_unless_it_says_otherwise(said: str, env: str, open_: bool) -> None:
    production = {"SAYSO_SECRET_KEY": "0123456789abcdef" * 4, "SAYSO_BASE_URL": "https://sayso.example", "SAYSO_ALLOW_SANDBOX": True}
    addresses = {"SAYSO_DATABASE_URL": "postgresql+psycopg://a@b/c", "SAYSO_REDIS_URL": "redis://b"}
    more = {"SAYSO_REGISTRATION": said} if said else {}
    assert load(SAYSO_ENV=env, **production, **addresses, **more).takes_strangers is open_


def forge(session: Session, statement: str, **given: object) -> None:
    session.execute(text(statement), given)


def test_the_door_adds_nothing_to_a_business_that_is_there(desk: Desk, right: str, owner_db: Database) -> None:
    request, before = asked(desk.database, desk.settings), everything(owner_db)
    proof = registration._hash(desk.settings.secret, request, right)
    found = "SELECT * FROM found_registered(:r, ARRAY[:proof]::bytea[], :w, gen_random_uuid(), CAST(:key AS jsonb), 'self_hosted')"
    key = '{"id": "01990000-0000-7000-8000-000000000001", "name": "x", "hash": "00", "last_four": "0000", "scopes": ["workspace"]}'
    with pytest.raises(DBAPIError, match="pk_workspace"), desk.database.transaction() as session:
        forge(session, found, r=request, proof=proof, w=desk.founded.workspace, key=key)
    operating = key.replace('"workspace"', '"operate"')
    with pytest.raises(DBAPIError, match="ck_api_key_scopes"), desk.database.transaction() as session:
        forge(session, found, r=request, proof=proof, w=new_id(), key=operating)
    with pytest.raises(DBAPIError, match="row-level security"), desk.database.transaction(desk.founded.workspace) as session:
        forge(session, INSERT_KEY, w=desk.founded.workspace)
    after = everything(owner_db)
    assert {table: after[table] for table in ("person", "api_key", "workspace")} == {table: before[table] for table in ("person", "api_key", "workspace")}


@pytest.mark.parametrize(
    "statement", ["SELECT * FROM registration", "UPDATE registration SET tries = 0", "INSERT INTO registration (id) VALUES (gen_random_uuid())"]
)
def test_the_web_login_reads_and_writes_no_wish_but_through_its_door(web_db: Database, settings: Settings, statement: str) -> None:
    asked(web_db, settings)
    with pytest.raises(DBAPIError, match="permission denied"), web_db.transaction(DOORSTEP) as session:
        forge(session, statement)


def test_no_other_letter_goes_to_a_stranger(web_db: Database, settings: Settings, owner_db: Database) -> None:
    asked(web_db, settings)
    for letter in (
        RegistrationCode(to="mia@example.com", subject="A second one", body="Buy now."),
        RegistrationCode(to="eve@example.com", subject="To somebody else", body="Buy now."),
        Notice(to="mia@example.com", subject="Of another kind", body="Buy now."),
    ):
        with pytest.raises(Exception, match="goes without approval"), web_db.transaction(DOORSTEP) as session:
            post(session, settings, DOORSTEP, [letter])
    assert rows(owner_db, "SELECT count(*) FROM grants") == [(1,)]
