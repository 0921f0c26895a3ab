"""The walk-through that every client of this kind begins with, word for word: REST, bare JSON-RPC, and the official client in both eras."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from sqlalchemy import text

from kernel import clock
from kernel.db import Database
from tests.factories import Desk
from tests.house.declared import OPERATIONS
from tests.portal.guest import app_of

pytestmark = pytest.mark.anyio
Say = Callable[..., Awaitable[dict[str, Any]]]
Listed = Callable[[], Awaitable[set[str]]]
WAYS = ("rest", "bare", "legacy", "2026-07-28", "auto")
BOTH = {"Accept": "application/json, text/event-stream"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _in_may(owner_db: Database, desk: Desk) -> Iterator[None]:
    """A workspace in UTC, on Monday 18 May 2026."""
    with owner_db.transaction() as session:
        session.execute(text("UPDATE workspace SET zone = 'UTC', country = 'GB'"))
    clock.skew(datetime(2026, 5, 18, 8, tzinfo=UTC) - clock.now())
    yield
    clock.skew(timedelta(0))


async def speak(stack: AsyncExitStack, desk: Desk, way: str) -> tuple[Say, Listed]:
    """How to call a tool, and to list them, in one way of speaking."""
    app = app_of(desk)
    await stack.enter_async_context(app.router.lifespan_context(app))
    headers = {"Authorization": f"Bearer {desk.founded.key.secret}"}
    http = await stack.enter_async_context(httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=desk.settings.base_url, headers=headers))
    if way == "rest":
        return by_rest(http)
    if way == "bare":
        return by_bare_posts(http)
    return by_official_client(await stack.enter_async_context(Client(streamable_http_client(f"{desk.settings.base_url}/mcp", http_client=http), mode=way)))


def by_rest(http: httpx2.AsyncClient) -> tuple[Say, Listed]:
    async def say(tool: str, **arguments: Any) -> dict[str, Any]:
        return dict((await http.post(f"/api/{tool}", json=arguments)).json())

    async def listed() -> set[str]:
        return {path.removeprefix("/api/") for path in (await http.get("/openapi.json")).json()["paths"]}

    return say, listed


def by_bare_posts(http: httpx2.AsyncClient) -> tuple[Say, Listed]:
    async def rpc(method: str, params: dict[str, Any]) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return dict((await http.post("/mcp", json=body, headers=BOTH)).json()["result"])

    async def say(tool: str, **arguments: Any) -> dict[str, Any]:
        return dict((await rpc("tools/call", {"name": tool, "arguments": arguments}))["structuredContent"])

    async def listed() -> set[str]:
        return {tool["name"] for tool in (await rpc("tools/list", {}))["tools"]}

    return say, listed


def by_official_client(client: Client) -> tuple[Say, Listed]:
    async def say(tool: str, **arguments: Any) -> dict[str, Any]:
        answer = await client.call_tool(tool, arguments)
        assert not answer.is_error, answer
        return dict(answer.structured_content or {})

    async def listed() -> set[str]:
        return {tool.name for tool in (await client.list_tools()).tools}

    return say, listed


@pytest.mark.parametrize("way", WAYS)
async def test_walk_through_passes_word_for_word(desk: Desk, way: str) -> None:
    async with AsyncExitStack() as stack:
        say, _ = await speak(stack, desk, way)
        service = await say("create_service", name="Haircut", durationMinutes=60, price=49)
        assert [one["name"] for one in (await say("list_services"))["items"]] == ["Haircut"]
        slots = (await say("get_available_slots", serviceId=service["serviceId"], date="2026-05-20"))["items"]
        assert "2026-05-20T10:00:00Z" in [slot["start"] for slot in slots]
        customer = {"name": "Mia Park", "email": "mia@example.com", "phone": "+447400123456"}
        made = await say("create_booking", serviceId=service["serviceId"], start="2026-05-20T10:00:00Z", customer=customer)
        booking = {"bookingId": made["bookingId"]}
        assert made["status"] == "pending"
        assert (await say("confirm_booking", **booking))["status"] == "confirmed"
        assert [one["bookingId"] for one in (await say("list_bookings", status="confirmed", limit=20))["items"]] == [made["bookingId"]]
        assert (await say("get_booking_detail", **booking))["customerEmail"] == "mia@example.com"
        invoice = await say("create_invoice", **booking)
        assert invoice["total"] == "49.00"
        assert (await say("list_invoices"))["items"][0]["invoiceId"] == invoice["invoiceId"]
        assert (await say("query_platform", query="cancel an appointment"))["items"][0]["tool"] == "cancel_booking"


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_lists_once_sees_every_tool_of_the_key(desk: Desk, way: str) -> None:
    async with AsyncExitStack() as stack:
        _, listed = await speak(stack, desk, way)
        met = await listed()
    assert len(met) > 50
    assert met >= {name for name, each in OPERATIONS.items() if each.scope not in {"public", "operate"}}
