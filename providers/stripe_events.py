"""Stripe's own list of events, read for those that it could not deliver to us; it goes 30 days back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from outbox.dispatch import Event, ObjectEvent
from providers.proof import token
from providers.transport import SUCCESS, Transport

PAGE = 100
MOST_PAGES = 20


class Unreadable(Exception):
    """The list could not be read to the end."""


def missed(transport: Transport, base: str, headers: Mapping[str, str], since: datetime) -> Iterator[Event]:
    """Page by page, newest first. Raises Unreadable, and what the transport raises."""
    wanted = {"delivery_success": "false", "created[gte]": int(since.timestamp()), "limit": PAGE}
    for _ in range(MOST_PAGES):
        page = _page(transport, f"{base}/v1/events?{urlencode(wanted)}", headers)
        yield from (ObjectEvent(one["id"], one["type"], one) for one in page["data"])
        if not page["data"] or not page.get("has_more"):
            return
        wanted["starting_after"] = page["data"][-1]["id"]


def _page(transport: Transport, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    answer = transport.get(url, headers)
    try:
        page = json.loads(answer.text) if answer.category == SUCCESS else None
    except (ValueError, RecursionError):
        page = None
    if not isinstance(page, dict) or not isinstance(page.get("data"), list) or not all(map(_is_event, page["data"])):
        msg = f"HTTP {answer.status}"
        raise Unreadable(msg)
    return page


def _is_event(one: Any) -> bool:
    return isinstance(one, dict) and token(one.get("id")) is not None and token(one.get("type")) is not None
