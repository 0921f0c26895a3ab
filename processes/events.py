"""On the host: what providers told us, of every business, and having any of it worked off once more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kernel.db import raw
from kernel.errors import InvalidArguments
from outbox import replays
from outbox.replays import Kept, State, Wanted
from outbox.scrutiny import visible
from processes.host import as_owner
from processes.premises import attached

SPARE = timedelta(days=366)
"""What is reckoned from a moment must be a moment too."""


def moment_of(words: str | None) -> datetime | None:
    """A day, or a moment, as somebody types it: `2026-05-20`, `2026-05-20T10:00+02:00`; in UTC where no offset is given. Raises InvalidArguments."""
    if words is None:
        return None
    try:
        found = datetime.fromisoformat(words)
        _ = [found + spare for spare in (-SPARE, SPARE)]
    except (ValueError, OverflowError):
        msg = f"{visible(words)} is neither a day nor a moment."
        raise InvalidArguments(msg, next_step="Write it as 2026-05-20 or 2026-05-20T10:00+02:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def wanted(since: str | None, until: str | None, of_type: str | None, state: State | None) -> Wanted:
    """The events that a command means. Raises InvalidArguments."""
    return Wanted(None, moment_of(since), moment_of(until), of_type, state)


def listed(meant: Wanted, most: int) -> Iterator[str]:
    """The events that are meant, newest first, a line each. Raises NotRunning."""
    with as_owner(attached()) as session:
        found = replays.kept(raw(session), meant, most)
    return map(_line, found)


def replay(meant: Wanted, keys: list[str]) -> int:
    """Have the events that are meant worked off once more; the clock rings for them within a second. Answers how many. Raises NotRunning."""
    if meant == Wanted() and not keys:
        msg = "Say which events."
        raise InvalidArguments(msg, next_step="Name their keys (evt_…), or give --since, --until, --type or --state.")
    with as_owner(attached()) as session:
        return sum(replays.replay(raw(session), one) for one in _each(meant, keys))


def _each(meant: Wanted, keys: list[str]) -> list[Wanted]:
    return [replace(meant, key=key) for key in keys] or [meant]


def _line(event: Kept) -> str:
    told = f"{event.received_at:%Y-%m-%d %H:%M}  {event.state:7}  {event.provider}  {event.type}  {event.key}"
    return visible(told + (f"  ({event.reason})" if event.reason else "")).replace("\n", " ")
