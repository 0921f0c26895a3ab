"""Twilio's list settles a doubt only by the exact message, an id nobody else has, and a list read to its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from typing_extensions import override

from outbox.dispatch import Absent, Evidence, Found, NoWord, Sought
from providers.transport import Transport
from providers.twilio_list import look_up
from tests.fixtures.dispatches import dispatch_to

START = datetime(2026, 5, 18, 12, 0, tzinfo=UTC)
DISPATCH = dispatch_to("sms", "+447400123456")
BODY = DISPATCH.content.frozen()["body"]


def message(minutes: float = 0.0, **changed: Any) -> dict[str, Any]:
    created = format_datetime(START + timedelta(minutes=minutes))
    return {"sid": "SM1", "status": "queued", "direction": "outbound-api", "body": BODY, "from": DISPATCH.sender, "date_created": created, **changed}


class Listing(BaseHTTPRequestHandler):
    """Serves pages of messages, two to a page."""

    messages: list[dict[str, Any]]
    status = 200
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        page = int(self.path.partition("Page=")[2] or 0) if "&Page=" in self.path else 0
        more = len(self.messages) > 2 * page + 2
        following = f"/2010-04-01/Accounts/AC1/Messages.json?To=x&Page={page + 1}" if more else None
        body = json.dumps({"messages": self.messages[2 * page : 2 * page + 2], "next_page_uri": following}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        return


@pytest.fixture
def ask() -> Iterator[Any]:
    listing = type("Here", (Listing,), {"asked": []})
    server = HTTPServer(("127.0.0.1", 0), listing)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"

    def asking(*messages: dict[str, Any], taken: frozenset[str] = frozenset(), status: int = 200) -> Evidence:
        listing.messages, listing.status = list(messages), status
        return look_up(Transport(base), f"{base}/2010-04-01/Accounts/AC1", {}, Sought(DISPATCH, START, taken))

    asking.asked = listing.asked
    yield asking
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("messages", "evidence"),
    [
        ([], Absent()),
        ([message()], Found("SM1", "sent")),
        ([message(status="delivered")], Found("SM1", "delivered")),
        ([message(status="failed")], Found("SM1", "undelivered")),
        ([message(**{"from": None})], Found("SM1", "sent")),
        ([message(body=f"{BODY} ")], Absent()),
        ([message(direction="inbound")], Absent()),
        ([message(**{"from": "+12015550123"})], Absent()),
        ([message(minutes=-6)], Absent()),
        ([message(minutes=-4)], Found("SM1", "sent")),
        ([message(n, sid=f"SM{n}", body="other") for n in (9, 8, 7)] + [message()], Found("SM1", "sent")),
        ([message(date_created="yesterday")], NoWord("Twilio's list could not be read (a message without a date).")),
    ],
)
def test_only_the_exact_message_is_found(ask: Any, messages: list[dict[str, Any]], evidence: Evidence) -> None:
    assert ask(*messages) == evidence


def test_an_id_of_another_attempt_is_not_ours(ask: Any) -> None:
    assert ask(message(), taken=frozenset({"SM1"})) == Absent()
    assert ask(message(), message(sid="SM2"), taken=frozenset({"SM1"})) == Found("SM2", "sent")


def test_the_list_is_asked_by_recipient_alone(ask: Any) -> None:
    ask()
    assert "To=%2B447400123456" in ask.asked[0]
    assert "DateSent" not in ask.asked[0]
    assert "From" not in ask.asked[0]


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_an_unread_list_proves_nothing(ask: Any, status: int) -> None:
    assert isinstance(ask(message(), status=status), NoWord)


def test_a_list_that_cannot_be_reached_proves_nothing() -> None:
    evidence = look_up(Transport("http://127.0.0.1:9"), "http://127.0.0.1:9/2010-04-01/Accounts/AC1", {}, Sought(DISPATCH, START, frozenset()))
    assert isinstance(evidence, NoWord)
