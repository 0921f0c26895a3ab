"""The bell after a commit: says which lanes have work; silent until a process installs who rings it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable

INBOX = "inbox"
"""The lane of provider events that wait in the inbox; every other lane is a provider's account, such as `sms:twilio`."""

Ringer = Callable[[Collection[str]], None]
log = logging.getLogger("sayso.wake")
_installed: list[Ringer] = []


def install(ringer: Ringer | None) -> None:
    """Let `ringer` carry every ring of this process from now on; None makes the bell silent again."""
    _installed[:] = [ringer] if ringer else []


def ring(lanes: Iterable[str]) -> None:
    """Wake whoever drains these lanes, best effort; never raises, for a lost ring costs at most the clock's second."""
    try:
        wanted = frozenset(lanes)
        for ringer in tuple(_installed) if wanted else ():
            ringer(wanted)
    except Exception:
        log.exception("a ring was lost; the clock makes up for it")
