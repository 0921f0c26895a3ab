"""The only place that reads a clock: aware UTC moments, and monotonic seconds for fences and time-outs."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_offset = timedelta(0)


def now() -> datetime:
    """The current moment, aware, UTC (shifted by the offset that tests of clock skew set)."""
    return datetime.now(UTC) + _offset


def skew(offset: timedelta) -> None:
    """Shift `now()`; only tests call this."""
    global _offset  # noqa: PLW0603 - one clock for the process, one place that may bend it
    _offset = offset


def zone_of(name: str) -> ZoneInfo:
    """The business's time zone; UTC when its name is unknown here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def monotonic() -> float:
    """Seconds that never go back; unaffected by `skew`."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Sleep; named here so that a room that waits says so."""
    time.sleep(seconds)
