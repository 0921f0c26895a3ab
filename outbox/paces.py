"""The pace of a lane: it rests and halves when the provider asks us to slow down, and grows back while it does not.

Both stand in the lane's row, so that all workers keep to them. A lane without a configured rate has no pace until then, and none
again once it has grown beyond what any provider takes.
"""

from __future__ import annotations

from typing import Any

import psycopg

SLOWEST = 0.1
"""Messages a second that a lane may always try: it never rests for good."""
FREE = 1000.0
"""Messages a second at which a lane without a rate of its own is not limited any more."""
GROWTH = 0.03
"""The share of it by which a pace grows each second: twice as fast after 23 s."""
FIRST_GUESS = 4.0
"""The least that a lane is taken to have sent in the second before the first such answer."""
LONGEST_REST = 300.0
"""Seconds after which a lane tries again, whatever was asked for: the one message it was said of waits in full."""

LOCK = "SELECT FROM lane WHERE id = %(lane)s FOR UPDATE"
# Calls of one burst are answered alike: those that come back while the lane rests already halve nothing.
SLOW_DOWN = """
UPDATE lane l SET pace = slow.pace, tokens = 0, tokens_at = slow.until, rests_until = slow.until
FROM (
    SELECT n.pace, greatest(n.rests_until, now() + make_interval(secs =>
        least(%(longest)s::float8, coalesce(%(after)s::float8, greatest(1, 2 / n.pace))))) AS until
    FROM (
        SELECT o.rests_until, CASE WHEN o.rests_until > now() THEN o.pace ELSE greatest(%(slowest)s::float8, least(o.rate, o.pace, (
            SELECT greatest(%(guess)s::float8, count(*)) FROM (SELECT a.intent_id, a.at FROM attempt a WHERE a.source = 'call' ORDER BY a.id DESC LIMIT 500) c
            WHERE c.at > clock_timestamp() - interval '1 s' AND (SELECT i.lane FROM intent i WHERE i.id = c.intent_id) = o.id)) / 2) END AS pace
        FROM lane o WHERE o.id = %(lane)s) n) slow
WHERE l.id = %(lane)s
"""
_SINCE = "greatest(0, extract(epoch FROM clock_timestamp() - tokens_at))::float8"
_GROWN = "pace * exp(%(growth)s::float8 * least(600, {since}))"
# What a slowed lane saves up is for one second, and one more that the fractions need.
_REFILL = """
UPDATE lane SET
    tokens = least(CASE WHEN pace IS NULL THEN burst WHEN rate IS NULL THEN pace + 1 ELSE least(burst, pace + 1) END,
        tokens + least(rate, pace) * {since}),
    pace = CASE WHEN {grown} < coalesce(rate, %(free)s::float8) THEN {grown} END, tokens_at = clock_timestamp()
WHERE id = %(lane)s AND coalesce(rate, pace) IS NOT NULL AND coalesce(rests_until <= now(), true)
"""
REFILL = _REFILL.format(since=_SINCE, grown=_GROWN.format(since=_SINCE))


def slow_down(line: psycopg.Connection[Any], lane: str, after: float | None) -> None:
    """Queue the rest of a lane that was asked to slow down, for the seconds asked or a pause that grows, at half its pace afterwards.

    It has no tokens until then, and so nothing of it is claimed.
    """
    line.execute(LOCK, {"lane": lane})
    line.execute(SLOW_DOWN, {"lane": lane, "after": after, "longest": LONGEST_REST, "slowest": SLOWEST, "guess": FIRST_GUESS})


def refill(line: psycopg.Connection[Any], lane: str) -> None:
    """Queue what the lane's rate and pace give it since the last time; a lane without either is left alone, unlocked."""
    line.execute(REFILL.encode(), {"lane": lane, "growth": GROWTH, "free": FREE})
