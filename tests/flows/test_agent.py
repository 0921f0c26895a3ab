"""What an agent's key can and cannot do, over the whole stack: it never decides, never reads what a decider gets, never breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from crm.access.keys import issue, revoke
from kernel.db import Database
from kernel.operation import REGISTRY
from kernel.seal import unseal
from kernel.settings import Settings
from outbox.tables import ContentRow
from surfaces.app import create_app
from surfaces.door import Door
from surfaces.portal.routes import routes
from tests.factories import PHONE, Desk


@pytest.fixture
def web(desk: Desk, settings: Settings, web_db: Database) -> Iterator[TestClient]:
    door = Door(settings, web_db)
    with TestClient(create_app(door, routes(door)), base_url=settings.base_url, raise_server_exceptions=False, follow_redirects=False) as client:
        client.headers["Authorization"] = f"Bearer {desk.founded.key.secret}"
        yield client


def call(web: TestClient, tool: str, **arguments: Any) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    answer = web.post("/mcp", json=body, headers={"Accept": "application/json, text/event-stream"})
    assert answer.status_code < 500, answer.text
    return dict(answer.json())


def secrets_of_deciders(desk: Desk, owner_db: Database) -> list[str]:
    """Every link token and code that was written to a decider, opened with the server's own key."""
    with owner_db.transaction() as session:
        letters = [unseal(desk.settings.secrets, row.snapshot) for row in session.query(ContentRow).filter(ContentRow.sealed)]
    found = []
    for letter in letters:
        assert letter
        words = json.loads(letter)["content"]["body"]
        found += [words.partition("/a/")[2].split()[0], words.partition("code: ")[2][:6]]
    return found


def test_no_call_of_any_tool_decides_or_shows_a_deciders_secret(web: TestClient, desk: Desk, owner_db: Database) -> None:
    pending = desk.ask()
    canaries = secrets_of_deciders(desk, owner_db)
    assert len(canaries) == 2
    wire = f"apr_{pending.approval_id.hex}"
    intent = f"int_{pending.intent_ids[0].hex}"
    harmless = [name for name in REGISTRY if name not in ("withdraw_send_request", "cancel_scheduled_send")]
    seen = []
    for name in harmless:
        for arguments in ({}, {"approvalId": wire}, {"intentId": intent}, {"approvalId": wire, "status": "approved"}, dict(REGISTRY[name].example)):
            seen.append(json.dumps(call(web, name, **arguments)))
            seen.append(web.post(f"/api/{name}", json=arguments).text)
    pages = ("/portal", "/portal/ledger", f"/portal/approvals/{wire}", "/openapi.json", "/docs", "/.well-known/mcp/server-card.json", "/a")
    seen.extend(web.get(path).text for path in pages)
    assert web.post(f"/portal/approvals/{wire}", data={"verdict": "approved", "digest": pending.digest}).status_code in (303, 403)
    assert web.post("/a", data={"verdict": "approved", "digest": pending.digest, "code": canaries[1]}).status_code in (303, 403, 404)
    assert desk.send(pending).state == "held"
    everything = "\n".join(seen)
    assert not [canary for canary in canaries if f'"{canary}"' in everything or f"/a/{canary}" in everything or (len(canary) > 6 and canary in everything)]


def test_system_mail_is_nowhere_to_be_found_by_a_key(web: TestClient, desk: Desk, owner_db: Database) -> None:
    desk.ask()
    with owner_db.transaction() as session:
        notice = session.query(ContentRow).filter(ContentRow.sealed).one().intent_id
    answer = web.post("/api/get_send_status", json={"intentId": f"int_{notice.hex}"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "notice" not in web.post("/api/list_scheduled_sends", json={}).text


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("send_sms", {"to": PHONE, "body": "x", "bdoy": "y"}, "invalid_arguments"),
        ("send_sms", {"to": "12345", "body": "x"}, "invalid_arguments"),
        ("send_sms", {"to": "+1900 555 0123", "body": "x" * 10}, "invalid_arguments"),
        ("send_email", {"to": "no at sign", "subject": "x", "body": "y"}, "invalid_arguments"),
        ("send_email", {"to": "mia@example.com", "subject": "x\r\nBcc: all@example.com", "body": "y"}, "header_injection"),
        ("send_sms", {"to": PHONE, "body": "x" * 1601}, "invalid_arguments"),
        ("send_sms", {"to": PHONE, "body": " "}, "invalid_arguments"),
        ("send_sms", {"to": PHONE, "body": "x", "sendAt": "2026-01-01T10:00:00"}, "invalid_arguments"),
        ("send_message", {"channel": "fax", "to": PHONE, "body": "x"}, "invalid_arguments"),
        ("send_message", {"channel": "sms", "body": "x"}, "invalid_arguments"),
        ("request_send_approval", {"actionType": "approve", "payload": {}}, "invalid_arguments"),
        ("request_send_approval", {"actionType": "request_send_approval", "payload": {}}, "invalid_arguments"),
        ("request_send_approval", {"actionType": "send_sms", "payload": {"to": PHONE}}, "invalid_arguments"),
        ("get_send_status", {}, "invalid_arguments"),
        ("get_send_status", {"approvalId": "apr_zz"}, "invalid_arguments"),
        ("get_send_status", {"approvalId": "apr_" + "0" * 32}, "not_found"),
        ("create_account", {"name": "Mia\r\nBcc: x"}, "header_injection"),
        ("send_sms", {"accountId": "acc_" + "0" * 32, "body": "x"}, "not_found"),
    ],
)
def test_bad_input_is_a_clear_refusal_and_writes_nothing(web: TestClient, owner_db: Database, tool: str, arguments: dict[str, Any], code: str) -> None:
    answer = web.post(f"/api/{tool}", json=arguments)
    body = answer.json()
    assert (body["code"], bool(body["message"]), bool(body["nextStep"])) == (code, True, True)
    assert answer.status_code in (404, 422)
    assert call(web, tool, **arguments)["result"]["isError"]
    with owner_db.transaction() as session:
        assert session.query(ContentRow).count() == 0


def test_a_revoked_key_is_refused_at_once(web: TestClient, desk: Desk, owner_db: Database) -> None:
    with owner_db.transaction() as session:
        extra = issue(session, desk.founded.workspace, "second agent")
    assert web.post("/api/list_my_companies", json={}, headers={"Authorization": f"Bearer {extra.secret}"}).is_success
    with owner_db.transaction() as session:
        assert revoke(session, desk.founded.workspace, extra.id)
    answer = web.post("/api/list_my_companies", json={}, headers={"Authorization": f"Bearer {extra.secret}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_refused")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_hostile_text_is_stored_as_text_and_never_expanded(web: TestClient, desk: Desk) -> None:
    name = "{{7*7}} ${x} %s '; DROP TABLE account; --"
    made = web.post("/api/create_account", json={"name": name, "phone": PHONE})
    assert made.json()["name"] == name
    found = web.post("/api/search_members", json={"search": "{{7*7}}"})
    assert [item["name"] for item in found.json()["items"]] == [name]
    pending = web.post("/api/send_sms", json={"accountId": made.json()["accountId"], "body": name}).json()
    assert pending["preview"][0]["parts"][0]["text"] == name
    assert desk.database.reachable()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59+00:00", "2019-01-01T00:00:00Z"])
def test_a_moment_out_of_reach_is_refused_and_blinds_nobody(web: TestClient, moment: str) -> None:
    answer = web.post("/api/send_sms", json={"to": PHONE, "body": "x", "sendAt": moment})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_arguments")
    assert web.post("/api/list_scheduled_sends", json={}).json()["items"] == []
