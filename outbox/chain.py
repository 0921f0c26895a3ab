"""The chain over the audit: each row is sealed with the hash of the one before, so that a change, a gap or another order shows.

Sealing is the clock's work, apart from the transaction that wrote the row: writers need not wait for one another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import psycopg
from psycopg.rows import class_row, scalar_row
from typing_extensions import override

from kernel.db import stand_in_line
from kernel.keys import digest_of, read, show
from outbox.snapshot import WRITE

FIRST = bytes(32)
"""Stands before the first link."""
AT_ONCE = 5000
"""So many rows of one workspace are sealed in one transaction, the rest in the next round."""

WAITING = "SELECT DISTINCT workspace_id FROM audit_unsealed"
HEAD = "SELECT workspace_id AS workspace, position, hash FROM audit_seal WHERE workspace_id = %s ORDER BY position DESC LIMIT 1"
TAKE = """
DELETE FROM audit_unsealed u USING (SELECT audit_id FROM audit_unsealed WHERE workspace_id = %s ORDER BY audit_id LIMIT %s) n
WHERE u.audit_id = n.audit_id RETURNING u.audit_id
"""
ROWS = """
SELECT a.id, jsonb_build_object('id', a.id, 'workspace', a.workspace_id, 'at', to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'actor', a.actor, 'action', a.action, 'subject', a.subject, 'detail', a.detail)
FROM audit a WHERE a.workspace_id = %s AND a.id = ANY(%s)
"""
SEAL = "INSERT INTO audit_seal (workspace_id, position, audit_id, hash) SELECT %s::uuid, * FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[])"


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain: who keeps it elsewhere can tell later whether the past was written anew."""

    workspace: UUID
    position: int
    hash: bytes

    @override
    def __str__(self) -> str:
        """As it is logged: `org_0199…:120:9f2c…`, the workspace, the position and the hash."""
        return f"{show('org', self.workspace)}:{self.position}:{self.hash.hex()}"

    @classmethod
    def read(cls, text: str) -> Self:
        """A head as it was logged; raises ValueError with a sentence."""
        try:
            workspace, position, hashed = text.split(":")
            return cls(read("org", workspace), int(position), bytes.fromhex(hashed))
        except ValueError:
            msg = f"a head reads org_0199…:120:9f2c…, as the clock logs it, not {text!r}"
            raise ValueError(msg) from None


def seal(line: psycopg.Connection[Any]) -> int:
    """Seal what waits, at most `AT_ONCE` rows of each workspace; answers how many. Any number may do so at once: each chain stays one."""
    with line.transaction():
        waiting = line.cursor(row_factory=scalar_row).execute(WAITING).fetchall()
    return sum(_seal(line, workspace) for workspace in waiting)


def _seal(line: psycopg.Connection[Any], workspace: UUID) -> int:
    with line.transaction():
        stand_in_line(line, f"audit {workspace}")
        head = head_of(line, workspace)
        taken = line.cursor(row_factory=scalar_row).execute(TAKE, (workspace, AT_ONCE)).fetchall()
        rows = sorted(line.execute(ROWS, (workspace, taken)).fetchall())  # by id: what was committed late comes late
        last, hashes = head.position if head else 0, [head.hash if head else FIRST]
        for _, row in rows:
            hashes.append(linked(hashes[-1], row))
        line.execute(SEAL, (workspace, list(range(last + 1, last + 1 + len(rows))), [audit for audit, _ in rows], hashes[1:]))
    return len(rows)


def linked(before: bytes, row: dict[str, Any]) -> bytes:
    """The hash of a row that follows a hash: SHA-256 of both, the row as canonical JSON (RFC 8785)."""
    return digest_of(before + WRITE(row).encode())


def head_of(line: psycopg.Connection[Any], workspace: UUID) -> Head | None:
    """The last link of a workspace's chain."""
    return line.cursor(row_factory=class_row(Head)).execute(HEAD, (workspace,)).fetchone()


