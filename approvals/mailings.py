"""Asking for many at once: everybody meant is either in it with the exact bytes, or left out with the reason; one request over all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from approvals.gate import Draft, freeze, hold, preview_of
from approvals.manifests import PRIORITY, LeftOut, drawn_up
from approvals.requests import Pending
from kernel.call import Call
from kernel.errors import InvalidArguments
from outbox import facts
from outbox.content import Channel, Content
from outbox.intents import Drafted


class NobodyLeft(InvalidArguments):
    """Nobody of those who were meant can be messaged, so there is nothing to approve."""

    code = "nobody_left"
    next_step = "Read `excluded`, and choose other customers or another channel."


@dataclass(frozen=True, slots=True)
class Meant:
    """Somebody who is meant, with the address on this channel if there is one."""

    name: str
    address: str | None


@dataclass(frozen=True, slots=True)
class Mailing:
    """What shall go to many, and when at the earliest."""

    name: str
    channel: Channel
    written_to: Callable[[str], Content]
    """The message to one address; raises InvalidArguments for an address that cannot be."""
    not_before: datetime | None = None


def submit_many(call: Call, action: str, mailing: Mailing, meant: Sequence[Meant]) -> Pending:
    """Freeze a message to each of them, hold them all and ask for one decision. Raises NobodyLeft."""
    opted_out = facts.suppressed(call.session, call.workspace, mailing.channel)
    frozen: dict[str, Drafted] = {}
    left_out: list[LeftOut] = []
    for one in meant:
        drafted = _fit(call, mailing, one.address)
        left = _why_not(drafted, one, opted_out, frozen)
        if left:
            left_out.append(left)
        elif drafted:
            frozen[drafted.snapshot.content.recipient] = drafted
    if not frozen:
        raise NobodyLeft(excluded=_counted(left_out))
    drafts = list(frozen.values())
    preview = [preview_of(drafted) for drafted in drafts]
    return hold(call, action, drafts, preview, drawn_up(mailing.name, preview, left_out))


def _fit(call: Call, mailing: Mailing, address: str | None) -> Drafted | None:
    try:
        return freeze(call, Draft(mailing.written_to(address), mailing.not_before), PRIORITY) if address else None
    except InvalidArguments:
        return None


def _why_not(drafted: Drafted | None, one: Meant, opted_out: frozenset[str], frozen: Iterable[str]) -> LeftOut | None:
    if drafted is None:
        return LeftOut(one.name, one.address, "invalid_address" if one.address else "no_address")
    address = drafted.snapshot.content.recipient
    if address.lower() in opted_out:
        return LeftOut(one.name, address, "opted_out")
    return LeftOut(one.name, address, "duplicate") if address in frozen else None


def _counted(left_out: Sequence[LeftOut]) -> dict[str, int]:
    return {why: sum(one.why == why for one in left_out) for why in {one.why for one in left_out}}
