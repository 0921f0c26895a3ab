"""Asking for many at once: everybody meant is either in it with the exact bytes, or left out with the reason; one request over all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from approvals.gate import Draft, freeze, hold, preview_of
from approvals.manifests import PRIORITY, LeftOut, Why, drawn_up
from approvals.requests import Pending
from approvals.wanted import leaving
from kernel.arguments import fitted
from kernel.call import Call
from kernel.errors import InvalidArguments
from outbox import facts, windows
from outbox.content import Channel, kind_saying
from outbox.intents import Drafted


class NobodyLeft(InvalidArguments):
    """Nobody of those who were meant can be messaged, so there is nothing to approve."""

    code = "nobody_left"
    next_step = "Read `excluded`, and choose other customers or another channel."


@dataclass(frozen=True, slots=True)
class Meant:
    """Somebody who is meant: the address on this channel if there is one, the words for them, and why they are left out if they are."""

    name: str
    address: str | None
    words: Mapping[str, str]
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Mailing:
    """What shall go to many, and when at the earliest."""

    name: str
    channel: Channel
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """Who would get which bytes, and who is left out."""

    drafts: Sequence[Drafted]
    left_out: Sequence[LeftOut]

    def excluded(self) -> dict[str, int]:
        """How many are left out, by why."""
        return dict(Counter[str](one.why for one in self.left_out))


def draw(call: Call, mailing: Mailing, meant: Sequence[Meant]) -> Drawn:
    """Freeze a message to each of them; nothing is written."""
    opted_out = facts.suppressed(call.session, call.workspace, mailing.channel)
    answering = windows.open_at(call.session, call.workspace, leaving(call, mailing.not_before))
    frozen: dict[str, Drafted] = {}
    left_out: list[LeftOut] = []
    for one in meant:
        drafted = _fit(call, mailing, one)
        left = _undeliverable(mailing.channel, one) if drafted is None else _why_not(drafted, one, opted_out, frozen)
        if left is None and drafted and drafted.answers and drafted.answers not in answering:
            left = LeftOut(one.name, drafted.snapshot.content.recipient, "window_closed")
        if left:
            left_out.append(left)
        elif drafted:
            frozen[drafted.snapshot.content.recipient] = drafted
    return Drawn(list(frozen.values()), left_out)


def submit_many(call: Call, action: str, mailing: Mailing, meant: Sequence[Meant]) -> Pending:
    """Freeze a message to each of them, hold them all and ask for one decision. Raises NobodyLeft."""
    drawn = draw(call, mailing, meant)
    if not drawn.drafts:
        raise NobodyLeft(excluded=drawn.excluded())
    preview = [preview_of(drafted) for drafted in drawn.drafts]
    return hold(call, action, drawn.drafts, preview, drawn_up(mailing.name, preview, drawn.left_out))


def _fit(call: Call, mailing: Mailing, one: Meant) -> Drafted | None:
    if not one.address:
        return None
    try:
        content = fitted(kind_saying(mailing.channel, one.words), {"to": one.address, **one.words})
        return freeze(call, Draft(content, mailing.not_before), PRIORITY)
    except InvalidArguments:
        return None


def _undeliverable(channel: Channel, one: Meant) -> LeftOut:
    """Whoever has no message of this kind, with the reason."""
    if not one.address:
        return LeftOut(one.name, one.address, "no_address")
    return LeftOut(one.name, one.address, one.why or ("too_long" if _is_too_long(channel, one.words) else "invalid_address"))


def _is_too_long(channel: Channel, words: Mapping[str, str]) -> bool:
    """Whether one of the texts is longer than this kind of message takes."""
    limits = [(name, getattr(limit, "max_length", None)) for name, field in kind_saying(channel, words).model_fields.items() for limit in field.metadata]
    return any(most is not None and len(words.get(name, "")) > most for name, most in limits)


def _why_not(drafted: Drafted, one: Meant, opted_out: frozenset[str], frozen: Iterable[str]) -> LeftOut | None:
    address = drafted.snapshot.content.recipient
    if one.why:
        return LeftOut(one.name, address, one.why)
    if address.lower() in opted_out:
        return LeftOut(one.name, address, "opted_out")
    return LeftOut(one.name, address, "duplicate") if address in frozen else None
