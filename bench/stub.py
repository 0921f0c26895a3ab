"""A stub of Twilio's Messages API that is fast enough never to be the limit: it answers 201 with a sid and remembers when a body came.

    python -m bench.stub

prints its port. `GET /arrivals` gives, as JSON, pairs of monotonic nanoseconds and the message's text, and forgets them.
Under `/slow` it answers after 50 ms, as a provider across a network would.
Unlike the stub of the tests it writes nothing to disk, so it proves nothing: it only answers.
"""

from __future__ import annotations

import asyncio
import json
import time
from urllib.parse import unquote_plus

import uvloop
from typing_extensions import override

ENOUGH = 20_000
SLOW_S = 0.05
ANSWER = '{"sid": "SM%032x", "status": "queued", "body": "", "error_code": null, "error_message": null}'


class Stub(asyncio.Protocol):
    """One connection; requests come one after the other, each whole or in pieces."""

    arrivals: tuple[list[int], list[bytes]] = ([], [])
    taken = 0

    def __init__(self) -> None:
        self._gathered = b""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the line."""
        self._line = transport

    @override
    def data_received(self, data: bytes) -> None:
        """Answer every whole request that has come."""
        self._gathered += data
        while (request := self._next()) is not None:
            head, body = request
            if head.startswith(b"POST /slow"):
                asyncio.get_running_loop().call_later(SLOW_S, self._write, _reply(head, body))
            else:
                self._write(_reply(head, body))

    def _write(self, answer: bytes) -> None:
        self._line.write(answer)  # type: ignore[attr-defined]  # uvloop's transports write

    def _next(self) -> tuple[bytes, bytes] | None:
        head, found, rest = self._gathered.partition(b"\r\n\r\n")
        length = _length(head) if found else 0
        if not found or len(rest) < length:
            return None
        self._gathered = rest[length:]
        return head, rest[:length]


def _length(head: bytes) -> int:
    place = head.lower().find(b"content-length:")
    return int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0


def _reply(head: bytes, body: bytes) -> bytes:
    if head.startswith(b"GET"):
        return _http(200, json.dumps(_forget()).encode())
    Stub.taken += 1
    times, bodies = Stub.arrivals
    if len(times) < ENOUGH:
        times.append(time.monotonic_ns())
        bodies.append(body)
    return _http(201, (ANSWER % Stub.taken).encode())


def _http(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def _forget() -> list[tuple[int, str]]:
    (times, bodies), Stub.arrivals = Stub.arrivals, ([], [])
    return [(moment, _text(body)) for moment, body in zip(times, bodies, strict=True)]


def _text(body: bytes) -> str:
    return next((unquote_plus(pair[5:].decode()) for pair in body.split(b"&") if pair.startswith(b"Body=")), "")


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve())
