"""Standing by until the process is told to stop, by Ctrl-C or SIGTERM."""

from __future__ import annotations

import logging
import signal
from contextlib import ExitStack
from threading import Event

from processes.serving import Part

log = logging.getLogger("sayso.standby")


def stand_by(*parts: Part) -> None:
    """Start the parts, wait for the signal, stop them in reverse; the first signal is enough, more change nothing."""
    told = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    with ExitStack() as started:
        for part in parts:
            part.start()
            started.callback(part.stop)
        log.info("runs; SIGTERM ends it in order")
        told.wait()
