"""Webhooks of a business: the addresses that are told of every event, each with a secret of its own that can be changed while it is in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from sqlalchemy.orm import Session

from kernel.db import raw
from kernel.errors import Conflict, InvalidArguments, NotFound
from kernel.keys import new_hook_secret, show
from kernel.seal import seal
from outbox.events import Actor, happened_in, note

MOST_HOOKS = 10
LONGEST_URL = 2000
OVERLAP_HOURS = 24
"""How long the old secret signs beside a new one, so that a receiver can change over without missing anything."""
ENDED_BY_PERSON = "a person ended it"

ADD = """
INSERT INTO hook (id, workspace_id, url, secret, created_by)
SELECT %(id)s, %(workspace)s, %(url)s, %(secret)s, %(by)s
WHERE (SELECT count(*) FROM hook WHERE workspace_id = %(workspace)s AND ended_at IS NULL) < %(most)s
ON CONFLICT DO NOTHING
"""
ROTATE = """
UPDATE hook SET old_secret = secret, old_until = now() + make_interval(hours => %(hours)s), secret = %(secret)s
WHERE id = %(id)s AND workspace_id = %(workspace)s AND ended_at IS NULL AND secret = %(before)s
"""
END = "UPDATE hook SET ended_at = now(), ended_because = %(because)s WHERE id = %(id)s AND workspace_id = %(workspace)s AND ended_at IS NULL"
DROP = "UPDATE hook_post SET state = 'dead', fault = %(because)s, changed_at = now() WHERE hook_id = %(id)s AND workspace_id = %(workspace)s AND state = 'due'"
REPLAY = """
UPDATE hook_post p SET state = 'due', tries = 0, due_at = now(), changed_at = now() FROM hook h
WHERE p.hook_id = %(id)s AND p.workspace_id = %(workspace)s AND p.state = 'dead' AND h.id = p.hook_id AND h.ended_at IS NULL
"""
LIST = """
SELECT h.id, h.url, h.secret, h.created_at, h.old_until, h.ended_at, h.ended_because, count(p.*) FILTER (WHERE p.state = 'due') AS due,
    count(p.*) FILTER (WHERE p.state = 'taken') AS taken, count(p.*) FILTER (WHERE p.state = 'dead') AS dead,
    (array_agg(coalesce(p.fault, p.status::text) ORDER BY p.changed_at DESC) FILTER (WHERE p.status IS NOT NULL OR p.fault IS NOT NULL))[1] AS heard
FROM hook h LEFT JOIN hook_post p ON p.hook_id = h.id
WHERE h.workspace_id = %(workspace)s AND (h.ended_at IS NULL OR h.ended_at > now() - interval '7 days') AND h.id = coalesce(%(id)s, h.id)
GROUP BY h.id ORDER BY h.ended_at IS NOT NULL, h.created_at DESC, h.id
"""


class TooManyHooks(Conflict):
    """No more addresses fit, or this form has made its one already."""

    code = "hook_not_added"
    next_step = f"Open the page again; a business has at most {MOST_HOOKS} webhooks, so end one that is not needed."


class SecretChanged(Conflict):
    """Somebody changed this secret meanwhile."""

    code = "secret_changed"
    next_step = "Open the page again. A new secret that was not kept cannot be shown again: change it once more."


@dataclass(frozen=True, slots=True)
class Hook:
    """An address and how it fares: posts on their way, taken and dead, and what was heard of the last one."""

    id: UUID
    url: str
    secret: bytes
    created_at: datetime
    old_until: datetime | None
    ended_at: datetime | None
    ended_because: str | None
    due: int
    taken: int
    dead: int
    heard: str | None


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who sets webhooks up: a signed-in person, and the secrets that seal what is stored."""

    session: Session
    actor: Actor
    person: UUID
    secrets: Sequence[bytes]

    def add(self, hook: UUID, url: str) -> str:
        """Tell this address of every event from now on, beginning with a `hook.added`; its secret, seen here and never again.

        The id comes with the form, so that a form sent twice adds one. Raises InvalidArguments, TooManyHooks.
        """
        if not url.startswith("https://") or len(url) > LONGEST_URL or not url.isprintable() or " " in url:
            msg = "A webhook's address begins with https:// and has at most 2,000 characters."
            raise InvalidArguments(msg)
        secret = new_hook_secret()
        given = {"id": hook, "url": url, "secret": self._sealed(secret), "by": self.person, "most": MOST_HOOKS}
        if not self._run(ADD, **given):
            raise TooManyHooks
        self._tell("added", hook)
        return secret

    def rotate(self, hook: UUID) -> str:
        """Give it a new secret, shown here only; the old one signs too for a day. Raises NotFound, SecretChanged."""
        before, secret = find(self.session, self.actor.workspace, hook).secret, new_hook_secret()
        if not self._run(ROTATE, id=hook, secret=self._sealed(secret), before=before, hours=OVERLAP_HOURS):
            raise SecretChanged
        self._tell("secret_changed", hook)
        return secret

    def end(self, hook: UUID) -> None:
        """Tell it nothing any more, what is on its way included. Raises NotFound."""
        if not self._run(END, id=hook, because=ENDED_BY_PERSON):
            raise NotFound
        self._run(DROP, id=hook, because=ENDED_BY_PERSON)
        self._tell("ended", hook)

    def replay(self, hook: UUID) -> int:
        """Post again what was given up, under the same ids; answers how many. Raises NotFound."""
        find(self.session, self.actor.workspace, hook)
        many = self._run(REPLAY, id=hook)
        self._tell("replayed", hook, posts=many)
        return many

    def _run(self, statement: str, **given: Any) -> int:
        return raw(self.session).execute(statement, {"workspace": self.actor.workspace, **given}).rowcount

    def _sealed(self, secret: str) -> bytes:
        return seal(self.secrets, secret.encode())

    def _tell(self, deed: str, hook: UUID, **told: Any) -> None:
        name = show("hok", hook)
        happened_in(self.session, self.actor.workspace, f"hook.{deed}", name, **told)
        note(self.session, self.actor, f"hook.{deed}", name, **told)


def every(session: Session, workspace: UUID) -> list[Hook]:
    """All live ones, newest first, then those that ended within a week."""
    return _read(session, workspace, None)


def find(session: Session, workspace: UUID, hook: UUID) -> Hook:
    """One that lives. Raises NotFound."""
    found = [each for each in _read(session, workspace, hook) if each.ended_at is None]
    if not found:
        raise NotFound
    return found[0]


def _read(session: Session, workspace: UUID, hook: UUID | None) -> list[Hook]:
    with raw(session).cursor(row_factory=class_row(Hook)) as cursor:
        return cursor.execute(LIST, {"workspace": workspace, "id": hook}).fetchall()
