"""Parking: ready rows that may not leave yet stand outside of the claim's index, so that a walk over it meets nothing but work.

Only speed rests on it. The claim asks again whether a row is due and unstopped; so a row that should be parked and is not costs a
look, and one that need not be is put back within a second of its moment, or of its stop's end.
"""

from __future__ import annotations

from typing import Any

import psycopg

from outbox.claims import ALL_OF_IT, HOLDS
from outbox.states import park

AT_ONCE = 2000
FAR_S, NEAR_S = 3.0, 1.0
"""Parked when due later than the one, put back when due within the other."""
LATELY_S = 120.0
"""So long after a stop's end the clock looks each second whom it frees; after that, each minute."""

FAR = """
SELECT f.intent_id FROM lane l CROSS JOIN LATERAL (
    SELECT d.intent_id FROM delivery d
    WHERE d.lane = l.id AND d.state = 'ready' AND d.parked IS NULL AND d.due_at > now() + make_interval(secs => %(seconds)s)
    ORDER BY d.due_at DESC LIMIT %(most)s FOR UPDATE SKIP LOCKED
) f"""
NEAR = """
SELECT intent_id FROM delivery WHERE state = 'ready' AND parked = 'later' AND due_at <= now() + make_interval(secs => %(seconds)s)
ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED"""
_HOLDS = HOLDS.format(all_of_it=ALL_OF_IT.format(channel="split_part(d.lane, ':', 1)"))
STOPPED = """
SELECT d.intent_id FROM stop s
JOIN delivery d ON d.workspace_id = s.workspace_id AND d.state = 'ready' AND d.parked IS NULL
JOIN intent i ON i.id = d.intent_id JOIN grants p ON p.id = d.grant_id
WHERE s.lifted_at IS NULL AND {holds} LIMIT %(most)s FOR UPDATE OF d SKIP LOCKED"""
FREED = """
SELECT d.intent_id FROM delivery d JOIN intent i ON i.id = d.intent_id JOIN grants p ON p.id = d.grant_id
WHERE d.state = 'ready' AND d.parked = 'stopped' {lately}
  AND NOT EXISTS (SELECT FROM stop s WHERE s.workspace_id = d.workspace_id AND s.lifted_at IS NULL AND {holds})
LIMIT %(most)s FOR UPDATE OF d SKIP LOCKED"""
LATELY = "AND d.workspace_id IN (SELECT workspace_id FROM stop WHERE lifted_at > now() - make_interval(secs => %(seconds)s))"


def park_waiting(line: psycopg.Connection[Any]) -> int:
    """Park what is due later and put back what is due soon; answers how many rows changed place, at most a batch of each."""
    with line.transaction():
        near = park(line, NEAR, None, {"seconds": NEAR_S, "most": AT_ONCE})
        return near + park(line, FAR, "later", {"seconds": FAR_S, "most": AT_ONCE})


def park_stopped(line: psycopg.Connection[Any]) -> int:
    """Park a batch of what a living stop holds; answers how many."""
    with line.transaction():
        return park(line, STOPPED.format(holds=_HOLDS), "stopped", {"most": AT_ONCE})


def free(line: psycopg.Connection[Any], *, lately: bool) -> int:
    """Put back a batch of what no stop holds any more; `lately`: only where one ended within the last minutes. Answers how many."""
    with line.transaction():
        return park(line, FREED.format(holds=_HOLDS, lately=LATELY if lately else ""), None, {"seconds": LATELY_S, "most": AT_ONCE})
