"""Standing by until the process is told to stop, by Ctrl-C or SIGTERM."""

from __future__ import annotations

import signal
from threading import Event

from processes.serving import Part


def stand_by(part: Part) -> None:
    """Start the part, wait for the signal, stop it; the first signal is enough, more change nothing."""
    told = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    part.start()
    try:
        told.wait()
    finally:
        part.stop()
