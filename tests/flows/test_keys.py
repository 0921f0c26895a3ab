"""Whatever scopes an agent's key holds and whatever it calls, it decides nothing, and reads nothing that only a decider gets."""

from __future__ import annotations

import base64
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, count
from random import Random
from typing import Any

import httpx2
import pytest
from starlette.routing import Route
from starlette.testclient import TestClient

from approvals.people import Rank
from approvals.requests import Pending
from crm.access.keys import SCOPES, issue
from crm.contacts.tables import Account
from kernel import keys, schema
from kernel.db import Database
from kernel.keys import show
from kernel.operation import REGISTRY
from kernel.seal import unseal
from outbox.tables import ContentRow
from surfaces.door import Door
from surfaces.portal.routes import routes
from tests.approvals.hands import dead, doubt, rows
from tests.factories import PHONE, Bench, Desk
from tests.flows.drawn import Hand
from tests.portal.guest import Reader, app_of, everything, guest_at, invited, joined, state_of

SUBSETS = [subset for many in (0, 1, len(SCOPES) - 1, len(SCOPES)) for subset in combinations(SCOPES, many)]
"""Nothing, each scope alone, all but one, and everything: every scope is both missed and the only one."""
DECIDING = ("vote", "person", "portal_session", "login_link", "terminal_login", "sign_in_code", "api_key", "stop", "address_change", "reach", "delegation")
"""What nothing that an agent does may touch; `start_login` is not for agents, and its rows decide nothing until a person has answered."""
JSON_OR_STREAM = {"Accept": "application/json, text/event-stream"}
PUBLIC = ("/openapi.json", "/docs", "/.well-known/mcp/server-card.json", "/healthz", "/readyz", "/a", "/portal", "/portal/ledger", "/portal/doubts", "/mcp")
DRAWS = 2
"""For each of the subsets that holds the tool's scope; those are nine."""
TAKES_AWAY = "revoke_api_key"
"""Ends a key and holds what it asked for: the one thing about keys that a key may do, and it lets nothing through; tried apart."""
FORBIDDEN, SERVER_ERROR = 403, 500


