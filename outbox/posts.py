"""Posts of webhooks: taking the next one of an address, the law of trying again, and what became of a try.

Beginning a try counts it and puts the post off for as long as one may last; so whoever dies in a try leaves a post that falls due
again, under the same id, which is how a receiver knows it (Standard Webhooks). Only the newest try may write its end.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row, scalar_row

AGAIN_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400)
"""Seconds between tries, a tenth of each added at random: eight tries over more than a day."""
LONGEST_TRY_S = 60
LONGEST_WISH_S = 3_600
"""Beyond this a receiver's Retry-After is not heeded."""
GONE = 410

WAITING = """
SELECT h.id FROM hook h WHERE h.ended_at IS NULL AND h.id <> ALL (%(busy)s)
AND EXISTS (SELECT FROM hook_post p WHERE p.hook_id = h.id AND p.state = 'due' AND p.due_at <= now()) LIMIT %(most)s
"""
TAKE = """
UPDATE hook_post p SET tries = p.tries + 1, due_at = now() + make_interval(secs => %(lease)s), changed_at = now()
FROM (
    SELECT hook_id, event_id FROM hook_post WHERE hook_id = %(hook)s AND state = 'due' AND due_at <= now()
    ORDER BY due_at, event_id LIMIT 1 FOR UPDATE SKIP LOCKED
) next
JOIN hook h ON h.id = next.hook_id AND h.ended_at IS NULL
JOIN event e ON e.id = next.event_id
WHERE p.hook_id = next.hook_id AND p.event_id = next.event_id
RETURNING p.hook_id, p.event_id, p.tries, h.url, h.secret, CASE WHEN h.old_until > now() THEN h.old_secret END AS old_secret, e.type, e.subject, e.data, e.at
"""
END_TRY = """
UPDATE hook_post SET state = %(state)s, due_at = now() + make_interval(secs => %(after)s * (1 + random() / 10)),
    status = %(status)s, fault = %(fault)s, changed_at = now()
WHERE hook_id = %(hook)s AND event_id = %(event)s AND tries = %(tries)s AND state = 'due'
"""
END_HOOK = """
WITH ended AS (UPDATE hook SET ended_at = now(), ended_because = %(because)s WHERE id = %(hook)s AND ended_at IS NULL RETURNING id)
UPDATE hook_post p SET state = 'dead', fault = %(because)s, changed_at = now() FROM ended WHERE p.hook_id = ended.id AND p.state = 'due'
"""


@dataclass(frozen=True, slots=True)
class Post:
    """An event on its way to an address; both secrets are sealed."""

    hook_id: UUID
    event_id: UUID
    tries: int
    url: str
    secret: bytes
    old_secret: bytes | None
    type: str
    subject: str
    data: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """What a try brought: a status, or why there is none; and the seconds that the receiver asked us to wait."""

    status: int | None
    fault: str | None = None
    wish: float = 0


@dataclass(frozen=True, slots=True)
class Next:
    """Where a post stands after a try, and the seconds until another."""

    state: str
    after: float = 0


def rule(tries: int, heard: Heard) -> Next:
    """What a try means: any 2xx is taken; all else is tried again, and given up after the last try or when the address is gone."""
    if heard.status is not None and heard.status // 100 == 2:  # noqa: PLR2004 - the class of success (RFC 9110 §15)
        return Next("taken")
    if heard.status == GONE or tries > len(AGAIN_S):
        return Next("dead")
    return Next("due", max(AGAIN_S[tries - 1], min(heard.wish, LONGEST_WISH_S)))


def waiting(line: psycopg.Connection[Any], busy: Collection[UUID], most: int) -> list[UUID]:
    """Addresses with something due, those that are being served left out."""
    with line.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(WAITING, {"busy": list(busy), "most": most}).fetchall()


def take(line: psycopg.Connection[Any], hook: UUID) -> Post | None:
    """Begin a try of the address's oldest due post; None when nothing is due."""
    with line.transaction(), line.cursor(row_factory=class_row(Post)) as cursor:
        return cursor.execute(TAKE, {"hook": hook, "lease": LONGEST_TRY_S}).fetchone()


def record(line: psycopg.Connection[Any], post: Post, heard: Heard) -> Next:
    """Write what a try brought, unless a later one has begun; an address that says it is gone is ended."""
    to = rule(post.tries, heard)
    said = {"hook": post.hook_id, "event": post.event_id, "tries": post.tries, "state": to.state, "after": to.after}
    with line.transaction():
        line.execute(END_TRY, {**said, "status": heard.status, "fault": heard.fault})
        if heard.status == GONE:
            line.execute(END_HOOK, {"hook": post.hook_id, "because": "it answered 410 Gone"})
    return to
