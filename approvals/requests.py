"""Reading approvals: what was asked, by whom, the real bytes, and where it stands; one shape for agents, people and the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from approvals import manifests
from approvals.manifests import Bulk, Manifest
from approvals.tables import Approval, ApprovalItem, Vote
from approvals.versions import Edit, edits_of
from kernel.errors import NotFound
from kernel.keys import Wire, digest_of, show
from kernel.operation import Answer
from kernel.traces import are_recorded
from outbox.content import Preview
from outbox.sends import IntentId, Send, find
from outbox.snapshot import Snapshot, thaw
from outbox.tables import ContentRow, Intent

ApprovalId = Annotated[UUID, Wire("apr")]
StandingId = Annotated[UUID, Wire("sta")]


class Pending(Answer):
    """What a gated operation answers: it is held until a person decides."""

    approval_id: ApprovalId
    status: str = Field("pending", description="pending: held, nothing was sent; approved: a standing approval of a person covers it.")
    digest: str = Field(description="SHA-256 of exactly what will be sent if a person approves.")
    expires_at: datetime = Field(description="Undecided by then, it will never be sent.")
    intent_ids: list[IntentId] = Field(description="What it would send; empty when it goes to many.")
    preview: list[Preview] = Field(description="What the approver sees; the first three when it goes to many.")
    bulk: Bulk | None = Field(None, description="When it goes to many: how many, and who was left out.")
    next_step: str = Field("Held for a person. Do not send it again; ask get_send_status with this approvalId.")
    standing_id: StandingId | None = Field(None, description="The standing approval that covers it.")


def covered_by(standing: UUID) -> dict[str, Any]:
    """What the answer says instead of pending where a standing approval covers it."""
    said = f"Approved by standing approval {show('sta', standing)}; it leaves by itself. Do not send it again; ask get_send_status."
    return {"status": "approved", "standing_id": standing, "next_step": said}


class Decision(Answer):
    """Who asked for a send, and who decided what."""

    approval_id: ApprovalId
    action: str = Field(description="The gated operation.")
    state: str = Field(description="pending, approved, rejected, withdrawn, expired or superseded.")
    digest: str = Field(description="SHA-256 of what the decider saw.")
    asked_by: str = Field(description="Who asked.")
    expires_at: datetime
    approvals: str = Field(description="How many people approved, of how many must: 1 of 2.")
    decided_by: str | None = Field(None, description="The person who decided.")
    decided_at: datetime | None = None
    decided_via: str | None = Field(None, description="link, portal or standing (a standing approval).")
    reason: str | None = Field(None, description="The decider's words.")
    ended_at: datetime | None = Field(None, description="When it was decided, withdrawn or expired.")
    ended_by: str | None = Field(None, description="Who decided or withdrew it; sayso when it expired.")
    edits: list[Edit] = Field(default_factory=list, description="What a person changed before approving; this is the version that stands.")
    bulk: Bulk | None = Field(None, description="When it goes to many: how many, who was left out, and how many stand in which state.")


class Shown(Decision):
    """An approval with everything a decider should see; of many, the first three messages and the manifest."""

    summary: str | None = Field(None, description="The requester's own words; not part of what is sent.")
    asks: list[str] = Field(default_factory=list, description="What the policies of the business ask for beyond one person, and why.")
    approved_by: list[str] = Field(default_factory=list, description="Who approved while it needs somebody else too.")
    created_at: datetime
    preview: list[Preview] = Field(default_factory=list)
    not_before: datetime | None = None
    is_editable: bool = Field(default=False, description="Whether a person may change its words: it is one message.")
    sends: list[Send] = Field(default_factory=list)
    manifest: Manifest | None = None

    def decision(self) -> Decision:
        """Only who asked and who decided."""
        return Decision(**{name: getattr(self, name) for name in Decision.model_fields})


def digest_over(digests: Sequence[bytes]) -> bytes:
    """The digest of an approval: its one intent's own, or SHA-256 over all of them in order (a manifest)."""
    return digests[0] if len(digests) == 1 else digest_of(b"".join(digests))


def read(session: Session, workspace: UUID, approval: UUID) -> Shown:
    """One approval, or NotFound."""
    row = session.scalar(select(Approval).where(Approval.id == approval, Approval.workspace_id == workspace))
    if row is None:
        raise NotFound
    return shown(session, [row])[0]


def pending(session: Session, workspace: UUID, limit: int = 50, after: UUID | None = None) -> list[Shown]:
    """What waits for a decision, oldest first; `after` continues behind one of them."""
    mine = select(Approval).where(Approval.workspace_id == workspace, Approval.state == "pending")
    further = mine.where(Approval.id > after) if after else mine
    return shown(session, session.scalars(further.order_by(Approval.id).limit(limit)).all())