NEW_HEADS = """
SELECT h.workspace_id AS workspace, h.position, h.hash FROM workspace w CROSS JOIN LATERAL (
    SELECT * FROM audit_seal s WHERE s.workspace_id = w.id ORDER BY s.position DESC LIMIT 1
) h WHERE h.sealed_at > now() - make_interval(secs => %s)
"""


def new_heads(line: psycopg.Connection[Any], seconds: float) -> Sequence[Head]:
    """The heads of the chains that grew in the last so many seconds."""
    with line.transaction():
        return line.cursor(row_factory=class_row(Head)).execute(NEW_HEADS, (seconds,)).fetchall()


@dataclass(frozen=True, slots=True)
class Link:
    """One seal, and the row that it seals as it reads today; None when the row is gone."""

    position: int
    hash: bytes
    audit_id: int
    row: dict[str, Any] | None

    @override
    def __str__(self) -> str:
        """As it is exported: one line of JSON."""
        return WRITE({"position": self.position, "hash": self.hash.hex(), "row": self.row})


SEALS = "SELECT position, hash, audit_id FROM audit_seal WHERE workspace_id = %s AND position > %s ORDER BY position LIMIT %s"
UNSEALED = """
SELECT count(*), min(a.at) FROM audit a WHERE a.workspace_id = %s AND NOT EXISTS (SELECT FROM audit_seal s WHERE s.audit_id = a.id)
"""


def links(line: psycopg.Connection[Any], workspace: UUID) -> Iterator[Link]:
    """The chain from its beginning, read bit by bit; inside the caller's transaction."""
    last = 0
    while seals := line.execute(SEALS, (workspace, last, AT_ONCE)).fetchall():
        rows = dict(line.execute(ROWS, (workspace, [audit for _, _, audit in seals])).fetchall())
        yield from (Link(position, hashed, audit, rows.get(audit)) for position, hashed, audit in seals)
        last = seals[-1][0]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where a chain is broken; `audit_id` when a row of the audit can be named."""

    position: int
    audit_id: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a chain: its sound links and their last hash, what is not sealed yet and since when, and the first fault."""

    sealed: int
    hash: bytes
    unsealed: int
    oldest_unsealed_at: datetime | None
    fault: Fault | None


def verify(line: psycopg.Connection[Any], workspace: UUID, kept: Head | None = None) -> Verdict:
    """Follow the chain to its end or its first fault, inside the caller's transaction; `kept` is a head that was noted elsewhere before."""
    before, sound, fault = FIRST, 0, None
    for link in links(line, workspace):
        fault = _fault(link, sound + 1, before, kept)
        if fault:
            break
        before, sound = link.hash, sound + 1
    if fault is None and kept and kept.position > sound:
        fault = Fault(sound + 1, None, SHORTER)
    if fault and fault.what == CHANGED and _is_moved(line, workspace, fault.position, before):
        fault = replace(fault, what=MOVED)
    count, oldest = line.execute(UNSEALED, (workspace,)).fetchone() or (0, None)
    return Verdict(sound, before, count, oldest, fault)


CHANGED = "the row, or what stood before it, is not what was sealed"
MOVED = "the row stands at another place than it was sealed at"
GONE = "the row is gone from the audit"
GAP = "the seal of this position is gone"
SHORTER = "the chain ends before the head that was kept"
OTHER = "the chain was written anew: the head that was kept is not in it"


def _fault(link: Link, position: int, before: bytes, kept: Head | None) -> Fault | None:
    what = None
    if link.position != position:
        return Fault(position, None, GAP)
    if link.row is None:
        what = GONE
    elif linked(before, link.row) != link.hash:
        what = CHANGED
    elif kept and kept.position == position and kept.hash != link.hash:
        what = OTHER
    return Fault(position, link.audit_id, what) if what else None


def _is_moved(line: psycopg.Connection[Any], workspace: UUID, position: int, before: bytes) -> bool:
    """Whether what was sealed at the position stands elsewhere now, or what stands there was sealed elsewhere."""
    wrong = next(link for link in links(line, workspace) if link.position == position)
    return any(wrong.hash in (link.row and linked(before, link.row), wrong.row and linked(link.hash, wrong.row)) for link in links(line, workspace))
