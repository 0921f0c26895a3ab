"""The list of tools: what a key may use and a client wants, all of it on one page, and again where a page ended."""

from __future__ import annotations

import pytest

from kernel import operation
from surfaces import mcp as mcp_surface
from surfaces.mcp import PAGE
from tests.house.declared import OPERATIONS
from tests.surfaces import toys
from tests.surfaces.conftest import Talk
from tests.surfaces.test_mcp import PUBLIC, call, client, rpc

pytestmark = pytest.mark.anyio


async def test_list_shows_what_the_key_may_use(talk: Talk) -> None:
    async with talk(toys.READER_KEY) as http:
        listed = (await rpc(http, "tools/list")).json()["result"]["tools"]
    assert {tool["name"] for tool in listed} == PUBLIC | {"get_status", "send_note"}


@pytest.mark.parametrize(
    ("toolset", "reads", "sends"),
    [
        ("bookings,messaging", True, True),
        ("messaging", False, True),
        (" bookings:read ,messaging:read,", True, False),
        ("contacts", False, False),
        ("", False, False),
    ],
)
async def test_toolset_narrows_what_is_listed_and_called(talk: Talk, toolset: str, reads: bool, sends: bool) -> None:
    async with talk() as http:
        http.headers["Sayso-Toolset"] = toolset
        listed = {tool["name"] for tool in (await rpc(http, "tools/list")).json()["result"]["tools"]}
        for name, may in (("list_services", reads), ("send_note", sends)):
            called, asked = await call(http, name), await http.post(f"/api/{name}", json={})
            assert (name in listed, "isError" not in called or called["isError"] is False, asked.status_code) == (may, may, 200 if may else 403)


async def test_toolset_never_widens(talk: Talk) -> None:
    async with talk(toys.READER_KEY) as http:
        listed = (await rpc(http, "tools/list", **{"Sayso-Toolset": "bookings,messaging,operate"})).json()["result"]["tools"]
    assert {tool["name"] for tool in listed} == PUBLIC | {"get_status", "send_note"}


async def test_unknown_toolset_is_refused_by_name_of_the_known(talk: Talk) -> None:
    async with talk() as http:
        refused = await rpc(http, "tools/list", **{"Sayso-Toolset": "bookings,everything"})
    assert refused.status_code == 422
    assert refused.json()["error"]["data"]["code"] == "unknown_toolset"
    assert "bookings" in refused.json()["error"]["data"]["nextStep"]


async def test_list_carries_cache_hints(talk: Talk) -> None:
    async with client(talk, "2026-07-28") as speaking:
        listed = await speaking.list_tools()
    assert (listed.ttl_ms, listed.cache_scope) == (300_000, "private")


async def test_one_page_holds_every_tool_of_the_house(talk: Talk) -> None:
    assert 2 * len(OPERATIONS) < PAGE
    for number in range(150):
        operation.REGISTRY[f"ping_{number:03}"] = _renamed(f"ping_{number:03}")
    async with talk() as http:
        only = (await rpc(http, "tools/list")).json()["result"]
    assert [tool["name"] for tool in only["tools"]] == sorted(operation.REGISTRY)
    assert "nextCursor" not in only


async def test_list_goes_on_where_a_page_ended(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp_surface, "PAGE", 50)
    for number in range(60):
        operation.REGISTRY[f"ping_{number:02}"] = _renamed(f"ping_{number:02}")
    async with talk() as http:
        first = (await rpc(http, "tools/list")).json()["result"]
        second = (await rpc(http, "tools/list", {"cursor": first["nextCursor"]})).json()["result"]
        wrong = (await rpc(http, "tools/list", {"cursor": "nonsense"})).json()
    names = [tool["name"] for page in (first, second) for tool in page["tools"]]
    assert len(first["tools"]) == 50
    assert names == sorted(operation.REGISTRY)
    assert "nextCursor" not in second
    assert wrong["error"]["code"] == -32602


def _renamed(name: str) -> operation.Operation:
    found = operation.REGISTRY["ping"]
    return operation.Operation(name, "Ping", "Ping.", "public", operation.Effect.READ, found.asked, found.answer, found.run, (), {})
