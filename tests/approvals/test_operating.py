"""Who may call what of a person's operations, over the wire: nobody, an agent, staff, a manager, the owner, an operator, another workspace."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from starlette.testclient import TestClient

from approvals.operating import OPERATE
from approvals.people import Person, Rank
from crm.access import logins, sessions
from crm.access.keys import SCOPES, issue
from crm.access.setup import found
from kernel.clock import now, skew
from kernel.db import Database
from kernel.keys import show, token_hash
from kernel.operation import REGISTRY
from surfaces.app import create_app
from surfaces.door import Door
from tests.approvals.hands import LANE, WHY, dead, doubt, rows
from tests.factories import Bench, Desk
from tests.portal.guest import changed, joined

WHO = ["nobody", "agent", "staff", "manager", "owner", "operator", "other"]
DECIDE = frozenset({"manager", "owner"})
SEE = DECIDE | {"operator", "other"}
LANES_ONLY = frozenset({"operator"})
REFUSED = {"nobody": (401, "auth_required"), "agent": (403, "person_needed"), "staff": (403, "may_not_operate")}


def bearer(desk: Desk, person: UUID) -> str:
    """A terminal's session of this person."""
    with desk.database.transaction(workspace=desk.founded.workspace) as session:
        return sessions.begin(session, session.get_one(Person, person), "terminal", now())


@dataclass(frozen=True)
class Wire:
    """The whole application, and a credential for each kind of caller."""

    http: TestClient
    desk: Desk
    tokens: dict[str, str | None]

    def call(self, who: str, name: str, **arguments: Any) -> tuple[int, dict[str, Any]]:
        """Call over REST as this caller."""
        return self.send(self.tokens[who], name, **arguments)

    def send(self, token: str | None, name: str, /, **arguments: Any) -> tuple[int, dict[str, Any]]:
        """Call with this credential."""
        answer = self.http.post(f"/api/{name}", json=arguments, headers={"Authorization": f"Bearer {token}"} if token else {})
        return answer.status_code, answer.json()

    def tools(self, who: str) -> set[str]:
        """What `tools/list` shows this caller."""
        names, cursor = set(), None
        while True:
            asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"cursor": cursor} if cursor else {}}
            headers = {"Authorization": f"Bearer {token}"} if (token := self.tokens[who]) else {}
            page = self.http.post("/mcp", json=asked, headers={**headers, "mcp-protocol-version": "2025-06-18"}).json()["result"]
            names |= {tool["name"] for tool in page["tools"]}
            cursor = page.get("nextCursor")
            if not cursor:
                return names


@pytest.fixture
def wire(desk: Desk, owner_db: Database) -> Iterator[Wire]:
    settings = desk.settings.model_copy(update={"operator_emails": "oscar@example.com", "base_url": "http://localhost:8000"})
    ours = replace(desk, settings=settings)
    with owner_db.transaction() as session:
        theirs = replace(ours, founded=found(session, "Other", "eve@example.com"))
    people = {"staff": ("Sam", Rank.STAFF), "manager": ("Max", Rank.MANAGER), "operator": ("Oscar", Rank.STAFF)}
    tokens: dict[str, str | None] = {who: bearer(ours, joined(ours, owner_db, name, rank)) for who, (name, rank) in people.items()}
    tokens |= {"nobody": None, "agent": ours.founded.key.secret, "owner": bearer(ours, ours.founded.owner), "other": bearer(theirs, theirs.founded.owner)}
    with TestClient(create_app(Door(settings, ours.database)), base_url=settings.base_url) as http:
        yield Wire(http, ours, tokens)


