"""What every request passes on its way in and out: trimmed headers, a size cap, security headers, a log line, a last resort."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.clock import monotonic
from kernel.errors import SaysoError, TooLarge
from kernel.keys import new_reference
from kernel.traces import Span, read
from surfaces.faults import explained
from surfaces.intake import refusal

log = logging.getLogger("sayso.access")
BODY_LIMIT = 256 * 1024
LONGEST_PATH = 200
ROOMY = {"/portal/customers/import": 4 * 1024 * 1024}
"""Where a person may send a whole file."""
ROOMS = ("api", "mcp", "portal", "a", "pay", "webhooks", "healthz", "readyz", "metrics", "docs")
GONE = 499
"""What the log says of a caller that hung up before its body was read."""
SECRET_PATHS = re.compile(r"^/(a|pay|portal/enter|portal/keep|portal/join)/.+")
SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""A page that says otherwise itself is left alone."""
HSTS = "max-age=31536000; includeSubDomains"


def shown_path(path: str) -> str:
    """The path as a log may keep it: without the token of a link, and of bounded length."""
    return SECRET_PATHS.sub(r"/\1/[redacted]", path)[:LONGEST_PATH]


@dataclass
class TrimHeaders:
    """Drops blanks around header values, which RFC 9110 ignores and the httptools parser keeps."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Trim, then pass on."""
        if scope["type"] == "http":
            scope["headers"] = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
        await self.app(scope, receive, send)


@dataclass
class LimitBody:
    """Refuses a body over `limit` bytes, declared or not, before anything parses it."""

    app: ASGIApp
    limit: int = BODY_LIMIT

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = ROOMY.get(scope["path"], self.limit)
        declared = Headers(scope=scope).get("content-length", "0")
        if declared.isdecimal() and len(declared) < len(str(limit)) + 1 and int(declared) <= limit:
            await self.app(scope, _counting(receive, limit), send)
        else:
            await refusal(TooLarge(f"The body is larger than {limit} bytes."))(scope, receive, send)


def _counting(receive: Receive, limit: int) -> Receive:
    """Counts what comes, and raises TooLarge beyond the limit."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise TooLarge(f"The body is larger than {limit} bytes.")
        return message

    return counted


@dataclass
class SafeHeaders:
    """Puts the security headers on every answer that does not say otherwise."""

    app: ASGIApp
    https: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add headers as the answer starts."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**SAFE, **({"Strict-Transport-Security": HSTS} if self.https else {})}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


def _named(scope: Scope) -> str:
    """A request as a trace calls it: by its method and the first part of its path, of which there are few."""
    room = scope["path"].split("/", 2)[1]
    return f"{scope['method']} /{room}" if room in ROOMS else str(scope["method"])


@dataclass
class LastResort:
    """Answers an error that nobody caught with a reference, and logs one line for every request; never a query string."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = read(Headers(scope=scope).get("traceparent"))
        with Span(_named(scope), parent=sent, request=new_reference()) as span:
            await self._watch(scope, receive, send, span)

    async def _watch(self, scope: Scope, receive: Receive, send: Send, span: Span) -> None:
        began, status = monotonic(), 0

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            status = GONE
        except Exception as error:
            refused: SaysoError = explained(error)
            if status:
                raise
            await refusal(refused)(scope, receive, watched)
        finally:
            span.say(status=status)
            log.info("%s %s %d %.0f ms", scope["method"], shown_path(scope["path"]), status, (monotonic() - began) * 1000)