def intents_of(session: Session, approval: UUID) -> list[UUID]:
    """The intents an approval covers, in order."""
    mine = select(ApprovalItem.intent_id).where(ApprovalItem.approval_id == approval)
    return list(session.scalars(mine.order_by(ApprovalItem.position)))


def traceparent_of(session: Session, approval: UUID) -> str | None:
    """Whose trace a decision over it is part of; None while nobody records traces."""
    if not are_recorded():
        return None
    mine = select(Intent.traceparent).join(ApprovalItem, ApprovalItem.intent_id == Intent.id).where(ApprovalItem.approval_id == approval)
    return session.scalar(mine.order_by(ApprovalItem.position).limit(1))


def shown(session: Session, rows: Sequence[Approval]) -> list[Shown]:
    """The rows with their previews and sends: three queries however many rows, more for many recipients, several approvers or edited words."""
    if not rows:
        return []
    _load_votes(session, [row for row in rows if row.needs > 1 or row.not_alone])
    listed = manifests.read(session, rows[0].workspace_id, [row.id for row in rows])
    covered = _covered(session, [row.id for row in rows if row.id not in listed]) | _first(session, list(listed))
    sends = {send.intent_id: send for send in find(session, rows[0].workspace_id, [intent for covers in covered.values() for intent, _ in covers])}
    edits = edits_of(session, [row for row in rows if row.id not in listed])
    bulks = _bulks(session, rows[0].workspace_id, listed)
    more = [{"edits": edits.get(row.id, []), "bulk": bulks.get(row.id), "manifest": listed.get(row.id)} for row in rows]
    found = [_show(row, covered[row.id], sends).model_copy(update=added) for row, added in zip(rows, more, strict=True)]
    return [one.model_copy(update={"is_editable": False}) if one.bulk else one for one in found]


def _bulks(session: Session, workspace: UUID, listed: Mapping[UUID, Manifest]) -> dict[UUID, Bulk]:
    states = manifests.tally(session, workspace, list(listed)) if listed else {}
    return {approval: manifests.told(manifest, states[approval]) for approval, manifest in listed.items()}


def _first(session: Session, approvals: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, Snapshot | None]]]:
    """The same as `_covered`, of the first few alone."""
    found: dict[UUID, list[tuple[UUID, Snapshot | None]]] = {approval: [] for approval in approvals}
    for approval, intent, body in manifests.first(session, approvals) if approvals else ():
        found[approval].append((intent, thaw(body) if body else None))
    return found


def _load_votes(session: Session, rows: Sequence[Approval]) -> None:
    cast = select(Vote).where(Vote.approval_id.in_([row.id for row in rows])).order_by(Vote.at)
    votes = session.scalars(cast).all() if rows else []
    for row in rows:
        set_committed_value(row, "votes", [vote for vote in votes if vote.approval_id == row.id])


def _covered(session: Session, approvals: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, Snapshot | None]]]:
    """What each approval covers, in order: the intents with their frozen snapshots, where those can still be read."""
    mine = (
        select(ApprovalItem.approval_id, ApprovalItem.intent_id, ContentRow.snapshot, ContentRow.sealed)
        .join(ContentRow, ContentRow.intent_id == ApprovalItem.intent_id)
        .where(ApprovalItem.approval_id.in_(approvals))
        .order_by(ApprovalItem.position)
    )
    found: dict[UUID, list[tuple[UUID, Snapshot | None]]] = {approval: [] for approval in approvals}
    for approval, intent, body, sealed in session.execute(mine):
        found[approval].append((intent, thaw(body) if body and not sealed else None))
    return found


def _show(row: Approval, covers: Sequence[tuple[UUID, Snapshot | None]], sends: Mapping[UUID, Send]) -> Shown:
    frozen = [snapshot for _, snapshot in covers if snapshot]
    return Shown(
        approval_id=row.id,
        action=row.action,
        state=row.state,
        digest=row.digest.hex(),
        asked_by=f"{row.asked_by_kind}: {row.asked_by_name}",
        summary=row.summary,
        created_at=row.created_at,
        asks=row.asks,
        expires_at=row.expires_at,
        approvals=row.progress,
        approved_by=[vote.person_name for vote in row.approvers] if row.waits_for_another else [],
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        decided_via=row.decided_via,
        reason=row.reason,
        ended_at=row.ended_at,
        ended_by=row.ended_by_name,
        preview=[snapshot.content.preview(snapshot.sender) for snapshot in frozen],
        not_before=next((snapshot.not_before for snapshot in frozen), None),
        is_editable=len(covers) == 1 and any(snapshot.content.editable for snapshot in frozen),
        sends=[sends[intent] for intent, _ in covers if intent in sends],
    )
