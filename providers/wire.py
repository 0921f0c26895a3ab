"""Connections to a provider that keep a deadline over the whole call, and know whether a byte of the request was handed over."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any, cast

from typing_extensions import override
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from kernel import clock

IDLE_S = 10.0
"""An idle connection older than this is not used again. Below the 15 s and more of the providers' own time-outs: a connection
that closes just as we write loses the answer, and so makes a doubt out of nothing."""
A_MOMENT_S = 0.001


@dataclass(slots=True)
class Call:
    """One request on its way: until when it may connect, how long it may then take, and whether a byte of it was handed over."""

    connect_by: float
    read: float
    answer_by: float | None = None

    @property
    def written(self) -> bool:
        """Whether a byte was handed over."""
        return self.answer_by is not None

    def write(self) -> None:
        """From now on the provider may have it; the answer's time begins with the first byte."""
        self.answer_by = clock.monotonic() + self.read


CALL: ContextVar[Call] = ContextVar("providers.wire.call")


def left(deadline: float | None) -> float:
    """Seconds until the deadline; raises TimeoutError when there are none."""
    seconds = (deadline or 0.0) - clock.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


class TimedReads(io.RawIOBase):
    """The bytes of a socket, each read bounded by what is left of the call: a dripping server cannot stretch it."""

    def __init__(self, sock: socket.socket, seconds: Callable[[], float]) -> None:
        """`seconds` says what is left, and raises TimeoutError when that is nothing."""
        self._sock = sock
        self._seconds = seconds
        self._reads = cast("io.RawIOBase", sock.makefile("rb", buffering=0))

    @override
    def readable(self) -> bool:
        return True

    @override
    def readinto(self, buffer: Any, /) -> int | None:
        self._sock.settimeout(self._seconds())
        return cast("int | None", self._reads.readinto(buffer))

    @override
    def close(self) -> None:
        self._reads.close()
        super().close()


class _TimedSocket:
    """What http.client asks of a socket that it reads an answer from."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        """The socket as a file of timed reads."""
        return io.BufferedReader(TimedReads(self._sock, lambda: left(CALL.get().answer_by)))


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, **options: Any) -> None:
        super().__init__(cast("socket.socket", _TimedSocket(sock)), **options)


class _Timed(HTTPConnection):
    """The mixin of both connections below."""

    response_class = _TimedResponse
    used = 0.0

    def __init__(self, *place: Any, **options: Any) -> None:
        super().__init__(*place, **options)
        self._gathered = bytearray()

    @property
    @override
    def is_connected(self) -> bool:
        return clock.monotonic() - self.used < IDLE_S and super().is_connected

    @override
    def request(self, *request: Any, **options: Any) -> None:
        """Gather headers and body and hand them over in one write: one packet and one system call less for each message."""
        super().request(*request, **options)
        whole, self._gathered = self._gathered, bytearray()
        if self.sock is None:
            self.connect()
        call, self.used = CALL.get(), clock.monotonic()
        call.write()
        self.sock.settimeout(left(call.answer_by))
        self.sock.sendall(whole)

    @override
    def send(self, data: Any) -> None:
        """Gather; `request` hands over."""
        self._gathered += data

    @override
    def _new_conn(self) -> socket.socket:
        """Try each address the name has; all of them and the TLS handshake after it within the time to connect."""
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as fault:
            raise NameResolutionError(self.host, self, socket.gaierror(str(fault))) from fault
        last = OSError("the name has no address")
        for *_, address in found:
            try:
                sock = create_connection((str(address[0]), self.port), left(CALL.get().connect_by), socket_options=self.socket_options)
                sock.settimeout(max(CALL.get().connect_by - clock.monotonic(), A_MOMENT_S))
            except OSError as refused:
                last = refused
            else:
                return sock
        if isinstance(last, TimeoutError):
            raise ConnectTimeoutError(self, "no address answered in time") from last
        raise NewConnectionError(self, "no address took the connection") from last


class _Plain(_Timed):
    """Over TCP."""


class _Secure(_Timed, HTTPSConnection):
    """Over TLS."""


class PlainPool(HTTPConnectionPool):
    """Kept-alive connections to one `http` address (a stub, a proxy on the same machine)."""

    ConnectionCls = _Plain


class SecurePool(HTTPSConnectionPool):
    """Kept-alive connections to one `https` address."""

    ConnectionCls = _Secure