@pytest.mark.parametrize("who", WHO)
def test_who_may_call_what(wire: Wire, bench: Bench, who: str) -> None:
    unclear, letter = doubt(wire.desk, bench), dead(wire.desk, bench)
    key = show("key", wire.desk.founded.key.id)
    its = {"intentId": show("int", unclear.intent_ids[0])}, {"intentId": show("int", letter.intent_ids[0])}
    table: list[tuple[frozenset[str], str, dict[str, Any]]] = [
        (SEE, "list_doubts", {}),
        (SEE, "list_dead_letters", {}),
        (SEE, "list_lanes", {}),
        (SEE | {"agent"}, "list_api_keys", {}),
        (DECIDE, "resolve_doubt", {**its[0], "verdict": "give_up", "reason": WHY}),
        (DECIDE, "replay_dead_letter", its[1]),
        (DECIDE | {"other"}, "pause_sending", {"what": "workspace", "reason": WHY}),
        (DECIDE | {"other"}, "resume_sending", {"what": "workspace", "reason": WHY}),
        (DECIDE, "pause_sending", {"what": "key", "id": key, "reason": WHY}),
        (DECIDE, "resume_sending", {"what": "key", "id": key, "reason": WHY}),
        (DECIDE | {"other"}, "pause_sending", {"what": "channel", "id": "sms", "reason": WHY}),
        (DECIDE | {"other"}, "resume_sending", {"what": "channel", "id": "sms", "reason": WHY}),
        (DECIDE, "pause_sending", {"what": "request", "id": show("apr", letter.approval_id), "reason": WHY}),
        (DECIDE, "resume_sending", {"what": "request", "id": show("apr", letter.approval_id), "reason": WHY}),
        (LANES_ONLY, "pause_sending", {"what": "lane", "id": LANE, "reason": WHY}),
        (LANES_ONLY, "resume_sending", {"what": "lane", "id": LANE, "reason": WHY}),
        (DECIDE | {"agent"}, "revoke_api_key", {"keyId": key}),
    ]
    for allowed, name, arguments in table:
        status, body = wire.call(who, name, **arguments)
        if who in allowed:
            assert status == 200, (name, body)
        elif who in REFUSED:
            assert (status, body["code"]) == REFUSED[who], name
        else:
            assert (status, body["code"]) in {(404, "not_found"), (403, "may_not_operate"), (403, "operator_only")}, (name, body)
            assert who != "other" or status == 404 or arguments["what"] == "lane", "another workspace's things are not there"


def test_another_workspace_sees_none_of_it(wire: Wire, bench: Bench) -> None:
    doubt(wire.desk, bench, "Our secret.")
    dead(wire.desk, bench)
    for name in ("list_doubts", "list_dead_letters"):
        assert len(wire.call("owner", name)[1]["items"]) == 1
        assert wire.call("other", name)[1]["items"] == []
    assert [lane["waiting"] for lane in wire.call("other", "list_lanes")[1]["items"]] in ([], [0] * 1, [0] * 2, [0] * 3)
    assert len(wire.call("other", "list_api_keys")[1]["items"]) == 1


def test_an_agent_is_told_where_a_person_does_it(wire: Wire) -> None:
    status, body = wire.call("agent", "list_doubts")
    assert status == 403
    assert "/portal/doubts" in body["nextStep"]
    assert "sayso login" in body["nextStep"]


def test_an_agents_tools_hold_nothing_of_a_persons(wire: Wire) -> None:
    operate = {name for name, operation in REGISTRY.items() if operation.scope == OPERATE}
    signing = {"start_login", "finish_login", "end_login"}
    assert len(operate) == 7
    shown = wire.tools("agent")
    assert shown
    assert not shown & (operate | signing)
    assert operate <= wire.tools("owner")
    assert not wire.tools("staff") & operate
    assert signing == wire.tools("nobody") & (operate | signing)


def test_no_key_can_hold_what_a_person_does(desk: Desk, owner_db: Database) -> None:
    assert OPERATE not in SCOPES
    with desk.database.transaction(workspace=desk.founded.workspace) as session, pytest.raises(ValueError, match="a key may hold"):
        issue(session, desk.founded.workspace, "sly", (*SCOPES, OPERATE))
    with pytest.raises(IntegrityError, match="ck_api_key_scopes"):
        changed(owner_db, "UPDATE api_key SET scopes = scopes || :scope", scope=[OPERATE])


def test_a_person_at_a_terminal_reads_but_asks_for_nothing(wire: Wire) -> None:
    assert wire.call("staff", "search_members")[0] == 200
    status, body = wire.call("owner", "send_sms", to="+447400123456", body="Hello.")
    assert (status, body["code"]) == (403, "forbidden")


def test_a_rank_that_is_lost_counts_at_once(wire: Wire, owner_db: Database) -> None:
    assert wire.call("manager", "list_doubts")[0] == 200
    changed(owner_db, "UPDATE person SET role = 'staff' WHERE name = 'Max'")
    assert wire.call("manager", "list_doubts")[1]["code"] == "may_not_operate"


