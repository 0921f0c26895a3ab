"""What every request passes: trimmed headers, a log line without secrets, and an answer even to an unforeseen error."""

from __future__ import annotations

import logging

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from surfaces.app import create_app
from surfaces.door import Door
from surfaces.limits import TrimHeaders, shown_path
from tests.surfaces.conftest import Talk

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/a/9f8e7d6c5b4a", "/a/[redacted]"),
        ("/pay/tok/x", "/pay/[redacted]"),
        ("/portal/enter/tok", "/portal/enter/[redacted]"),
        ("/a", "/a"),
        ("/api/list_services", "/api/list_services"),
        ("/" + "x" * 5000, "/" + "x" * 199),
    ],
)
async def test_log_shows_no_token(path: str, shown: str) -> None:
    assert shown_path(path) == shown


async def test_log_has_one_line_and_no_query(talk: Talk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "sayso.access"):
        async with talk(None) as http:
            await http.get("/healthz?secret=1")
            await http.get("/a/9f8e7d6c5b4a")
    lines = [record.getMessage() for record in caplog.records if record.name == "sayso.access"]
    assert len(lines) == 2
    assert lines[0].startswith("GET /healthz 200")
    assert lines[1].startswith("GET /a/[redacted] 404")
    assert "secret" not in caplog.text


async def test_unforeseen_error_is_answered_with_a_reference(door: Door) -> None:
    async def burst(_request: Request) -> Response:
        message = "inner detail"
        raise RuntimeError(message)

    app = create_app(door, [Route("/burst", burst)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost") as http:
        answer = await http.get("/burst")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "inner detail" not in answer.text
    assert answer.json()["details"]["reference"] in answer.json()["message"]


async def test_blanks_around_header_values_are_dropped() -> None:
    seen: list[tuple[bytes, bytes]] = []

    async def inner(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.extend(scope["headers"])

    async def receive() -> Message:
        return {}

    async def send(_message: Message) -> None:
        return None

    await TrimHeaders(inner)({"type": "http", "headers": [(b"a", b" b \t")]}, receive, send)
    assert seen == [(b"a", b"b")]


async def test_page_for_people_is_plain_when_missing(talk: Talk) -> None:
    async with talk(None) as http:
        answer = await http.get("/no-such-page")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/plain")
