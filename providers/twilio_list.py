"""Twilio's own list of messages, read to settle a doubt: newest first, by recipient only, back to before the call began.

Filters by sender or date would hide the very message that is sought: `date_sent` is null until it is sent, and `from` is null
until a messaging service has picked one (Message resource, twilio.com/docs/messaging/api/message-resource).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from outbox.dispatch import Absent, Evidence, Found, NoWord, Sought, Status
from providers.transport import SUCCESS, Transport, TransportError

PAGE = 100
MOST_PAGES = 10
MARGIN = timedelta(minutes=5)
"""How far before the call the list is read: the two clocks may differ."""
OUTBOUND = "outbound-api"
FATES: dict[str, Status] = {"delivered": "delivered", "read": "delivered", "failed": "undelivered", "undelivered": "undelivered", "canceled": "undelivered"}


class Unreadable(Exception):
    """The list could not be read to the end."""


def look_up(transport: Transport, account_url: str, headers: Mapping[str, str], sought: Sought) -> Evidence:
    """Whether the message stands in the list: the same recipient, sender and exact body, and an id that no other attempt has."""
    prefix = "whatsapp:" if sought.dispatch.channel == "whatsapp" else ""
    query = urlencode({"To": f"{prefix}{sought.dispatch.recipient}", "PageSize": PAGE})
    try:
        for message in _messages(transport, f"{account_url}/Messages.json?{query}", headers, sought.started_at - MARGIN):
            if _is_it(message, sought):
                return Found(str(message["sid"]), FATES.get(str(message.get("status")), "sent"))
    except (TransportError, Unreadable) as fault:
        return NoWord(f"Twilio's list could not be read ({fault}).")
    return Absent()


def _messages(transport: Transport, url: str, headers: Mapping[str, str], since: datetime) -> Iterator[dict[str, Any]]:
    base = url.partition("/2010")[0]
    for _ in range(MOST_PAGES):
        page = _page(transport, url, headers)
        for message in page["messages"]:
            if _created(message) < since:
                return
            yield message
        if not page.get("next_page_uri"):
            return
        url = f"{base}{page['next_page_uri']}"
    raise Unreadable("it is too long")


def _page(transport: Transport, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    answer = transport.get(url, headers)
    page = answer.object if answer.category == SUCCESS else {}
    if not isinstance(page.get("messages"), list):
        raise Unreadable(f"HTTP {answer.status}")
    return page


def _created(message: dict[str, Any]) -> datetime:
    try:
        return parsedate_to_datetime(str(message.get("date_created")))
    except ValueError:
        raise Unreadable("a message without a date") from None


def _is_it(message: dict[str, Any], sought: Sought) -> bool:
    sender = str(message.get("from") or "").removeprefix("whatsapp:")
    return (
        message.get("direction") == OUTBOUND
        and message.get("body") == sought.dispatch.content.frozen()["body"]
        and sender in ("", sought.dispatch.sender.removeprefix("whatsapp:"))
        and message.get("sid") not in sought.taken
    )
