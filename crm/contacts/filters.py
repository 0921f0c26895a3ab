"""Which customers are meant: words, tags, time since the last visit, tier and what they had, as conditions of one query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from crm.contacts.tables import Account, AccountTag, Consent, Visit
from kernel.call import Call
from outbox.content import Channel
from outbox.tables import Suppression

Condition = ColumnElement[bool]
LONGEST_SPAN = 36_500
"""Days: a century."""


def mine(call: Call) -> list[Condition]:
    """The customers of this workspace whom nobody erased."""
    return [Account.workspace_id == call.workspace, Account.erased_at.is_(None)]


def matching(words: str | None) -> list[Condition]:
    """What a customer must meet to be found by these words; nothing without words."""
    searched: tuple[InstrumentedAttribute[Any], ...] = (Account.name, Account.email, Account.phone)
    return [or_(*(column.icontains(words, autoescape=True) for column in searched))] if words else []


def tagged(tags: Sequence[str]) -> list[Condition]:
    """With all of these tags."""
    return [select(AccountTag.tag).where(AccountTag.account_id == Account.id, AccountTag.tag == tag).exists() for tag in tags]


def inactive(call: Call, days: int | None) -> list[Condition]:
    """Known for so many days, and not here since."""
    if days is None:
        return []
    since = call.moment - timedelta(days=days)
    return [Account.created_at <= since, ~select(Visit.at).where(Visit.account_id == Account.id, Visit.at > since).exists()]


def in_tier(call: Call, tier: UUID | None) -> list[Condition]:
    """Whose membership of this tier is not over."""
    return [Account.tier_id == tier, or_(Account.tier_until.is_(None), Account.tier_until > call.moment)] if tier else []


def visited(times: int | None, service: UUID | None) -> list[Condition]:
    """Who came at least so often; for this service, where one is named."""
    if times is None and service is None:
        return []
    visits = select(func.count()).select_from(Visit).where(Visit.account_id == Account.id, *([Visit.service_id == service] if service else []))
    return [visits.scalar_subquery() >= (times or 1)]


def reachable(channel: Channel) -> Condition:
    """With an address on this channel."""
    return (Account.email if channel == "email" else Account.phone).is_not(None)


def silenced(channel: Channel) -> Condition:
    """Whose address on this channel nothing is sent to."""
    address = func.lower(Account.email) if channel == "email" else Account.phone
    there = (Suppression.workspace_id == Account.workspace_id, Suppression.channel == channel, Suppression.recipient == address)
    return select(Suppression.reason).where(*there).exists()


def agreed(channel: Channel | None) -> list[Condition]:
    """Whose newest word on this channel is that they agree, and whom nothing silences there."""
    if channel is None:
        return []
    words = select(Consent.is_given).where(Consent.account_id == Account.id, Consent.channel == channel)
    newest = words.order_by(Consent.at.desc(), Consent.id.desc()).limit(1).scalar_subquery()
    return [newest.is_(True), ~silenced(channel)]
