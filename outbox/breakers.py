"""The breaker of a lane: it opens when the provider refuses the account, and when too many calls bring no answer.

A lane whose every call ends in doubt must stop after a few. What is counted is the record of attempts, so it holds over all
workers; and only a tick that brings such a call counts, so a lane in good health pays nothing. A probe closes it (`inquiries`).
"""

from __future__ import annotations

from typing import Any

import psycopg

from outbox.retries import BREAKER_SECONDS

UNANSWERED = frozenset({"unsure", "unreached"})
"""The outcomes of calls that brought no answer; a refusal and a request for patience are answers."""
OPEN_BREAKER = "UPDATE lane SET breaker_until = now() + make_interval(secs => %(seconds)s), breaker_reason = %(reason)s WHERE id = %(lane)s"
FAILING = "10 of its last 20 calls brought no answer"
# The tenth unanswered call, newest first, and at most ten answered ones since. The rest is 3 s for each unanswered call of the
# last hour: a lane that fails again after its probe rests longer each time.
OPEN_WHEN_FAILING = """
UPDATE lane l SET breaker_reason = %(reason)s, breaker_until = now() + make_interval(secs => greatest(%(seconds)s, 3.0 * (
    SELECT count(*) FROM (
        SELECT FROM attempt a WHERE a.source = 'call' AND a.outcome IN ('unsure', 'unreached') AND a.at > now() - interval '1 hour'
          AND (SELECT i.lane FROM intent i WHERE i.id = a.intent_id) = %(lane)s LIMIT 1200) hour)))
FROM (
    SELECT a.id FROM attempt a WHERE a.source = 'call' AND a.outcome IN ('unsure', 'unreached') AND a.at > now() - interval '5 minutes'
      AND (SELECT i.lane FROM intent i WHERE i.id = a.intent_id) = %(lane)s
    ORDER BY a.at DESC OFFSET 9 LIMIT 1) tenth
WHERE l.id = %(lane)s AND l.breaker_until IS NULL AND 10 >= (
    SELECT count(*) FROM (
        SELECT FROM attempt a WHERE a.id > tenth.id AND a.source = 'call' AND a.outcome NOT IN ('unsure', 'unreached') AND a.digest IS NOT NULL
          AND (SELECT i.lane FROM intent i WHERE i.id = a.intent_id) = %(lane)s LIMIT 11) answered)
"""


def open_breaker(line: psycopg.Connection[Any], lane: str, reason: str) -> None:
    """Queue the rest of a lane whose account is refused."""
    line.execute(OPEN_BREAKER, {"lane": lane, "seconds": BREAKER_SECONDS, "reason": reason})


def open_when_failing(line: psycopg.Connection[Any], lane: str, last: str) -> None:
    """Queue the rest of a lane when half of its last twenty calls, within five minutes, brought no answer; `last`: why the last did not."""
    line.execute(OPEN_WHEN_FAILING, {"lane": lane, "seconds": BREAKER_SECONDS, "reason": f"{FAILING}; the last: {last}"})
