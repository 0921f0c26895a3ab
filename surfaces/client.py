"""The MCP client behind the command line; importing the SDK takes 0.4 s, so only a command that calls imports this."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import anyio
import httpx2
import mcp_types as types
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from kernel.settings import command
from surfaces.target import Failure, Target

T = TypeVar("T")
TIMEOUT = httpx2.Timeout(40, connect=5)
ANSWERED = 200
REFUSED_KEY = frozenset({401, 403})
REFUSED_CALLER = frozenset({"auth_required", "key_refused", "session_ended", "person_needed", "may_not_operate", "operator_only"})
START_IT = f"Start it with {command()} up, or name the address at which it listens: SAYSO_URL, --url."
SEE_TOOLS = f"See what there is: {command()} tool list"


def list_tools(target: Target) -> list[dict[str, Any]]:
    """Every tool that the key may use, page by page."""

    async def ask(client: Client) -> list[dict[str, Any]]:
        found: list[types.Tool] = []
        cursor: str | None = None
        while True:
            page = await client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if not cursor:
                return [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in found]

    return _talk(target, ask)


def call_tool(target: Target, name: str, arguments: dict[str, Any]) -> Any:
    """What the tool answers; raises Failure when it refuses."""

    async def ask(client: Client) -> types.CallToolResult:
        return await client.call_tool(name, arguments)

    answer = _talk(target, ask)
    if answer.is_error:
        raise _refused(_words(answer))
    return answer.structured_content if answer.structured_content is not None else _words(answer)


def examine(target: Target) -> dict[str, Any]:
    """Who answers at this address, in which protocol, with how many tools for this key."""

    async def ask(client: Client) -> dict[str, Any]:
        server = client.server_info
        return {"server": f"{server.name} {server.version}" if server else "unnamed", "protocol": client.protocol_version}

    return {**_talk(target, ask), "tools": len(list_tools(target))}


def _talk(target: Target, ask: Callable[[Client], Awaitable[T]]) -> T:
    statuses: list[int] = []

    async def note(response: httpx2.Response) -> None:
        statuses.append(response.status_code)

    async def talk() -> T:
        headers = {"Authorization": f"Bearer {target.key}"} if target.key else {}
        http = httpx2.AsyncClient(headers=headers, timeout=TIMEOUT, event_hooks={"response": [note]})
        async with http, Client(streamable_http_client(target.url, http_client=http)) as client:
            return await ask(client)

    try:
        return anyio.run(talk)
    except Exception as error:
        raise _failure(target, _leaves(error), statuses) from error


def _leaves(error: BaseException) -> list[BaseException]:
    return [leaf for inner in error.exceptions for leaf in _leaves(inner)] if isinstance(error, BaseExceptionGroup) else [error]


def _failure(target: Target, causes: list[BaseException], statuses: list[int]) -> Failure:
    """The one sentence for what the SDK reports as a group of groups."""
    said = next((cause for cause in causes if isinstance(cause, MCPError)), None)
    body: dict[str, Any] = said.data if said and isinstance(said.data, dict) else {}
    if REFUSED_KEY & set(statuses):
        words = body.get("message") or f"The server refused the key ({target.shown_key()})."
        return Failure("auth", body.get("code", "key_refused"), words, body.get("nextStep", "Set SAYSO_API_KEY to a key of your workspace."))
    if said and ANSWERED in statuses and not body:
        return Failure("tool", "refused", said.message, SEE_TOOLS)
    words = f"Cannot talk to {target.url}" + (f" (it answers {statuses[-1]})." if statuses else ".")
    return Failure("unreachable", body.get("code", "unreachable"), body.get("message", words), body.get("nextStep", START_IT))


def _words(answer: types.CallToolResult) -> str:
    return "\n".join(part.text for part in answer.content if isinstance(part, types.TextContent))


def _refused(words: str) -> Failure:
    try:
        body: Any = json.loads(words)
    except ValueError:
        body = None
    told: dict[str, Any] = body if isinstance(body, dict) else {}
    kind = "auth" if told.get("code") in REFUSED_CALLER else "tool"
    return Failure(kind, told.get("code", "refused"), told.get("message", words), told.get("nextStep", SEE_TOOLS))