@pytest.fixture
def web(desk: Desk) -> Iterator[TestClient]:
    """The whole application, spoken to without a key until one is given."""
    with TestClient(app_of(desk), base_url=desk.settings.base_url, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def hand(desk: Desk, bench: Bench, seed: str = "") -> Hand:
    """A workspace with one of everything, and a hand that knows the ids; each seed draws otherwise."""
    desk.run("create_account", name="Mia Park", phone=PHONE)
    requests = [doubt(desk, bench), dead(desk, bench), desk.approved(), desk.ask("One."), desk.ask("Two.")]
    with desk.database.transaction(desk.founded.workspace) as session:
        accounts = [show("acc", account.id) for account in session.query(Account)]
    ids = {
        "acc": accounts,
        "apr": [show("apr", request.approval_id) for request in requests],
        "int": [show("int", intent) for request in requests for intent in request.intent_ids],
        "key": [show("key", desk.founded.key.id)],
    }
    return Hand(Random(seed), ids)


def say_so(owner_db: Database) -> dict[str, list[str]]:
    """Every row that decides or could help to, and every grant that came of a decision."""
    rows = everything(owner_db)
    return {**{table: rows[table] for table in DECIDING}, "grants": [row for row in rows["grants"] if '"source": "approval"' in row]}


def call(web: TestClient, name: str, arguments: dict[str, Any]) -> Iterator[httpx2.Response]:
    """The operation over REST and over MCP."""
    yield web.post(f"/api/{name}", json=arguments)
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
    yield web.post("/mcp", json=body, headers=JSON_OR_STREAM)


def hold_key(web: TestClient, desk: Desk, owner_db: Database, scopes: tuple[str, ...]) -> None:
    """Call with a key of these scopes from now on."""
    with owner_db.transaction() as session:
        secret = issue(session, desk.founded.workspace, "an agent", scopes).secret
    web.headers["Authorization"] = f"Bearer {secret}"


@pytest.mark.parametrize("scopes", SUBSETS, ids="+".join)
def test_no_key_decides_whatever_it_calls(web: TestClient, desk: Desk, bench: Bench, owner_db: Database, scopes: tuple[str, ...]) -> None:
    drawing = hand(desk, bench, seed=f"{scopes}")
    hold_key(web, desk, owner_db, scopes)
    before, heard = say_so(owner_db), Counter[tuple[bool, int]]()
    for name, operation in REGISTRY.items():
        if name == TAKES_AWAY:
            continue
        may = operation.scope in scopes
        for _ in range(DRAWS if may else 1):
            rest, mcp = (answer.status_code for answer in call(web, name, drawing.arguments(schema.of_arguments(operation))))
            assert may or operation.is_public or rest == FORBIDDEN, name
            assert max(rest, mcp) < SERVER_ERROR, name
            heard[may, rest] += 1
    allowed = sum(many for (may, _), many in heard.items() if may)
    assert heard[True, 200] * 8 >= allowed, f"hardly anything was answered: the draws are no good: {heard}"
    assert say_so(owner_db) == before


def test_a_key_that_ends_keys_lets_nothing_through(web: TestClient, desk: Desk, bench: Bench, owner_db: Database) -> None:
    drawing = hand(desk, bench)
    hold_key(web, desk, owner_db, SCOPES)
    before = say_so(owner_db)
    for answer in call(web, TAKES_AWAY, {"keyId": drawing.ids["key"][0]}):
        assert answer.status_code < SERVER_ERROR
    after = say_so(owner_db)
    assert {table for table in after if after[table] != before[table]} == {"api_key", "stop"}
    assert rows(owner_db, "SELECT count(*) FROM api_key WHERE revoked_at IS NULL") == [(1,)]
    assert web.post(f"/api/{TAKES_AWAY}", json={"keyId": drawing.ids["key"][0]}).status_code == 404


def test_a_key_opens_no_page_and_presses_no_button(web: TestClient, desk: Desk, bench: Bench, owner_db: Database) -> None:
    drawing, pending = hand(desk, bench), desk.ask("Three.")
    hold_key(web, desk, owner_db, SCOPES)
    before = say_so(owner_db)
    ids = {"token": "AAAAAAAAAAAAAAAAAAAAAA", "rest": "x", "deed": "end", "name": "two_people"}
    form = {"verdict": "approved", "digest": pending.digest, "code": "000000", "reason": "Mia told me.", "what": "workspace", "address": "olivia@example.com"}
    for route in routes(Door(desk.settings, desk.database)):
        assert isinstance(route, Route)
        id_ = show("apr", pending.approval_id) if "approvals" in route.path else drawing.ids["int"][0]
        path = route.path.replace(":path", "").format(**ids, id=id_)
        assert "Three." not in web.get(path).text, path
        assert web.post(path, data=form).status_code in (303, 403, 404, 405, 422), path
    assert say_so(owner_db) == before
    assert state_of(desk, pending) == "pending"


def test_what_is_compared_tells_when_somebody_decides(desk: Desk, owner_db: Database) -> None:
    pending, before = desk.ask(), say_so(owner_db)
    desk.decide(pending)
    after = say_so(owner_db)
    assert {table for table in after if after[table] != before[table]} == {"vote", "grants", "portal_session"}


@pytest.fixture
def canaries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Makes every link token and every code a word that nobody would write by accident, and keeps them all."""
    kept: list[str] = []
    numbers = count(1)

    def bird(kind: str) -> str:
        kept.append(f"Kanarienvogel-{kind}-{next(numbers)}-Q7z")
        return kept[-1]

    for name, made in (("new_token", lambda: bird("token")), ("new_code", lambda _digits=6: bird("code"))):
        real = getattr(keys, name)
        for module in [each for each in list(sys.modules.values()) if vars(each).get(name) is real]:
            monkeypatch.setattr(module, name, made)
    return kept


def disguises(secret: str) -> list[str]:
    """The secret as itself and as it could be dressed."""
    plain = secret.encode()
    return [secret, plain.hex(), base64.b64encode(plain).decode().rstrip("="), keys.token_hash(secret).hex(), secret[::-1]]


@pytest.fixture
def drawing(canaries: list[str], desk: Desk, bench: Bench, owner_db: Database, caplog: pytest.LogCaptureFixture) -> Hand:
    """One of everything, told to two deciders with canaries in their letters, and every word of it logged."""
    caplog.set_level(logging.DEBUG)
    joined(desk, owner_db, "Max", Rank.MANAGER)
    drawn = hand(desk, bench)
    bench.drain("email:sandbox")
    return drawn


@pytest.fixture
def agent(web: TestClient, desk: Desk, owner_db: Database) -> TestClient:
    """An agent whose key holds every scope."""
    hold_key(web, desk, owner_db, SCOPES)
    return web


def test_no_key_reads_a_deciders_secret_anywhere(agent: TestClient, drawing: Hand, canaries: list[str], caplog: pytest.LogCaptureFixture) -> None:
    agent.get(f"/a/{canaries[0]}")  # so that the log has had its chance
    read = [agent.get(path).text for path in PUBLIC]
    read += [agent.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": method}, headers=JSON_OR_STREAM).text for method in ("tools/list", "initialize")]
    for name, operation in REGISTRY.items():
        for _ in range(DRAWS):
            read += [answer.text for answer in call(agent, name, drawing.arguments(schema.of_arguments(operation)))]
    read += [
        f"{record.getMessage()} {record.args} {record.exc_text}"
        for record in (*caplog.get_records("setup"), *caplog.records)
        if not record.name.startswith(("httpx", "httpcore"))
    ]
    seen = "\n".join(read)
    assert len(canaries) >= len(drawing.ids["apr"]) * 4
    assert [words for words in ("Your table is ready.", "Mia Park", "/a/[redacted]") if words not in seen] == []
    assert not [secret for secret in canaries if any(dress in seen for dress in disguises(secret))]


def test_the_canaries_are_where_they_belong(desk: Desk, owner_db: Database, canaries: list[str]) -> None:
    pending: Pending = desk.ask()
    with owner_db.transaction() as session:
        letters = [unseal(desk.settings.secrets, row.snapshot) for row in session.query(ContentRow).filter(ContentRow.sealed)]
    (letter,) = [json.loads(each)["content"]["body"] for each in letters if each]
    assert [secret for secret in canaries if secret in letter] == canaries
    invitation = invited(desk, pending)
    visitor = guest_at(desk)
    page = visitor.open(invitation)
    assert invitation.token in canaries
    assert invitation.token in visitor.http.cookies.values()
    assert Reader(page.text).buttons == ["approved", "rejected"]
