"""Our own transport under every provider's client: one API, timed, never redirected, nothing sent twice, nobody else called.

A call ends in an `Answer`, or in one of two faults that say what a worker may do next: `NotSent` (no byte of the request was
handed over: call again) and `Lost` (one was: do not). No retry happens here, no redirect is followed (RFC 9110 §15.4), no proxy is
taken from the environment, and TLS certificates are verified.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPHeaderDict, Timeout
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util import Url, parse_url

from kernel import clock
from providers.wire import CALL, Call, PlainPool, SecurePool

CONNECT_S = 3.0
READ_S = 7.0
CONNECT_SHARE = 0.3
LONGEST_ANSWER = 1_000_000
CONNECTIONS = 64
PIECE = 65_536
SUCCESS, REDIRECT, REFUSAL = 2, 3, 4
"""The classes of status codes (RFC 9110 §15)."""


class TransportError(Exception):
    """The call brought no answer; `reason` is a sentence without address, key or text."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NotSent(TransportError):
    """No byte of the request was handed over: it was certainly not taken."""


class HostRefused(NotSent):
    """The address is not the configured one: a provider never reaches a host it was not told."""


class Lost(TransportError):
    """A byte of the request was handed over and no whole answer came: it may have been taken."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def category(self) -> int:
        """The class of the status code."""
        return self.status // 100

    @property
    def text(self) -> str:
        """The body as UTF-8; other bytes are replaced."""
        return self.body.decode("utf-8", "replace")

    @property
    def object(self) -> dict[str, Any]:
        """The body as a JSON object; an empty one where it is anything else."""
        try:
            found = json.loads(self.text)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}


class NotAccepted(Exception):
    """An answer that takes nothing; raised past a provider's SDK, which would forget its headers."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Transport:
    """Calls one API: connections are made on first use (so after a fork) and kept alive, for any number of threads."""

    @classmethod
    def within(cls, api: str, seconds: float) -> Self:
        """A transport whose calls take at most so many seconds in all."""
        connect = min(CONNECT_S, seconds * CONNECT_SHARE)
        return cls(api, connect=connect, read=seconds - connect)

    def __init__(self, api: str, *, connect: float = CONNECT_S, read: float = READ_S) -> None:
        """`api` is the only address ever called; a call takes at most `connect` + `read` seconds (the name's look-up apart)."""
        self._api = parse_url(api)
        self._connect = connect
        self._read = read

    @cached_property
    def _pool(self) -> HTTPConnectionPool:
        host, port = self._api.host or "", self._api.port
        if self._api.scheme == "http":
            return PlainPool(host, port, maxsize=CONNECTIONS)
        return SecurePool(host, port, maxsize=CONNECTIONS, ssl_context=ssl.create_default_context())

    def get(self, url: str, headers: Mapping[str, str]) -> Answer:
        """GET once; raises NotSent or Lost, which mean the same for what changes nothing."""
        return self._call("GET", url, None, headers)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """POST once; raises NotSent or Lost."""
        return self._call("POST", url, body, headers)

    def _call(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        target = parse_url(url)
        if _origin(target) != _origin(self._api):
            reason = "The address is not the configured one, so it was not called."
            raise HostRefused(reason)
        call = Call(connect_by=clock.monotonic() + self._connect, read=self._read)
        token = CALL.set(call)
        try:
            return self._exchange(method, target.request_uri, body, headers)
        except (HTTPError, OSError, ValueError) as fault:
            raise (Lost if call.written else NotSent)(_sentence(fault, written=call.written)) from None
        finally:
            CALL.reset(token)

    def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        response = self._pool.urlopen(
            method,
            path,
            body,
            HTTPHeaderDict(headers),
            retries=False,
            redirect=False,
            timeout=Timeout(connect=self._connect, read=self._read),
            preload_content=False,
        )
        try:
            whole = _whole(response)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return Answer(response.status, response.headers, whole)

    def close(self) -> None:
        """Close the connections; a later call would open new ones."""
        self._pool.close()
        del self._pool


def _origin(url: Url) -> tuple[str | None, str | None, int]:
    return url.scheme, url.host, url.port or (80 if url.scheme == "http" else 443)


def _whole(response: BaseHTTPResponse) -> bytes:
    body = bytearray()
    for piece in response.stream(PIECE):
        body += piece
        if len(body) > LONGEST_ANSWER:
            reason = "the answer is too long"
            raise HTTPError(reason)
    return bytes(body)


def _sentence(fault: Exception, *, written: bool) -> str:
    """What happened, by the name of the fault only: its words may hold the address or the key."""
    if not written:
        return f"No connection could be made ({type(fault).__name__})."
    if isinstance(fault, (ReadTimeoutError, TimeoutError)):
        return "No whole answer came in time."
    return f"The connection broke before a whole answer came ({type(fault).__name__})."
