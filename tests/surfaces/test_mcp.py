"""MCP as clients meet it: the official client in both eras, and bare JSON-RPC without a handshake."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
import mcp_types as types
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from kernel import operation
from surfaces import waiting
from tests.surfaces import toys
from tests.surfaces.conftest import Talk
from tests.surfaces.shapes import check_schema, insist_fits
from tests.surfaces.test_invoke import BOOKING

pytestmark = pytest.mark.anyio
ERAS = pytest.mark.parametrize("era", ["legacy", "2026-07-28", "auto"])
PUBLIC = {"ping", "register"}


@asynccontextmanager
async def client(talk: Talk, era: str = "auto", key: str | None = toys.KEY) -> AsyncIterator[Client]:
    async with talk(key) as http, Client(streamable_http_client("http://localhost:8000/mcp", http_client=http), mode=era) as speaking:
        yield speaking


def text_of(answer: types.CallToolResult) -> str:
    (part,) = answer.content
    assert isinstance(part, types.TextContent)
    return part.text


async def rpc(http: httpx2.AsyncClient, method: str, params: Any = None, **headers: str) -> httpx2.Response:
    body = {"jsonrpc": "2.0", "id": 1, "method": method, **({"params": params} if params is not None else {})}
    return await http.post("/mcp", json=body, headers={"Accept": "application/json, text/event-stream", **headers})


async def call(http: httpx2.AsyncClient, name: str, arguments: Any = None) -> dict[str, Any]:
    return dict((await rpc(http, "tools/call", {"name": name, "arguments": arguments or {}})).json()["result"])


@ERAS
async def test_client_lists_and_calls_in_each_era(talk: Talk, era: str) -> None:
    async with client(talk, era) as speaking:
        listed = [tool.name for tool in (await speaking.list_tools()).tools]
        answer = await speaking.call_tool("list_services", {"limit": 1})
    assert listed == sorted(operation.REGISTRY)
    assert answer.structured_content["items"][0]["price"] == "49.00"
    assert json.loads(text_of(answer)) == answer.structured_content


@ERAS
async def test_refusal_is_data_in_each_era(talk: Talk, era: str) -> None:
    async with client(talk, era) as speaking:
        answer = await speaking.call_tool("list_services", {"limt": 1})
    told = json.loads(text_of(answer))
    assert answer.is_error
    assert told["code"] == "invalid_arguments"
    assert "'limt'" in told["message"]
    assert told["nextStep"]
    assert answer.meta is not None
    assert answer.meta["dev.sayso/error"] == told


@ERAS
async def test_unknown_tool_is_a_protocol_error_in_each_era(talk: Talk, era: str) -> None:
    async with client(talk, era) as speaking:
        with pytest.raises(MCPError) as caught:
            await speaking.call_tool("no_such_tool", {})
    assert caught.value.code == -32602


@pytest.mark.parametrize("era", ["legacy", "2026-07-28"])
async def test_anonymous_client_sees_only_public_tools(talk: Talk, era: str) -> None:
    async with client(talk, era, key=None) as speaking:
        assert {tool.name for tool in (await speaking.list_tools()).tools} == PUBLIC
        assert not (await speaking.call_tool("ping", {})).is_error


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("list_services", {"readOnlyHint", "idempotentHint"}),
        ("create_booking", set()),
        ("set_note", {"idempotentHint"}),
        ("delete_note", {"destructiveHint"}),
        ("send_note", {"openWorldHint"}),
        ("register", {"openWorldHint"}),
        ("ping", {"readOnlyHint", "idempotentHint"}),
    ],
)
async def test_hints_follow_from_the_effect(talk: Talk, name: str, said: set[str]) -> None:
    async with talk() as http:
        tools = {tool["name"]: tool for tool in (await rpc(http, "tools/list")).json()["result"]["tools"]}
    shown = tools[name]["annotations"]
    assert shown.pop("title")
    assert set(shown) == {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
    assert {hint for hint, holds in shown.items() if holds is True} == said


async def test_schemas_are_valid_objects_without_noise(talk: Talk) -> None:
    async with talk() as http:
        tools = (await rpc(http, "tools/list")).json()["result"]["tools"]
    for tool in tools:
        for schema in (tool["inputSchema"], tool["outputSchema"]):
            check_schema(schema)
            assert schema["type"] == "object"
            assert "title" not in schema
        assert tool["inputSchema"]["additionalProperties"] is False
    services = next(tool for tool in tools if tool["name"] == "list_services")
    assert set(services["inputSchema"]["properties"]) == {"limit", "title"}
    assert "title" in services["outputSchema"]["$defs"]["Service"]["properties"]


async def test_answers_fit_their_output_schemas(talk: Talk) -> None:
    async with talk() as http:
        tools = {tool["name"]: tool["outputSchema"] for tool in (await rpc(http, "tools/list")).json()["result"]["tools"]}
        keyed = {**BOOKING, "idempotencyKey": "key-12345"}
        for name, arguments in (("list_services", {}), ("create_booking", keyed), ("create_booking", keyed), ("ping", {}), ("get_status", {})):
            answer = await call(http, name, arguments)
            insist_fits(answer["structuredContent"], tools[name])


async def test_replay_is_declared_and_said(talk: Talk) -> None:
    async with client(talk, "2026-07-28") as speaking:
        await speaking.list_tools()
        keyed = {**BOOKING, "idempotencyKey": "key-12345"}
        first = await speaking.call_tool("create_booking", keyed)
        second = await speaking.call_tool("create_booking", keyed)
        other = await speaking.call_tool("create_booking", {**keyed, "seats": 2})
    assert second.structured_content == {**first.structured_content, "replayed": True}
    assert other.meta is not None
    assert other.meta["dev.sayso/error"]["code"] == "idempotency_conflict"


async def test_bare_client_needs_no_handshake(talk: Talk) -> None:
    async with talk() as http:
        listed = await rpc(http, "tools/list")
        called = await rpc(http, "tools/call", {"name": "list_services"})
    assert listed.headers["content-type"] == called.headers["content-type"] == "application/json"
    assert "mcp-session-id" not in listed.headers
    assert called.json()["result"]["structuredContent"]["items"]


async def test_bare_client_need_not_say_what_it_accepts(talk: Talk) -> None:
    async with talk() as http:
        del http.headers["accept"]
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        answer = await http.post("/mcp", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH"])
async def test_other_methods_are_refused(talk: Talk, method: str) -> None:
    async with talk() as http:
        answer = await http.request(method, "/mcp")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]
    assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    ("base", "status"), [("https://sayso.example", 200), ("http://127.0.0.1:9", 200), ("http://localhost", 200), ("http://evil.example", 421)]
)
async def test_only_our_own_hosts_are_served(talk: Talk, base: str, status: int) -> None:
    async with talk(base=base) as http:
        assert (await rpc(http, "tools/list")).status_code == status


async def test_foreign_origin_is_refused(talk: Talk) -> None:
    async with talk() as http:
        assert (await rpc(http, "tools/list", Origin="https://evil.example")).status_code == 403


async def test_anonymous_call_of_a_closed_tool_is_a_401_that_says_why(talk: Talk) -> None:
    async with talk(None) as http:
        answer = await rpc(http, "tools/call", {"name": "list_services", "arguments": {}})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="sayso"'
    assert answer.json()["error"]["data"]["code"] == "auth_required"


@pytest.mark.parametrize("path", ["/mcp", "/api/ping", "/api/list_services"])
@pytest.mark.parametrize("header", [f"Bearer {toys.WRONG_KEY}", "Bearer ", "Bearer nonsense", "Basic YTpi", toys.KEY, "Bearer sayso_mcp_\xff"])
async def test_wrong_key_is_never_anonymous(talk: Talk, path: str, header: str) -> None:
    async with talk(None) as http:
        answer = await http.post(path, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"}, headers={b"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="sayso", error="invalid_token"'
    assert '"code":"key_refused"' in answer.text
    assert "resource_metadata" not in answer.headers["www-authenticate"]


async def test_waiting_holds_no_transaction(talk: Talk, ledger: toys.Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    open_while_asleep: list[int] = []

    async def asleep(_seconds: float) -> None:
        open_while_asleep.append(ledger.open_now)

    monkeypatch.setattr(anyio, "sleep", asleep)
    async with talk() as http:
        answer = await call(http, "get_status", {"waitSeconds": 20})
    assert answer["structuredContent"] == {"state": "done"}
    assert open_while_asleep == [0, 0]


async def test_waiting_ends_when_patience_does(talk: Talk, ledger: toys.Ledger) -> None:
    async with talk() as http:
        assert (await call(http, "get_status"))["structuredContent"] == {"state": "pending"}
    assert ledger.calls == 1


async def test_waiting_for_a_write_never_repeats_it(talk: Talk, ledger: toys.Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "INTERVAL", 0)
    async with talk() as http:
        answer = await call(http, "create_link", {"waitSeconds": 20})
    assert answer["structuredContent"] == {"state": "ready"}
    assert ledger.calls == 1


async def test_instructions_and_name_are_told_at_initialize(talk: Talk) -> None:
    async with talk(None) as http:
        params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        answer = (await rpc(http, "initialize", params)).json()["result"]
    assert answer["serverInfo"]["name"] == "sayso"
    assert "approves" in answer["instructions"]
