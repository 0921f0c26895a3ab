"""Whatever is posted, the answer is a clear 4xx: never a 5xx, never a parser's own dump."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.surfaces import toys
from tests.surfaces.conftest import Talk

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
MODERN = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "list_services"}
PATHS = pytest.mark.parametrize("path", ["/mcp", "/api/list_services"])
DEEP = {depth: '{"a":' * depth + "1" + "}" * depth for depth in (100, 20_000)}
BODIES = {
    "empty": b"",
    "words": b"hello",
    "half": b'{"a":',
    "list": b"[]",
    "number": b"1",
    "null": b"null",
    "batch": b'[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]',
    "nan": b'{"limit": NaN}',
    "latin": b'{"title": "\xff"}',
    "surrogate": b'{"title": "\\ud800"}',
    "digits": b'{"limit": ' + b"9" * 6000 + b"}",
    "deep": DEEP[100].encode(),
    "bottomless": DEEP[20_000].encode(),
    "no method": b'{"jsonrpc":"2.0","id":1}',
    "wrong version": b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
    "params list": b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[1]}',
    "id object": b'{"jsonrpc":"2.0","id":{},"method":"tools/list"}',
    "id bool": b'{"jsonrpc":"2.0","id":true,"method":"tools/list"}',
    "id null": b'{"jsonrpc":"2.0","id":null,"method":"tools/list"}',
    "id float": b'{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}',
    "method number": b'{"jsonrpc":"2.0","id":1,"method":7}',
}


@PATHS
@pytest.mark.parametrize("extra", [{}, MODERN])
@pytest.mark.parametrize("name", BODIES)
async def test_no_body_is_our_fault(talk: Talk, path: str, extra: dict[str, str], name: str) -> None:
    async with talk() as http:
        answer = await http.post(path, content=BODIES[name], headers={**JSON, **extra})
    assert answer.status_code < 500
    assert "pydantic" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("extra", [{}, MODERN])
@pytest.mark.parametrize(
    "params",
    [
        None,
        {},
        {"name": 1},
        {"name": "list_services", "arguments": []},
        {"name": "list_services", "arguments": {"limit": "٣"}},
        {"name": "list_services", "arguments": {"title": [[[[]]]]}},
        {"name": "list_services", "arguments": {"title": "a\0b"}},
        {"name": "x" * 5000, "arguments": {}},
        {"name": "list_services", "_meta": 1},
        {"cursor": 1},
    ],
)
async def test_no_parameters_are_our_fault(talk: Talk, extra: dict[str, str], params: Any) -> None:
    async with talk() as http:
        for method in ("tools/call", "tools/list", "initialize", "no/such", "notifications/initialized"):
            body = {"jsonrpc": "2.0", "id": 1, "method": method, **({} if params is None else {"params": params})}
            answer = await http.post("/mcp", json=body, headers={**JSON, **extra, **({"Mcp-Method": method} if extra else {})})
            assert answer.status_code < 500
            assert "pydantic" not in answer.text


async def test_deep_arguments_of_a_tool_are_refused(talk: Talk) -> None:
    body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_services","arguments":' + DEEP[100] + "}}"
    async with talk() as http:
        answer = await http.post("/mcp", content=body, headers=JSON)
    assert answer.json()["result"]["_meta"]["dev.sayso/error"]["code"] == "invalid_arguments"


@PATHS
async def test_large_body_is_refused_when_declared(talk: Talk, path: str) -> None:
    async with talk() as http:
        answer = await http.post(path, content=b"x" * 10_000_000, headers=JSON)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


@PATHS
async def test_large_body_is_refused_when_streamed(talk: Talk, path: str) -> None:
    async def streamed() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100_000

    async with talk() as http:
        answer = await http.post(path, content=streamed(), headers=JSON)
    assert answer.status_code == 413
    assert '"code":"too_large"' in answer.text


@pytest.mark.parametrize("length", ["-1", "1e9", "٣", "9" * 400, "", "1, 2"])
async def test_strange_length_is_not_our_fault(talk: Talk, length: str) -> None:
    async with talk() as http:
        answer = await http.post("/api/ping", headers={b"Content-Length": length.encode()})
    assert answer.status_code in {200, 413}


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/jsonp"])
async def test_wrong_media_type_is_refused(talk: Talk, media: str) -> None:
    async with talk() as http:
        rest = await http.post("/api/ping", content=b"{}", headers={"Content-Type": media})
        mcp = await http.post("/mcp", content=b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}', headers={"Content-Type": media, "Accept": "*/*"})
    assert (rest.status_code, rest.json()["code"]) == (415, "unsupported_media_type")
    assert (mcp.status_code, mcp.json()["error"]["data"]["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("name", ["no_such", "a b", "..%2f..%2fetc", "%00", "ﬁ", "x" * 3000])
async def test_unknown_operation_is_not_found(talk: Talk, name: str) -> None:
    async with talk() as http:
        answer = await http.post(f"/api/{name}", json={})
    assert answer.status_code == 404
    assert answer.json()["nextStep"]


@PATHS
async def test_database_down_is_a_503_that_invites_a_retry(talk: Talk, ledger: toys.Ledger, path: str) -> None:
    ledger.broken = True
    async with talk() as http:
        answer = await http.post(path, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert answer.status_code == 503
    assert '"code":"unavailable"' in answer.text
    assert answer.headers["retry-after"]