def test_a_session_ends_by_itself_and_when_ended(wire: Wire) -> None:
    assert wire.send(None, "end_login", token=wire.tokens["manager"])[0] == 200
    status, body = wire.call("manager", "list_doubts")
    assert (status, body["code"], "sayso login" in body["nextStep"]) == (401, "session_ended", True)
    skew(sessions.SESSION_LASTS)
    try:
        assert wire.call("owner", "list_doubts")[1]["code"] == "session_ended"
    finally:
        skew(sessions.SESSION_LASTS * 0)


def test_the_two_kinds_of_session_do_not_open_each_others_doors(wire: Wire) -> None:
    with wire.desk.database.transaction(workspace=wire.desk.founded.workspace) as session:
        cookie = sessions.begin(session, session.get_one(Person, wire.desk.founded.owner), "portal", now())
    assert wire.send(cookie, "list_doubts")[1]["code"] == "key_refused"
    token = wire.tokens["owner"] or ""
    with wire.desk.database.transaction(credential=token_hash(token)) as session:
        assert sessions.find_person(session, token, "portal", now()) is None
        assert sessions.find_person(session, token, "terminal", now())


def _let_in(wire: Wire, begun: dict[str, Any], *, lets_in: bool = True) -> None:
    with wire.desk.database.transaction(workspace=wire.desk.founded.workspace) as session:
        owner = session.get_one(Person, wire.desk.founded.owner)
        logins.answer(session, owner, logins.read(wire.desk.settings, begun["loginId"]), lets_in=lets_in)


def test_a_login_is_pending_until_confirmed_and_then_good_once(wire: Wire, owner_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _, begun = wire.send(None, "start_login")
    given = {"loginId": begun["loginId"], "secret": begun["secret"]}
    assert rows(owner_db, "SELECT count(*) FROM terminal_login") == [(0,)], "strangers write nothing"
    assert wire.send(None, "finish_login", **given)[1]["status"] == "pending"
    _let_in(wire, begun)
    status, met = wire.send(None, "finish_login", **given)
    assert (status, met["status"], met["name"], met["operates"]) == (200, "confirmed", "Olivia", True)
    assert met["token"].startswith("sayso_person_")
    assert wire.send(met["token"], "list_doubts")[0] == 200
    assert wire.send(None, "finish_login", **given)[1]["code"] == "login_ended"
    kept = json.dumps([[str(value) for value in row] for table in ("terminal_login", "portal_session", "audit") for row in rows(owner_db, f"TABLE {table}")])
    for secret in (met["token"], begun["secret"], begun["userCode"]):
        assert secret not in kept
        assert secret not in caplog.text


def test_a_login_that_is_turned_away_gets_nothing(wire: Wire) -> None:
    _, begun = wire.send(None, "start_login")
    _let_in(wire, begun, lets_in=False)
    assert wire.send(None, "finish_login", loginId=begun["loginId"], secret=begun["secret"])[1]["code"] == "login_ended"
    with pytest.raises(logins.LoginAnswered):
        _let_in(wire, begun)


def test_five_wrong_secrets_end_a_login(wire: Wire) -> None:
    _, begun = wire.send(None, "start_login")
    _let_in(wire, begun)
    for _ in range(5):
        assert wire.send(None, "finish_login", loginId=begun["loginId"], secret="wrong")[1]["code"] == "wrong_secret"
    assert wire.send(None, "finish_login", loginId=begun["loginId"], secret=begun["secret"])[1]["code"] == "login_ended"


def test_a_login_lasts_ten_minutes_and_cannot_be_forged(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    _, begun = wire.send(None, "start_login")
    monkeypatch.setattr(logins, "LOGIN_LASTS", logins.LOGIN_LASTS * -1)
    assert wire.send(None, "finish_login", loginId=begun["loginId"], secret=begun["secret"])[1]["code"] == "login_ended"
    monkeypatch.undo()
    first = begun["loginId"][0]
    forged = ("A" if first != "A" else "B") + begun["loginId"][1:]
    assert wire.send(None, "finish_login", loginId=forged, secret=begun["secret"])[1]["code"] == "login_ended"


def test_an_agent_begins_no_login(wire: Wire) -> None:
    assert wire.call("agent", "start_login")[1]["code"] == "may_not_operate"
