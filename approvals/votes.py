"""Votes: the word of one person over one digest; the database takes it only from a living session or link of that person, and counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg.rows import scalar_row

from approvals.people import Person
from kernel.keys import new_id

Verdict = Literal["approved", "rejected"]
Via = Literal["link", "portal"]

# Locks the approval, so that of two who vote at once the second counts the first: the count must be a statement of its own.
CAST = """
INSERT INTO vote (id, workspace_id, approval_id, person_id, person_name, for_person, digest, verdict, via, credential_id, origin)
SELECT %(vote)s, a.workspace_id, a.id, h.person_id,
    concat_ws(' for ', %(name)s::text, (SELECT name FROM person WHERE id = h.for_person)), h.for_person,
    a.digest, %(verdict)s, h.via, h.credential_id, %(origin)s
FROM approval a CROSS JOIN LATERAL human(a.id) h
WHERE a.id = %(approval)s AND a.workspace_id = %(workspace)s AND a.digest = %(digest)s AND a.state = 'pending' AND a.expires_at > now()
  AND h.person_id = %(person)s AND h.via = %(via)s
FOR NO KEY UPDATE OF a
ON CONFLICT DO NOTHING RETURNING id
"""
SETTLE = """
UPDATE approval a SET state = v.verdict, decided_at = v.at, decided_by = v.person_id, decided_by_name = v.person_name,
    decided_via = v.via, decided_from = v.origin, reason = %(reason)s, ended_at = v.at, ended_by_name = v.person_name
FROM vote v WHERE v.id = %(vote)s AND a.id = v.approval_id AND a.state = 'pending' AND (v.verdict = 'rejected' OR has_votes(a.id))
RETURNING a.id
"""
VOTED = "SELECT EXISTS (SELECT FROM vote WHERE approval_id = %s AND person_id = %s AND verdict = %s)"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who says what about which bytes, by which way, from which address, and why."""

    approval: UUID
    digest: bytes
    verdict: Verdict
    via: Via
    origin: str = ""
    reason: str | None = None


def cast(line: psycopg.Connection[Any], person: Person, decision: Decision) -> UUID | None:
    """Write the person's vote and lock the approval; answers its id, or None when it cannot be voted on, not like this, or not again."""
    wanted = {
        "vote": new_id(),
        "approval": decision.approval,
        "workspace": person.workspace_id,
        "person": person.id,
        "name": person.name,
        "digest": decision.digest,
        "verdict": decision.verdict,
        "via": decision.via,
        "origin": decision.origin,
    }
    return line.cursor(row_factory=scalar_row).execute(CAST, wanted).fetchone()


def settle(line: psycopg.Connection[Any], decision: Decision, vote: UUID) -> bool:
    """Decide the approval when this vote is the last that it needed; one no is enough."""
    return line.execute(SETTLE, {"vote": vote, "reason": decision.reason}).rowcount == 1


def has_voted(line: psycopg.Connection[Any], person: Person, decision: Decision) -> bool:
    """Whether this person said the same before."""
    return bool(line.cursor(row_factory=scalar_row).execute(VOTED, (decision.approval, person.id, decision.verdict)).fetchone())
