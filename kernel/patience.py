"""How long the database may keep a worker waiting: one thread shuts the socket under every connection whose time is up.

The server's own time-outs do not help when it is the network that swallows its answer.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from threading import Event, Lock, Thread
from typing import Any

import psycopg

from kernel import clock

LOOK_SECONDS = 0.5
"""How often the watch looks: a wait may last so much longer than was asked for."""


class Patience:
    """Watches the connections of one pool; its thread lives from the first use until `stop`."""

    def __init__(self) -> None:
        self._waits: dict[int, tuple[float, psycopg.Connection[Any]]] = {}
        self._numbers = count()
        self._stopped = Event()
        self._starting = Lock()
        self._thread: Thread | None = None

    @contextmanager
    def within(self, line: psycopg.Connection[Any], seconds: float) -> Iterator[None]:
        """Let the block use `line` for at most so many seconds; whoever waits on it longer gets an OperationalError."""
        if self._thread is None:
            self._start()
        number = next(self._numbers)
        self._waits[number] = (clock.monotonic() + seconds, line)
        try:
            yield
        finally:
            self._waits.pop(number, None)

    def stop(self) -> None:
        """End the watch."""
        self._stopped.set()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._watch, name="patience", daemon=True)
                self._thread.start()

    def _watch(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            now = clock.monotonic()
            for number, (until, line) in tuple(self._waits.items()):
                if now > until and number in self._waits:
                    self._waits.pop(number, None)
                    hang_up(line)


def hang_up(line: psycopg.Connection[Any]) -> None:
    """Shut the socket under a connection that another thread waits on; that thread gets an OperationalError."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(line.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
