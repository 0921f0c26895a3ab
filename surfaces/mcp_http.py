"""The one MCP address: POST only; looks at key and envelope first, so that the SDK sees nothing hostile."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit

import mcp_types as types
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from kernel.errors import SaysoError, Unavailable
from kernel.settings import Settings
from surfaces.auth import challenge, identify
from surfaces.door import Door
from surfaces.faults import NotJson, Unexpected, as_data
from surfaces.intake import insist_json, parse, refusal
from surfaces.limits import BODY_LIMIT
from surfaces.mcp import CHALLENGE, KNOWN, server

LOCAL = ("localhost", "127.0.0.1", "[::1]")
EITHER_KIND = "application/json, text/event-stream"


class NotARequest(SaysoError):
    """The body must be one JSON-RPC 2.0 request object; params, when given, an object."""

    code = "not_a_request"
    next_step = 'Send {"jsonrpc": "2.0", "id": 1, "method": …, "params": {…}}; no batches.'


RPC_CODES: dict[type[SaysoError], int] = {NotJson: types.PARSE_ERROR, Unavailable: types.INTERNAL_ERROR, Unexpected: types.INTERNAL_ERROR}


class McpEndpoint:
    """The ASGI application at `/mcp`; `running()` must be entered for the life of the process."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.manager = StreamableHTTPSessionManager(
            server(door),
            stateless=True,
            json_response=True,
            max_request_body_size=BODY_LIMIT,
            security_settings=allowed(door.settings),
        )

    def running(self) -> AbstractAsyncContextManager[None]:
        """The life of the SDK's task group."""
        return self.manager.run()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one POST."""
        try:
            await self._answer(Request(scope, receive), send)
        except SaysoError as refused:
            await _refusal(refused)(scope, receive, send)

    async def _answer(self, request: Request, send: Send) -> None:
        scope, receive = request.scope, request.receive
        scope[KNOWN] = await identify(self.door, request)
        insist_json(request)
        body = await request.body()
        _check_envelope(body)
        MutableHeaders(scope=scope).setdefault("accept", EITHER_KIND)
        await self.manager.handle_request(scope, _replay(body, receive), _challenging(scope, send))


def allowed(settings: Settings) -> TransportSecuritySettings:
    """Our own name and this machine's: a page on another name that resolves to us (DNS rebinding) is turned away."""
    base = urlsplit(settings.base_url)
    names = dict.fromkeys([base.netloc, base.hostname or "", *LOCAL])
    hosts = [host for name in names if name for host in ([name] if ":" in name.rpartition("]")[2] else [name, f"{name}:*"])]
    origins = [f"{base.scheme}://{base.netloc}", *(f"http://{name}{port}" for name in LOCAL for port in ("", ":*"))]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)


def _check_envelope(body: bytes) -> None:
    """Refuse what is no single request: the SDK would answer with its parser's own words."""
    message = parse(body)
    shaped = isinstance(message, dict) and message.get("jsonrpc") == "2.0" and isinstance(message.get("method"), str)
    named = shaped and isinstance(message.get("id", 0), (int, str)) and isinstance(message.get("params", {}), dict)
    if not named:
        raise NotARequest


def _refusal(refused: SaysoError) -> Response:
    """In JSON-RPC's form, since clients show its message where they would hide any other body."""
    code = RPC_CODES.get(type(refused), types.INVALID_REQUEST)
    answer = refusal(refused)
    error = {"code": code, "message": refused.sentence, "data": as_data(refused)}
    headers = {name: value for name, value in answer.headers.items() if name in {"www-authenticate", "retry-after"}}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": error}, refused.status, headers)


def _replay(body: bytes, receive: Receive) -> Receive:
    told: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return told.pop() if told else await receive()

    return again


def _challenging(scope: Scope, send: Send) -> Send:
    """Turns the answer into a 401 when the called tool needed a key; the body still says it in MCP's words."""

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start" and CHALLENGE in scope:
            message["status"] = 401
            MutableHeaders(scope=message)["www-authenticate"] = challenge(scope[CHALLENGE])
        await send(message)

    return wrapped
