"""Memory: a real provider that keeps what it is given in a list, for tests; it can be told to fail, and is never configured."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from threading import Lock

from kernel import clock
from kernel.settings import Channel, Settings
from outbox.dispatch import Absent, Accepted, Dispatch, Evidence, Found, Outcome, Sought

SERVES: tuple[Channel, ...] = ()
Scripted = Outcome | BaseException | Callable[[Dispatch], Outcome]


class Memory:
    """Performs by remembering. Each dispatch takes the next scripted outcome, an exception is raised; then all are accepted."""

    name = "memory"

    def __init__(self, script: Iterable[Scripted] = (), *, latency: float = 0.0) -> None:
        """`latency`: seconds that each call takes."""
        self._script = deque(script)
        self._latency = latency
        self._lock = Lock()
        self.shows = True
        """Whether its list shows what it took."""
        self.fault: str | None = None
        self.ledger: list[Dispatch] = []
        """Every dispatch that arrived, in order; whatever came of it."""

    def tell(self, *outcomes: Scripted) -> None:
        """Script the next calls."""
        with self._lock:
            self._script.extend(outcomes)

    def perform(self, dispatch: Dispatch) -> Outcome:
        """Remember it, and answer as told."""
        with self._lock:
            self.ledger.append(dispatch)
            told = self._script.popleft() if self._script else Accepted(f"memory-{len(self.ledger)}")
        if self._latency:
            clock.pause(self._latency)
        if isinstance(told, BaseException):
            raise told
        return told(dispatch) if callable(told) else told

    def look_up(self, sought: Sought) -> Evidence:
        """Look through the ledger for this very attempt."""
        about = sought.dispatch.intent, sought.dispatch.attempt
        places = [place for place, kept in enumerate(self.ledger, 1) if (kept.intent, kept.attempt) == about]
        return Found(f"memory-{places[0]}", "sent") if places and self.shows else Absent()

    def probe(self) -> str | None:
        """What the test wants it to be."""
        return self.fault

    def close(self) -> None:
        """Nothing to release."""


def connect(_settings: Settings) -> Memory:
    """An empty memory."""
    return Memory()
