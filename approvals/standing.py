"""Standing approvals: a person says so once for the same words on many days; within its caps it answers instead of a person, and no agent makes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session

from approvals.budgets import LimitReached, Taking, take
from approvals.decide import MayNotDecide
from approvals.limits import due
from approvals.people import Person
from approvals.policies.standing import Settings
from approvals.policing import current
from approvals.tables import Approval, ApprovalItem
from approvals.verdicts import PolicySettings
from kernel.call import Call
from kernel.clock import now
from kernel.db import Row, raw
from kernel.errors import Conflict, InvalidArguments, NotFound
from kernel.keys import new_id, show
from kernel.tenancy import PrimaryKey, Stamp, Workspace, WorkspaceKey
from outbox.content import KINDS
from outbox.events import happened_in, note
from outbox.facts import Scope, stop
from outbox.intents import Drafted
from outbox.tables import ContentRow, Intent

REVOKED = "its standing approval was revoked"
FOR = "SELECT id, per_day, made_by, made_by_name FROM standing_for(%s, %s, %s, %s, %s, %s)"
# What would be said twice to the same person on one day is no routine any more.
REPEATED = """
SELECT EXISTS (SELECT FROM grants g JOIN content c ON c.intent_id = g.intent_id
    WHERE g.standing_id = %s AND lower(c.recipient) = lower(%s) AND g.created_at >= business_day(g.workspace_id))
"""
QUEUED = """
SELECT DISTINCT g.approval_id FROM grants g JOIN delivery d ON d.intent_id = g.intent_id
WHERE g.standing_id = %s AND d.state IN ('ready', 'blocked', 'calling', 'in_doubt')
"""


class Standing(Row):
    """A person's say-so for the same words on many days."""

    __tablename__ = "standing"

    id: Mapped[PrimaryKey]
    workspace_id: Mapped[WorkspaceKey]
    action: Mapped[str]
    kind: Mapped[str]
    lane: Mapped[str]
    words: Mapped[dict[str, Any]]
    recipient: Mapped[str | None]
    rule_id: Mapped[UUID | None]
    per_day: Mapped[int]
    from_approval: Mapped[UUID | None]
    made_by: Mapped[UUID]
    made_by_name: Mapped[str]
    made_at: Mapped[Stamp]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by_name: Mapped[str | None]


class NotRepeatable(Conflict):
    """Only a single message that a person approved can be allowed for the future."""

    code = "not_repeatable"
    next_step = "Open a request for one message that was approved, and whose words can still be read."


@dataclass(frozen=True, slots=True)
class Terms:
    """How far a standing approval goes: so many a day, until then, for this recipient alone or for whoever the policies let."""

    per_day: int
    until: datetime
    to_same: bool = True


@dataclass(frozen=True, slots=True)
class Covering:
    """A living standing approval that answers."""

    id: UUID
    per_day: int
    made_by: UUID
    made_by_name: str


def answering(call: Call, action: str, draft: Drafted, settings: Mapping[str, PolicySettings]) -> tuple[Covering, list[Taking]] | None:
    """The standing approval that covers this send, and what it took of today's budgets; None: a person decides, and nothing was taken."""
    line, content, under = raw(call.session), draft.snapshot.content, call.asking.under
    asked = (action, content.kind, draft.lane, draft.snapshot.canonical(), content.recipient, under)
    found = line.cursor(row_factory=class_row(Covering)).execute(FOR, asked).fetchone()
    if found is None:
        return None
    try:
        with call.session.begin_nested():
            takings = _take(call, found, draft, settings)
    except LimitReached:
        return None
    return found, takings


def _take(call: Call, found: Covering, draft: Drafted, settings: Mapping[str, PolicySettings]) -> list[Taking]:
    cap = min(found.per_day, cast("Settings", settings["standing"]).per_day)
    home = call.session.get_one(Workspace, call.workspace).country
    takings = [Taking(draft.id, "standing", str(found.id), 1, cap, ""), *due(settings, home, {draft.id: draft.snapshot.content})]
    take(raw(call.session), call.workspace, takings)
    # Asked only now: taking has waited for whoever sends under the same standing approval at the same time. A rule speaks once of each booking.
    if (
        call.asking.under is None
        and raw(call.session).cursor(row_factory=scalar_row).execute(REPEATED, (found.id, draft.snapshot.content.recipient)).fetchone()
    ):
        raise LimitReached
    return takings


def make(session: Session, person: Person, approval: UUID, terms: Terms) -> UUID:
    """Allow what was approved for the future; the transaction must carry the person's own portal session.

    Raises MayNotDecide, NotFound, NotRepeatable, InvalidArguments.
    """
    if not person.may_decide:
        raise MayNotDecide
    covered = repeatable(session, person.workspace_id, approval)
    to = covered.recipient if terms.to_same else None
    return _make(session, person, covered, terms, recipient=to, from_approval=approval)


