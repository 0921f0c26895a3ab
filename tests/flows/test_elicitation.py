"""An agent's client that opens addresses is sent to the decision page: never one that lets anybody in, and its word decides nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread
import httpx2
import mcp_types as types
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.testclient import TestClient

from kernel.keys import show
from tests.factories import Desk
from tests.portal.guest import app_of, state_of

pytestmark = pytest.mark.anyio
ANSWERS: tuple[Any, ...] = ("accept", "decline", "cancel")
CAPABLE = {"elicitation": {"url": {}}}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Window:
    """A person's browser as a client opens it: keeps what it was asked to open, and says what the person did."""

    def __init__(self, answer: Any = "accept") -> None:
        self.opened: list[types.ElicitRequestURLParams] = []
        self.asked = anyio.Event()
        self._answer = answer

    async def open(self, _context: Any, asked: types.ElicitRequestParams) -> types.ElicitResult:
        """Open an address, or refuse to."""
        assert isinstance(asked, types.ElicitRequestURLParams)
        self.opened.append(asked)
        self.asked.set()
        return types.ElicitResult(action=self._answer)


@asynccontextmanager
async def agent(desk: Desk, window: Window | None, era: str = "2026-07-28") -> AsyncIterator[Client]:
    """An MCP client with the agent's key, over the whole application."""
    app = app_of(desk)
    headers = {"Authorization": f"Bearer {desk.founded.key.secret}"}
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=desk.settings.base_url, headers=headers) as http,
        Client(streamable_http_client(f"{desk.settings.base_url}/mcp", http_client=http), mode=era, elicitation_callback=window.open if window else None) as it,
    ):
        yield it


@pytest.mark.parametrize("tool", ["get_approval", "get_send_status"])
async def test_the_person_is_shown_the_page_and_the_agent_reads_the_decision(desk: Desk, tool: str) -> None:
    pending = desk.ask()
    window = Window()
    decided: list[Any] = []
    async with agent(desk, window) as speaking, anyio.create_task_group() as group:

        async def ask() -> None:
            decided.append(await speaking.call_tool(tool, {"approvalId": show("apr", pending.approval_id), "waitSeconds": 25}))

        group.start_soon(ask)
        with anyio.fail_after(10):
            await window.asked.wait()
        await anyio.to_thread.run_sync(desk.decide, pending, "rejected")
    assert [asked.url for asked in window.opened] == [f"{desk.settings.base_url}/portal/approvals/{show('apr', pending.approval_id)}"]
    assert "rejected" in decided[0].structured_content.values()


@pytest.mark.parametrize("answer", ANSWERS)
async def test_whatever_the_client_says_decides_nothing(desk: Desk, answer: Any) -> None:
    pending = desk.ask()
    window = Window(answer)
    async with agent(desk, window) as speaking:
        told = await speaking.call_tool("get_approval", {"approvalId": show("apr", pending.approval_id), "waitSeconds": 1})
    assert (len(window.opened), told.structured_content["state"], state_of(desk, pending)) == (1, "pending", "pending")


async def test_the_address_lets_nobody_in(desk: Desk) -> None:
    pending, window = desk.ask("A word that only deciders read."), Window()
    async with agent(desk, window) as speaking:
        await speaking.call_tool("get_approval", {"approvalId": show("apr", pending.approval_id), "waitSeconds": 1})
    address = window.opened[0].url
    with TestClient(app_of(desk), base_url=desk.settings.base_url, follow_redirects=False) as stranger:
        assert stranger.get(address).headers["location"] == "/portal/sign-in"


async def test_nobody_is_asked_who_would_not_wait_or_cannot_open_or_has_nothing_to_wait_for(desk: Desk) -> None:
    pending, window = desk.ask(), Window()
    name = show("apr", pending.approval_id)
    async with agent(desk, window) as speaking:
        await speaking.call_tool("get_approval", {"approvalId": name})
        answer = await speaking.call_tool("send_sms", {"to": "+447400123456", "body": "Hello."})
        assert answer.structured_content["status"] == "pending"
    async with agent(desk, window, "legacy") as speaking:
        await speaking.call_tool("get_approval", {"approvalId": name, "waitSeconds": 1})
    async with agent(desk, None) as speaking:
        told = await speaking.call_tool("get_approval", {"approvalId": name, "waitSeconds": 1})
        assert told.structured_content["state"] == "pending"
    await anyio.to_thread.run_sync(desk.decide, pending, "rejected")
    async with agent(desk, window) as speaking:
        await speaking.call_tool("get_approval", {"approvalId": name, "waitSeconds": 25})
    assert window.opened == []
