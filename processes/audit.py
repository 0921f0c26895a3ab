"""`sayso audit`: follows the chain of each workspace to its end or its first fault, and exports it for a check of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from kernel.db import raw
from kernel.keys import show
from kernel.tenancy import Workspace
from outbox.chain import Head, Verdict, links, verify
from processes.host import as_owner
from processes.premises import attached


def verdicts(kept: Sequence[str]) -> list[tuple[UUID, Verdict]]:
    """The verdict on each workspace's chain, and on those whose head was kept. Raises NotRunning, and ValueError for what is no head."""
    heads = {head.workspace: head for head in map(Head.read, kept)}
    with as_owner(attached()) as session:
        known = dict.fromkeys([*session.scalars(select(Workspace.id).order_by(Workspace.id)), *heads])
        return [(workspace, verify(raw(session), workspace, heads.get(workspace))) for workspace in known]


def told(workspace: UUID, verdict: Verdict) -> str:
    """A verdict in a line."""
    waiting = f"; {verdict.unsealed} not sealed yet, the oldest of {verdict.oldest_unsealed_at:%Y-%m-%d %H:%M:%S %Z}" if verdict.oldest_unsealed_at else ""
    if verdict.fault is None:
        return f"{show('org', workspace)}: sound, {verdict.sealed} rows, head {Head(workspace, verdict.sealed, verdict.hash)}{waiting}"
    row = f", row {verdict.fault.audit_id} of the audit" if verdict.fault.audit_id else ""
    return f"{show('org', workspace)}: BROKEN at position {verdict.fault.position}{row}: {verdict.fault.what}. The {verdict.sealed} before are sound{waiting}"


def exported() -> Iterator[str]:
    """Each workspace's chain from its beginning, a line of JSON for each link. Raises NotRunning."""
    with as_owner(attached()) as session:
        for workspace in session.scalars(select(Workspace.id).order_by(Workspace.id)).all():
            yield from map(str, links(raw(session), workspace))
