"""What every webhook's proof is made of: insist on it, take headers and fresh moments apart, read JSON that may be hostile."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from kernel import clock
from kernel.settings import Settings
from outbox.dispatch import Event, ForgedWebhook, Inbound, MalformedWebhook

Receive = Callable[[Inbound, Settings], list[Event]]
Webhooks = Mapping[str, Receive]
LONGEST_HEADER = 4096
SKEW_S = 300
TOKEN = re.compile(r"[!-~]{1,512}")
DEEPEST = 64
"""What is nested deeper than any provider writes would exhaust whoever copies or writes it later."""


def insist(proved: object, otherwise: str) -> None:
    """Raise ForgedWebhook unless it is proved."""
    if not proved:
        raise ForgedWebhook(otherwise)


def expect(readable: object, otherwise: str) -> None:
    """Raise MalformedWebhook unless it is readable."""
    if not readable:
        raise MalformedWebhook(otherwise)


def header(inbound: Inbound, name: str) -> str:
    """A header that must be there, in ASCII; a signature that is not would be compared with a TypeError by some libraries."""
    value = inbound.headers.get(name, "")
    insist(value and value.isascii() and len(value) <= LONGEST_HEADER, f"{name} is missing or not what it should be")
    return value


def insist_fresh(stamp: str, *, past: int = SKEW_S) -> None:
    """Raise ForgedWebhook unless the Unix time in the stamp is within the tolerance, both ways: clocks differ, replays are old."""
    insist(re.fullmatch(r"[0-9]{10}", stamp), "its time is not a Unix time")
    age = clock.now().timestamp() - int(stamp)
    insist(-SKEW_S <= age <= past, "it is too old, or from the future")


def words_of(body: bytes) -> str:
    """The body as UTF-8; raises ForgedWebhook, because what is not text was not signed by a sender of text."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        reason = "the body is not UTF-8"
        raise ForgedWebhook(reason) from None


def parsed(body: str) -> Any:
    """The body as JSON; raises MalformedWebhook for all else, for what JSON (RFC 8259) does not know: NaN and Infinity, and for what is too deep."""
    try:
        found = json.loads(body, parse_constant=_unknown)
    except (ValueError, RecursionError):
        reason = "the body is not JSON"
        raise MalformedWebhook(reason) from None
    expect(_is_shallow(found), f"the body is nested deeper than {DEEPEST} levels")
    return found


def _is_shallow(found: Any) -> bool:
    level: list[Any] = [found]
    for _ in range(DEEPEST + 1):
        holders = [one for one in level if isinstance(one, dict | list)]
        if not holders:
            return True
        level = [inner for one in holders for inner in (one.values() if isinstance(one, dict) else one)]
    return False


def _unknown(constant: str) -> Any:
    raise ValueError(constant)


def token(value: object) -> str | None:
    """A value that can be an id, a type or a reference: short, printable ASCII; None for all else."""
    return value if isinstance(value, str) and TOKEN.fullmatch(value) else None


def listed(values: str) -> list[str]:
    """The keys of a comma-separated setting: the new and the old one while a rotation lasts."""
    return [value.strip() for value in values.split(",") if value.strip()]
