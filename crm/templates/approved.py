"""WhatsApp's approved templates behind ours: which one says the words, in which language, and which gap each of its numbers is; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crm.templates.gaps import GAP, gaps_in
from kernel.errors import InvalidArguments
from outbox.content import Channel


def kept_as(body: str, sid: str, language: str, names: Sequence[str] | None) -> dict[str, Any]:
    """The approved template of a body, as its row keeps it. Raises InvalidArguments unless each gap has one number."""
    order = list(dict.fromkeys(GAP.findall(body))) if names is None else list(names)
    if len(order) != len(set(order)) or set(order) != gaps_in(body):
        raise InvalidArguments("`contentVariables` must name each gap of the text once.", next_step="The first name is what WhatsApp's {{1}} stands for.")
    numbers = {name: f"{{{{{place}}}}}" for place, name in enumerate(order, 1)}
    return {"content_sid": sid, "language": language, "words": GAP.sub(lambda gap: numbers[gap[1]], body), "names": order}


def said_by(approved: Mapping[str, Any] | None, given: Mapping[str, str]) -> dict[str, str]:
    """What a message says beside its text when it leaves as an approved template: which, and what fills its numbers; nothing for plain words."""
    if approved is None:
        return {}
    values = {str(place): given[name] for place, name in enumerate(approved["names"], 1)}
    kept = {name: approved[name] for name in ("content_sid", "language", "words")}
    return {**kept, "content_variables": json.dumps(values, ensure_ascii=False)}


def check_channel(channel: Channel, given: Mapping[str, object]) -> None:
    """Raises InvalidArguments for an approved template on another channel than WhatsApp, or for half of one."""
    if any(value is not None for value in given.values()) and (channel != "whatsapp" or given["content_sid"] is None or given["language"] is None):
        raise InvalidArguments("`contentSid` and `language` go together, and only with WhatsApp.")