def make_for(session: Session, person: Person, rule: UUID, covered: Covered, terms: Terms) -> UUID:
    """Allow what a rule says, to whoever it concerns; the transaction must carry the person's own portal session.

    Raises MayNotDecide, InvalidArguments.
    """
    if not person.may_decide:
        raise MayNotDecide
    return _make(session, person, covered, terms, rule_id=rule)


def _make(session: Session, person: Person, covered: Covered, terms: Terms, **of: Any) -> UUID:
    _check(cast("Settings", current(session, person.workspace_id)["standing"]), terms)
    same = {"action": covered.action, "kind": covered.kind, "lane": covered.lane, "words": covered.words}
    by = {"made_by": person.id, "made_by_name": person.name}
    standing = Standing(id=new_id(), workspace_id=person.workspace_id, per_day=terms.per_day, expires_at=terms.until, **same, **by, **of)
    session.add(standing)
    session.flush()
    detail = {"action": covered.action, "per_day": terms.per_day, "until": terms.until.isoformat(), "to_same": standing.recipient is not None}
    source = {"rule": show("rul", standing.rule_id)} if standing.rule_id else {"approval": show("apr", of["from_approval"])}
    _tell(session, person, "standing.made", standing.id, **source, **detail)
    return standing.id


def _check(settings: Settings, terms: Terms) -> None:
    if not settings.allowed:
        raise InvalidArguments("Standing approvals are not allowed here.", next_step="Change that under Policies first.")
    if not 1 <= terms.per_day <= settings.per_day:
        raise InvalidArguments(f"It may answer 1 to {settings.per_day} times a day.")
    if not now() < terms.until <= now() + timedelta(days=settings.days):
        raise InvalidArguments(f"It must end within {settings.days} days from now.")


@dataclass(frozen=True, slots=True)
class Covered:
    """What of an approved request would be the same each time."""

    action: str
    kind: str
    lane: str
    recipient: str
    words: dict[str, Any]


def repeatable(session: Session, workspace: UUID, approval: UUID) -> Covered:
    """The one message of a request that people approved. Raises NotFound, NotRepeatable."""
    words = func.words_of(ContentRow.snapshot, type_=JSONB)
    mine = (
        select(Approval.action, Approval.state, Approval.decided_via, Intent.kind, Intent.lane, ContentRow.recipient, words)
        .join(ApprovalItem, ApprovalItem.approval_id == Approval.id)
        .join(Intent, Intent.id == ApprovalItem.intent_id)
        .join(ContentRow, ContentRow.intent_id == Intent.id)
        .where(Approval.id == approval, Approval.workspace_id == workspace, ContentRow.sealed.is_(False), ContentRow.snapshot != b"")
    )
    found = session.execute(mine.limit(2)).all()
    if not found:
        raise NotFound
    if len(found) > 1 or found[0].state != "approved" or found[0].decided_via == "standing" or not KINDS[found[0].kind].repeatable:
        raise NotRepeatable
    action, _, _, kind, lane, recipient, same = found[0]
    return Covered(action, kind, lane, recipient, same)


def find(session: Session, workspace: UUID, standing: UUID) -> Standing:
    """One that nobody has revoked. Raises NotFound."""
    found = session.scalar(select(Standing).where(*_living(workspace, standing)))
    if found is None:
        raise NotFound
    return found


def _living(workspace: UUID, standing: UUID) -> tuple[ColumnElement[bool], ...]:
    return Standing.id == standing, Standing.workspace_id == workspace, Standing.revoked_at.is_(None)


def revoke(session: Session, person: Person, standing: UUID) -> None:
    """End it for good, and hold what waits under it; it wins or loses against a grant by the row's lock. Raises MayNotDecide, NotFound."""
    if not person.may_decide:
        raise MayNotDecide
    ended = update(Standing).where(*_living(person.workspace_id, standing)).values(revoked_at=func.now(), revoked_by_name=person.name).returning(Standing.id)
    if session.scalar(ended) is None:
        raise NotFound
    held = raw(session).cursor(row_factory=scalar_row).execute(QUEUED, (standing,)).fetchall()
    for approval in held:
        stop(session, person.workspace_id, Scope(approval=approval), REVOKED)
    _tell(session, person, "standing.revoked", standing, held=len(held))


def _tell(session: Session, person: Person, deed: str, standing: UUID, **detail: Any) -> None:
    note(session, person.as_actor(), deed, show("sta", standing), **detail)
    happened_in(session, person.workspace_id, deed, show("sta", standing))


def listed(session: Session, workspace: UUID, limit: int) -> Sequence[tuple[Standing, int, bool]]:
    """Standing approvals, newest first: how often each answered, and whether whoever made it may still decide."""
    answered = select(func.count()).where(Approval.standing_id == Standing.id, Approval.workspace_id == workspace).scalar_subquery()
    mine = select(Standing, answered, Person).join(Person, Person.id == Standing.made_by).where(Standing.workspace_id == workspace)
    found = session.execute(mine.order_by(Standing.id.desc()).limit(limit))
    return [(standing, many, person.may_decide) for standing, many, person in found]
