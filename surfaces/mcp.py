"""MCP: the registry as tools, over the official SDK's low-level server; stateless, so any process may answer any request."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import mcp_types as types
from mcp.server import Server
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from starlette.requests import Request
from starlette.types import Scope

from kernel import schema
from kernel.arguments import plain
from kernel.errors import AuthRequired, SaysoError
from kernel.operation import REGISTRY, Effect, Operation, find
from kernel.settings import version
from surfaces import mcp_skills
from surfaces.auth import NOBODY, Known
from surfaces.door import Door
from surfaces.elicitation import can_ask, impatient, invitation
from surfaces.faults import as_data
from surfaces.waiting import settled

KNOWN = "sayso.known"
CHALLENGE = "sayso.challenge"
PAGE = 500
"""Tools in one answer: more than there are, for a client that ignores nextCursor must not lose any."""
FRESH_MS = 300_000
ERROR_META = "dev.sayso/error"
SCOPE_META = "dev.sayso/scope"
INSTRUCTIONS = """Sayso runs a service business: its services and bookings, its customers, and what is said to them.
1. Nothing reaches a customer until a person approves it. A sending tool answers status "pending": tell the user, poll get_send_status, never send again.
2. Money is a decimal string ("49.00"); times are ISO 8601 with an offset; ids are opaque, take them from earlier answers.
3. Give an idempotencyKey to whatever creates or sends. Retry with the same key; a new action takes a new key.
4. Unknown arguments are refused by name. Every refusal has a code, a message and a nextStep: follow the nextStep.
5. Lists are paged: pass nextCursor back as cursor until there is none.
6. Not sure which tool? query_platform finds it by what you want to do; describe_tool shows one in full. Whole tasks are told as skills: resources/list."""

Context = ServerRequestContext[Any, Request]


def server(door: Door) -> Server[Any]:
    """The MCP server of this door."""
    fresh = CacheHint(ttl_ms=FRESH_MS, scope="private")
    made: Server[Any] = Server(
        "sayso",
        version=version(),
        title="Sayso",
        instructions=INSTRUCTIONS,
        get_tool_input_schema=_input_schema,
        cache_hints={"tools/list": fresh, "server/discover": CacheHint(ttl_ms=FRESH_MS, scope="public")},
        on_list_tools=_list_tools,
        on_call_tool=partial(_call_tool, door),
    )
    mcp_skills.add(made, FRESH_MS)
    return made


def tool(operation: Operation) -> types.Tool:
    """The operation as a tool."""
    return types.Tool(
        name=operation.name,
        title=operation.title,
        description=operation.summary,
        input_schema=schema.of_arguments(operation),
        output_schema=schema.of_answer(operation),
        annotations=types.ToolAnnotations.model_validate(schema.hints(operation)),
        _meta={SCOPE_META: operation.scope},
    )


def _input_schema(name: str) -> dict[str, Any] | None:
    """Given to the SDK so that it need not build the whole list on every call."""
    operation = find(name)
    return schema.of_arguments(operation) if operation else None


async def _list_tools(context: Context, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
    after = params.cursor if params and params.cursor else ""
    if after and after not in REGISTRY:
        raise MCPError(types.INVALID_PARAMS, "Unknown cursor. Call tools/list without one.")
    seen = [operation for operation in schema.named(schema.names()) if _known(context).may(operation) and operation.name > after]
    page = seen[:PAGE]
    return types.ListToolsResult(tools=[tool(operation) for operation in page], next_cursor=page[-1].name if len(seen) > PAGE else None)


async def _call_tool(door: Door, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult | types.InputRequiredResult:
    operation = find(params.name)
    if operation is None:
        raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {plain(params.name)}. Call tools/list.")
    arguments = params.arguments or {}
    try:
        # Only where it changes nothing may a call be made twice: once to see whether a person is needed, once to wait.
        if operation.effect is Effect.READ and can_ask(context, params):
            asked = invitation(door.settings, await settled(door, _known(context), params.name, impatient(arguments)))
            if asked:
                return asked
        done = await settled(door, _known(context), params.name, arguments)
    except AuthRequired as refused:
        _scope(context)[CHALLENGE] = refused
        raise MCPError(types.INVALID_REQUEST, refused.sentence, as_data(refused)) from None
    except SaysoError as refused:
        return _refused(refused)
    return types.CallToolResult(content=[_text(done.body())], structured_content=done.body())


def _refused(refused: SaysoError) -> types.CallToolResult:
    """Not as structured content: clients hold that against the tool's output schema, which describes success."""
    body = as_data(refused)
    return types.CallToolResult(content=[_text(body)], is_error=True, _meta={ERROR_META: body})


def _text(body: dict[str, Any]) -> types.TextContent:
    return types.TextContent(text=json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def _known(context: Context) -> Known:
    known = _scope(context).get(KNOWN, NOBODY)
    return known if isinstance(known, Known) else NOBODY


def _scope(context: Context) -> Scope:
    return context.request.scope if context.request else {}
