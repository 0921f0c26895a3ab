"""What an outcome means for its intent: a pure function from (outcome, tries so far) to the next state."""

from __future__ import annotations

from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, wait_exponential_jitter

from outbox.dispatch import Accepted, Later, Outcome, Refused, Unsure
from outbox.states import State

MOST_TRIES = 12
LONGEST = 3600.0
BREAKER_SECONDS = 30.0
LONGEST_IN_CROWD = 300.0
LOOK_AFTER = 610.0
"""Seconds after which a doubt is looked up: a request may still be on its way for minutes after our time-out."""
REPEAT_AFTER = 5.0
"""The same for what the provider knows again by its key: it is asked again, and does it once."""
RESEND_AFTER = 60.0
"""The same for what does no harm when it arrives twice, and none when it arrives late: a code lives ten minutes."""
_backoff = wait_exponential_jitter(initial=1, max=LONGEST, jitter=1)
_bare = Retrying()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where the intent goes, when it is due again, and whether the try counted; `breaker`: why the lane must rest for this alone."""

    to: State
    delay: float | None = None
    wait_reason: str | None = None
    counted: bool = True
    breaker: str | None = None


def look_after(on_unknown: str) -> float:
    """Seconds from a doubt to its first look-up."""
    return {"resend": RESEND_AFTER, "repeat": REPEAT_AFTER}.get(on_unknown, LOOK_AFTER)


def backoff(tries: int) -> float:
    """Seconds to wait after so many counted tries: exponential from 1 s, at most an hour, with up to 1 s of jitter."""
    state = RetryCallState(_bare, None, (), {})
    state.attempt_number = tries + 1
    return float(_backoff(state))


def judge(outcome: Outcome, tries: int, on_unknown: str = "hold", attempt: int = 1) -> Verdict:
    """The consequence of one outcome; `tries` counts the earlier ones, `on_unknown` is what its kind says of a doubt, `attempt` its number."""
    match outcome:
        case Accepted():
            return Verdict(State.SENT)
        case Refused():
            return Verdict(State.FAILED)
        case Unsure(reason=reason):
            return Verdict(State.IN_DOUBT, delay=look_after(on_unknown), wait_reason=reason)
        case Later():
            return _postpone(outcome, tries, attempt)


def _postpone(later: Later, tries: int, attempt: int) -> Verdict:
    reason = later.reason
    if later.crowded:
        # Ever longer, so that one which alone is answered so does not keep its lane slow.
        delay = min(backoff(attempt - 1), LONGEST_IN_CROWD) if later.after is None else later.after
        return Verdict(State.READY, delay=delay, wait_reason=reason, counted=False)
    if later.lane_fault:
        return Verdict(State.READY, delay=BREAKER_SECONDS, wait_reason=reason, counted=False, breaker=reason)
    if not later.counts:
        return Verdict(State.READY, delay=later.after, wait_reason=reason, counted=False)
    if tries + 1 >= MOST_TRIES:
        return Verdict(State.FAILED, wait_reason=f"given up after {MOST_TRIES} tries: {reason}")
    return Verdict(State.READY, delay=min(later.after if later.after is not None else backoff(tries), LONGEST), wait_reason=reason)
