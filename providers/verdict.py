"""What an answer or a fault of the transport means for a message: the outcome table, in one place for every provider.

| what happened                                   | outcome                                                   |
|-------------------------------------------------|-----------------------------------------------------------|
| no byte was handed over (DNS, refused, TLS)     | Later, our back-off                                       |
| a byte was, and no whole answer came            | Unsure                                                    |
| 429                                             | Later, after `Retry-After` (RFC 9110 §10.2.3, RFC 6585    |
|                                                 | §4); no try is counted, and the lane slows down           |
| 401, 403                                        | Later, the whole lane waits                               |
| 301, 302, 307, 308 and other 3xx                | Later, the whole lane waits: the configured address is    |
|                                                 | not the message endpoint; it is not followed              |
| 303                                             | Unsure: "see other" may follow a finished POST (§15.4.4)  |
| 408, 5xx, anything else, success without an id  | Unsure                                                    |
| other 4xx                                       | Refused, with the provider's code explained               |
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from kernel import clock
from kernel.log import redact
from outbox.dispatch import Later, Outcome, Refused, Unsure
from providers.transport import REDIRECT, REFUSAL, SUCCESS, Answer, HostRefused, NotSent, Transport, TransportError

LONGEST_WAIT_S = 3600.0
LONGEST_REASON = 300
NO_ID = "It answered with success but without an id, so what it took is not known."
LOCKED_OUT = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def of_fault(fault: TransportError) -> Later | Unsure:
    """The outcome of a call that brought no answer."""
    if isinstance(fault, NotSent):
        return Later(fault.reason, lane_fault=isinstance(fault, HostRefused), unreached=True)
    return Unsure(fault.reason)


def of_answer(who: str, answer: Answer, code: str, sentence: str) -> Outcome:
    """The outcome of an answer that accepts nothing; `code` and `sentence` are the provider's, explained."""
    status = answer.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Later(f"{who} asks us to slow down.", after=asked_to_wait(answer.headers), crowded=True)
    if status in LOCKED_OUT:
        return Later(f"{who} does not let this account in (HTTP {status}): {sentence}", lane_fault=True)
    if answer.category == REFUSAL and status != HTTPStatus.REQUEST_TIMEOUT:
        return Refused(sentence, code or str(status))
    if answer.category == REDIRECT and status != HTTPStatus.SEE_OTHER:
        return Later(f"{who}'s address answers with a redirect (HTTP {status}), which is not followed: correct its API base.", lane_fault=True)
    return Unsure(NO_ID if answer.category == SUCCESS else f"{who} failed while it had the message (HTTP {status}).")


def of_probe(who: str, transport: Transport, url: str, headers: Mapping[str, str]) -> str | None:
    """What a read-only call says of the account: None when it is let in, else why not."""
    try:
        answer = transport.get(url, headers)
    except TransportError as fault:
        return fault.reason
    if answer.category == SUCCESS:
        return None
    return f"{who} does not let this account in (HTTP {answer.status})." if answer.status in LOCKED_OUT else f"{who} answers HTTP {answer.status}."


def asked_to_wait(headers: Mapping[str, str]) -> float | None:
    """The seconds of `Retry-After` (a number or a date), else up to SendGrid's `X-RateLimit-Reset`; None for neither, junk or the past.

    At most an hour: a provider may slow a lane, not stop it for days.
    """
    asked = headers.get("Retry-After", "").strip()
    seconds = float(asked) if re.fullmatch(r"[0-9]{1,9}", asked) else _until(asked)
    reset = headers.get("X-RateLimit-Reset", "").strip()
    if seconds is None and re.fullmatch(r"[0-9]{10}", reset):
        seconds = int(reset) - clock.now().timestamp()
    return min(seconds, LONGEST_WAIT_S) if seconds is not None and seconds > 0 else None


def _until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - clock.now().timestamp()


def plain(words: object) -> str:
    """A provider's own words, safe to keep: printable, short, addresses and keys blotted out."""
    shown = "".join(char if char.isprintable() else " " for char in str(words or ""))
    return redact(" ".join(shown.split()))[:LONGEST_REASON]
