"""Named instants at which a test may kill this process: the crash matrix of docs/crash-matrix.md, each reachable by its name.

`SAYSO_CRASH_AT=name` kills at the first arrival, `name:3` at the third. Unset, as it always is outside tests, it costs one comparison.
"""

from __future__ import annotations

import os
import signal
from enum import StrEnum
from itertools import count


class Instant(StrEnum):
    """Every instant of the crash matrix that lies in our own code."""

    TRANSACTION_BEFORE_COMMIT = "transaction_before_commit"
    TRANSACTION_AFTER_COMMIT = "transaction_after_commit"
    TICKET_TAKEN = "ticket_taken"
    TICK_BEFORE_COMMIT = "tick_before_commit"
    TICK_AFTER_COMMIT = "tick_after_commit"
    BEFORE_DIALLING = "before_dialling"
    ANSWER_RECEIVED = "answer_received"
    OUTCOME_BEFORE_COMMIT = "outcome_before_commit"
    OUTCOME_AFTER_COMMIT = "outcome_after_commit"
    EVENT_STORED = "event_stored"
    EVENT_BEFORE_COMMIT = "event_before_commit"
    SWEEP_BEFORE_COMMIT = "sweep_before_commit"


_name, _, _turn = os.environ.get("SAYSO_CRASH_AT", "").partition(":")
_arrivals = count(1)


def reach(instant: Instant) -> None:
    """Die here, by SIGKILL, when a test asked for it."""
    if _name == instant and next(_arrivals) == int(_turn or 1):
        os.kill(os.getpid(), signal.SIGKILL)
