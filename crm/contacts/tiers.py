"""Tiers: which there are, and making a customer a member of one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from crm.contacts.tables import Account, Tier
from kernel.call import Call
from kernel.errors import Conflict, InvalidArguments, NotFound
from kernel.keys import show
from outbox.events import Actor, happened, note


class NoTier(Conflict):
    """There is no tier to be a member of."""

    code = "no_tier"
    next_step = "Make one with create_tier first."


def tier_named(call: Call, tier: UUID) -> Tier:
    """The tier. Raises NotFound."""
    row = call.session.scalar(select(Tier).where(Tier.id == tier, Tier.workspace_id == call.workspace))
    if row is None:
        raise NotFound("There is no such tier in this workspace.", next_step="Find it with list_tiers.")
    return row


def first_tier(call: Call) -> Tier:
    """The tier that was made first. Raises NoTier."""
    row = call.session.scalar(select(Tier).where(Tier.workspace_id == call.workspace).order_by(Tier.id).limit(1))
    if row is None:
        raise NoTier
    return row


def enrol(call: Call, account: Account, tier: Tier, until: datetime | None = None) -> None:
    """Make a customer a member from now on; whoever is of that tier already keeps their day. Raises InvalidArguments."""
    if until is not None and until <= call.moment:
        raise InvalidArguments("'until' must lie ahead.")
    is_renewal = account.tier_id == tier.id and (account.tier_until is None or account.tier_until > call.moment)
    account.tier_since = account.tier_since if is_renewal else call.moment
    account.tier_id, account.tier_until = tier.id, until
    call.session.flush()
    happened(call, "membership.enrolled", show("acc", account.id), tierId=show("tier", tier.id))
    note(call.session, Actor.of(call), "membership.enrolled", show("acc", account.id), tierId=show("tier", tier.id))
