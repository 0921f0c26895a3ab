"""How fast one caller may call: a bucket for each key, in this process, that fills again by the second."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

from kernel.call import Caller
from kernel.clock import monotonic
from kernel.errors import RateLimited

BURST_SECONDS = 10
"""So many seconds' worth of calls may come at once."""
MOST_CALLERS = 10_000


class TooManyCalls(RateLimited):
    """This caller calls faster than it may."""

    code = "too_many_calls"
    next_step = "Wait as many seconds as retryAfterSeconds says; nothing was done."


@dataclass
class Pace:
    """The buckets of one process; the event loop alone touches them."""

    per_second: float
    full: dict[str, tuple[float, float]] = field(default_factory=dict)
    """For each caller the calls left, and as of when."""

    def take(self, caller: Caller) -> None:
        """Take one call of this caller's. Raises TooManyCalls."""
        who, now, most = f"{caller.kind} {caller.id or caller.origin}", monotonic(), self.per_second * BURST_SECONDS
        left, then = self.full.pop(who, (most, now))
        left = min(most, left + (now - then) * self.per_second)
        self.full[who] = (left - 1 if left >= 1 else left, now)
        if len(self.full) > MOST_CALLERS:
            self.full.pop(next(iter(self.full)))
        if left < 1:
            raise TooManyCalls(retryAfterSeconds=ceil((1 - left) / self.per_second))
