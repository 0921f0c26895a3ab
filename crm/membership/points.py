"""Points: each change is an entry that stays; the database keeps the sum, and lets nobody redeem what is not there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from crm.contacts.shapes import tier_of
from crm.contacts.tables import Account, Tier
from crm.membership.tables import PointsBalance, PointsEntry
from kernel.call import Call
from kernel.errors import Conflict
from kernel.keys import new_id, show
from outbox.events import Actor, happened, note


class NotEnoughPoints(Conflict):
    """The customer has not so many points."""

    code = "not_enough_points"
    next_step = "Read the balance with get_loyalty_balance, and redeem at most that."


@dataclass(frozen=True, slots=True)
class Change:
    """Points earned, or redeemed when negative, and what for."""

    points: int
    reason: str
    booking: UUID | None = None


def write(call: Call, account: UUID, change: Change) -> None:
    """Add an entry; one for a booking that has its entry already is none. Raises NotEnoughPoints."""
    row = {"id": new_id(), "workspace_id": call.workspace, "account_id": account, "said_by": call.caller.shown()}
    row |= {"points": change.points, "reason": change.reason, "booking_id": change.booking}
    new = insert(PointsEntry).values(row).on_conflict_do_nothing(index_elements=[PointsEntry.booking_id]).returning(PointsEntry.id)
    try:
        written = call.session.scalar(new)
    except IntegrityError as overdrawn:
        raise NotEnoughPoints from overdrawn
    if written:
        deed = "points.earned" if change.points > 0 else "points.redeemed"
        happened(call, deed, show("acc", account), points=abs(change.points))
        note(call.session, Actor.of(call), deed, show("acc", account), points=abs(change.points))


def earn_by_visit(call: Call, account: Account, booking: UUID) -> None:
    """What a visit earns whoever is a member now, once for each booking."""
    tier = tier_of(account, call.moment)
    each = call.session.scalar(select(Tier.points_per_visit).where(Tier.id == tier, Tier.workspace_id == call.workspace)) if tier else 0
    if each:
        write(call, account.id, Change(each, "visit", booking))


def balance(call: Call, account: UUID) -> int:
    """How many points a customer has."""
    mine = (PointsBalance.account_id == account, PointsBalance.workspace_id == call.workspace)
    return call.session.scalar(select(PointsBalance.points).where(*mine)) or 0


def entries(call: Call, account: UUID, limit: int) -> list[PointsEntry]:
    """The newest entries first."""
    mine = select(PointsEntry).where(PointsEntry.workspace_id == call.workspace, PointsEntry.account_id == account)
    return list(call.session.scalars(mine.order_by(PointsEntry.at.desc(), PointsEntry.id.desc()).limit(limit)))
