"""The transport keeps its time, its host and its honesty about what was handed over."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from kernel import clock
from providers import wire
from providers.transport import LONGEST_ANSWER, Answer, Lost, NotSent, Transport

Serve = Callable[[socket.socket], object]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@contextmanager
def serving(*visits: Serve) -> Iterator[tuple[str, int]]:
    """A raw TCP server that treats each connection as told, one after the other."""

    def run() -> None:
        for visit in visits:
            connection, _ = listener.accept()
            with connection:
                visit(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=run, daemon=True)
        thread.start()
        yield "127.0.0.1", listener.getsockname()[1]
        thread.join(5)


def answering(*answers: bytes) -> Serve:
    """Read a whole request for each answer; then see the caller off."""

    def visit(connection: socket.socket) -> None:
        for answer in answers:
            if not _request(connection):
                return
            connection.sendall(answer)

    return visit


def _request(connection: socket.socket) -> bytes:
    read = b""
    while not read.endswith((b"\r\n\r\n", b"body")):
        piece = connection.recv(65_536)
        if not piece:
            return b""
        read += piece
        if read.endswith(b"\r\n\r\n") and b"content-length: 4" in read.lower():
            read += connection.recv(4, socket.MSG_WAITALL)
    return read


def _post(transport: Transport, api: str) -> Answer:
    try:
        return transport.post(f"{api}/x", b"body", {"Content-Type": "text/plain"})
    finally:
        transport.close()


def test_nothing_is_sent_when_tls_fails() -> None:
    with serving(lambda connection: connection.sendall(b"this is no TLS\r\n")) as (host, port), pytest.raises(NotSent):
        _post(Transport(f"https://{host}:{port}"), f"https://{host}:{port}")


def test_certificates_are_verified_when_talking_tls() -> None:
    context = Transport("https://127.0.0.1:1")._pool.conn_kw["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_nothing_is_sent_when_handshake_hangs() -> None:
    with serving(lambda connection: connection.recv(1) and connection.recv(65_536) and connection.recv(1)) as (host, port):
        started = clock.monotonic()
        with pytest.raises(NotSent):
            _post(Transport(f"https://{host}:{port}", connect=0.1, read=9), f"https://{host}:{port}")
        assert clock.monotonic() - started < 5


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 80, "a..b"])
def test_nothing_is_sent_when_name_is_unknown(host: str) -> None:
    with pytest.raises(NotSent):
        _post(Transport(f"http://{host}"), f"http://{host}")


def test_nothing_is_sent_when_header_is_impossible() -> None:
    transport = Transport("http://127.0.0.1:1")
    with pytest.raises(NotSent) as refused:
        transport.post("http://127.0.0.1:1/", b"", {"Authorization": "Bearer secret\nX: y"})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 2", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", b"\xff" * 70_000],
    ids=["none", "cut", "nonsense", "short", "noise"],
)
def test_it_is_lost_when_answer_breaks(answer: bytes) -> None:
    with serving(answering(answer)) as (host, port), pytest.raises(Lost):
        _post(Transport(f"http://{host}:{port}"), f"http://{host}:{port}")


def test_it_is_lost_when_request_is_not_read_to_its_end() -> None:
    with serving(lambda connection: connection.recv(1) and connection.recv(1, socket.MSG_PEEK)) as (host, port):
        transport = Transport(f"http://{host}:{port}", read=0.1)
        with pytest.raises(Lost):
            transport.post(f"http://{host}:{port}", b"x" * 50_000_000, {})
        transport.close()


def test_it_is_lost_when_answer_is_endless() -> None:
    endless = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * (LONGEST_ANSWER + 1)
    with serving(answering(endless)) as (host, port), pytest.raises(Lost):
        _post(Transport(f"http://{host}:{port}"), f"http://{host}:{port}")


@pytest.mark.parametrize("ending", ["Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "Connection: close\r\n\r\nok"])
def test_answer_is_whole_when_framed_otherwise(ending: str) -> None:
    with serving(answering(f"HTTP/1.1 200 OK\r\n{ending}".encode())) as (host, port):
        assert _post(Transport(f"http://{host}:{port}"), f"http://{host}:{port}").body == b"ok"


def test_connection_is_not_used_again_when_idle_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    second = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    with serving(answering(OK, OK, OK), answering(second)) as (host, port):
        api = f"http://{host}:{port}"
        transport = Transport(api)
        assert [transport.post(api, b"", {}).status for _ in range(2)] == [200, 200]
        monkeypatch.setattr(wire, "IDLE_S", 0.0)
        assert transport.post(api, b"", {}).status == 201
        transport.close()


def test_proxy_of_environment_is_ignored_when_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serving(answering(OK)) as (host, port):
        assert _post(Transport(f"http://{host}:{port}"), f"http://{host}:{port}").status == 200
