"""The tools about membership: tiers, enrolment and points."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime, Field
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from crm.contacts.shapes import AccountId, TierId, account_of
from crm.contacts.tables import Account, Tier
from crm.contacts.tiers import enrol, tier_named
from crm.membership.points import Change, balance, entries, write
from kernel.call import Call
from kernel.errors import Conflict
from kernel.keys import new_id, show
from kernel.operation import Answer, Asked, AskedOnce, Effect, operation
from outbox.content import OneLine, Readable
from outbox.events import Actor, note

MOST_TIERS = 50
MOST_POINTS = 1_000_000
SHOWN = 10
WHO = "From search_members or create_account."
EXAMPLE = {"accountId": "acc_01990000000070008000000000000000"}


class TierTaken(Conflict):
    """A tier of this name exists already."""

    code = "tier_exists"
    next_step = "Find it with list_tiers, or choose another name."


class TooManyTiers(Conflict):
    """A business has at most so many tiers."""

    code = "too_many_tiers"
    next_step = "Use one of list_tiers."


class CreateTier(AskedOnce):
    """A kind of membership."""

    name: OneLine = Field(min_length=1, max_length=80, description="As customers know it.")
    description: Readable | None = Field(None, max_length=2000, description="What members get.")
    points_per_visit: int = Field(0, ge=0, le=100_000, description="Points a member earns when a booking is completed.")


class TierShown(Answer):
    """A tier."""

    tier_id: TierId
    name: str
    description: str | None = Field(description="What members get.")
    points_per_visit: int = Field(description="Points a member earns when a booking is completed.")
    members: int = Field(description="How many members it has now.")


@operation("membership", Effect.WRITE, example={"name": "Gold", "pointsPerVisit": 10})
def create_tier(call: Call, asked: CreateTier) -> TierShown:
    """Add a kind of membership."""
    if (call.session.scalar(select(func.count()).select_from(Tier).where(Tier.workspace_id == call.workspace)) or 0) >= MOST_TIERS:
        raise TooManyTiers(most=MOST_TIERS)
    tier = Tier(id=new_id(), workspace_id=call.workspace, **asked.model_dump(exclude={"idempotency_key"}))
    call.session.add(tier)
    try:
        call.session.flush()
    except IntegrityError as taken:
        raise TierTaken from taken
    note(call.session, Actor.of(call), "tier.created", show("tier", tier.id))
    return _shown(tier, 0)


def _shown(tier: Tier, members: int) -> TierShown:
    kept = {name: getattr(tier, name) for name in ("name", "description", "points_per_visit")}
    return TierShown(tier_id=tier.id, members=members, **kept)


class ListTiers(Asked):
    """All of them."""


class Tiers(Answer):
    """The tiers, the oldest first."""

    items: list[TierShown]
    total: int


@operation("membership", Effect.READ, aliases=("list_membership_tiers",))
def list_tiers(call: Call, asked: ListTiers) -> Tiers:  # noqa: ARG001 - every operation takes both
    """List the kinds of membership, and how many members each has."""
    live = (Account.workspace_id == Tier.workspace_id, Account.tier_id == Tier.id, or_(Account.tier_until.is_(None), Account.tier_until > call.moment))
    members = select(func.count()).select_from(Account).where(*live).scalar_subquery()
    rows = call.session.execute(select(Tier, members).where(Tier.workspace_id == call.workspace).order_by(Tier.id)).all()
    return Tiers(items=[_shown(tier, many) for tier, many in rows], total=len(rows))


class EnrolMembership(Asked):
    """Who, and into which tier."""

    account_id: AccountId = Field(description=WHO)
    tier_id: TierId = Field(description="From list_tiers.")
    until: AwareDatetime | None = Field(None, description="When it ends (ISO 8601 with offset); left out: not by itself.")


class Enrolled(Answer):
    """A membership."""

    account_id: AccountId
    tier_id: TierId
    tier_name: str = Field(description="Of which tier.")
    since: datetime | None = Field(description="Member since.")
    until: datetime | None = Field(description="When it ends.")


@operation("membership", Effect.SET, example={**EXAMPLE, "tierId": "tier_01990000000070008000000000000000"})
def enrol_membership(call: Call, asked: EnrolMembership) -> Enrolled:
    """Make a customer a member of a tier, instead of the one they have. Nothing is charged or sent."""
    account, tier = account_of(call, asked.account_id), tier_named(call, asked.tier_id)
    enrol(call, account, tier, asked.until)
    return Enrolled(account_id=account.id, tier_id=tier.id, tier_name=tier.name, since=account.tier_since, until=account.tier_until)


class ChangePoints(AskedOnce):
    """Whose points, how many, and what for."""

    account_id: AccountId = Field(description=WHO)
    points: int = Field(ge=1, le=MOST_POINTS, description="How many.")
    reason: OneLine = Field(min_length=1, max_length=200, description="What for; it stays on record.")


class Entry(Answer):
    """One change."""

    points: int = Field(description="Negative: redeemed.")
    reason: str
    at: datetime = Field(description="When.")


class Balance(Answer):
    """How many points a customer has."""

    account_id: AccountId
    balance: int = Field(description="Points.")
    entries: list[Entry] = Field(description="The last changes, the newest first.")


@operation("membership", Effect.WRITE, example={**EXAMPLE, "points": 50, "reason": "Brought a friend."})
def earn_loyalty_points(call: Call, asked: ChangePoints) -> Balance:
    """Give a customer points. What a visit earns a member is added by complete_booking itself."""
    return _change(call, asked, asked.points)


@operation("membership", Effect.WRITE, example={**EXAMPLE, "points": 50, "reason": "A free manicure."})
def redeem_loyalty_points(call: Call, asked: ChangePoints) -> Balance:
    """Take points from a customer for what they get; never more than they have."""
    return _change(call, asked, -asked.points)


def _change(call: Call, asked: ChangePoints, points: int) -> Balance:
    account = account_of(call, asked.account_id)
    write(call, account.id, Change(points, asked.reason))
    return balance_shown(call, account)


class GetLoyaltyBalance(Asked):
    """Whose."""

    account_id: AccountId = Field(description=WHO)


@operation("membership", Effect.READ, example=EXAMPLE)
def get_loyalty_balance(call: Call, asked: GetLoyaltyBalance) -> Balance:
    """Tell how many points a customer has, and the last changes."""
    return balance_shown(call, account_of(call, asked.account_id))


def balance_shown(call: Call, account: Account) -> Balance:
    """As the wire has it."""
    last = [Entry(points=one.points, reason=one.reason, at=one.at) for one in entries(call, account.id, SHOWN)]
    return Balance(account_id=account.id, balance=balance(call, account.id), entries=last)
