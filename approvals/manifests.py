"""Manifests: what one decision over many says beside the messages: how many, who is left out and why."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import psycopg
from pydantic import Field
from sqlalchemy.orm import Session

from kernel.db import raw
from kernel.keys import digest_of
from kernel.operation import Answer
from outbox.content import Preview
from outbox.snapshot import WRITE
from outbox.states import SETTLED

Why = Literal["opted_out", "window_closed", "no_address", "invalid_address", "too_long", "duplicate", "unusual_name", "struck"]
"""Why somebody is left out; `struck` by the person who decided."""
UNDO = timedelta(seconds=10)
"""So long after the decision nothing of it leaves: the time for an undo."""
PRIORITY = 90
"""Single messages overtake many."""
SHOWN = 3
"""So many of them are previewed; the rest is in the list of recipients."""

WRITTEN = "INSERT INTO manifest (approval_id, workspace_id, facts) VALUES (%s, %s, %s)"
READ = "SELECT approval_id, facts FROM manifest WHERE workspace_id = %s AND approval_id = ANY(%s)"
TALLY = """
SELECT m.approval_id, d.state, count(*) FROM approval_item m JOIN every_delivery d ON d.intent_id = m.intent_id
WHERE m.workspace_id = %s AND m.approval_id = ANY(%s) GROUP BY 1, 2
"""
FIRST = """
SELECT a.id, m.intent_id, c.snapshot FROM unnest(%s::uuid[]) AS a (id)
CROSS JOIN LATERAL (SELECT intent_id, position FROM approval_item WHERE approval_id = a.id ORDER BY position LIMIT %s) m
JOIN content c ON c.intent_id = m.intent_id AND NOT c.sealed ORDER BY m.position
"""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who was meant and is not in it."""

    name: str
    to: str | None
    why: Why


@dataclass(frozen=True, slots=True)
class Manifest:
    """What people are shown of many beside the messages themselves."""

    name: str
    count: int
    segments: int | None
    """SMS segments of all of them."""
    links: tuple[str, ...]
    warnings: tuple[str, ...]
    left_out: tuple[LeftOut, ...]

    def canonical(self) -> bytes:
        """The canonical bytes."""
        left_out = [{"name": one.name, "to": one.to, "why": one.why} for one in self.left_out]
        plain = {"v": 1, "name": self.name, "count": self.count, "segments": self.segments, "links": list(self.links), "warnings": list(self.warnings)}
        return WRITE({**plain, "leftOut": left_out}).encode()

    def digest_over(self, digests: Iterable[bytes]) -> bytes:
        """The digest of its approval: over these facts, and the messages in order. The database computes the same (`covered`)."""
        return digest_of(digest_of(self.canonical()) + b"".join(digests))


def drawn_up(name: str, previews: Sequence[Preview], left_out: Iterable[LeftOut]) -> Manifest:
    """The manifest of these messages."""
    return Manifest(
        name=name,
        count=len(previews),
        segments=sum(preview.segments or 0 for preview in previews) or None,
        links=tuple(dict.fromkeys(link for preview in previews for link in preview.links)),
        warnings=tuple(dict.fromkeys(warning for preview in previews for warning in preview.warnings)),
        left_out=tuple(left_out),
    )


def write(line: psycopg.Connection[Any], approval: UUID, workspace: UUID, manifest: Manifest) -> None:
    """Freeze it beside its approval."""
    line.execute(WRITTEN, (approval, workspace, manifest.canonical()))


def read(session: Session, workspace: UUID, approvals: Sequence[UUID]) -> dict[UUID, Manifest]:
    """The manifests of those approvals that have one."""
    return {approval: _thaw(facts) for approval, facts in raw(session).execute(READ, (workspace, list(approvals))).fetchall()}


def _thaw(facts: bytes) -> Manifest:
    said = json.loads(facts)
    left_out = tuple(LeftOut(**one) for one in said["leftOut"])
    return Manifest(said["name"], said["count"], said["segments"], tuple(said["links"]), tuple(said["warnings"]), left_out)


def tally(session: Session, workspace: UUID, approvals: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """How many messages of each approval stand in which state."""
    found: dict[UUID, dict[str, int]] = {approval: {} for approval in approvals}
    for approval, state, many in raw(session).execute(TALLY, (workspace, list(approvals))).fetchall():
        found[approval][state] = many
    return found


def first(session: Session, approvals: Sequence[UUID]) -> list[tuple[UUID, UUID, bytes]]:
    """The first few messages of each approval: the approval, the intent and its frozen bytes."""
    return raw(session).execute(FIRST, (list(approvals), SHOWN)).fetchall()


class Bulk(Answer):
    """What one decision over many recipients covers, and how far it is."""

    name: str = Field(description="What the asker calls it.")
    count: int = Field(description="How many messages.")
    excluded: dict[str, int] = Field(description="How many were left out, by why: opted_out, no_address, too_long, unusual_name, struck (by a person), …")
    segments: int | None = Field(None, description="SMS segments of all of them.")
    states: dict[str, int] = Field(default_factory=dict, description="How many stand in which state.")

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is expected of any of them by itself."""
        return set(self.states) <= SETTLED


def told(manifest: Manifest, states: dict[str, int]) -> Bulk:
    """The manifest as an answer."""
    excluded = dict(Counter[str](one.why for one in manifest.left_out))
    return Bulk(name=manifest.name, count=manifest.count, excluded=excluded, segments=manifest.segments, states=states)
