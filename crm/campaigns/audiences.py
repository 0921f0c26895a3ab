"""Whom a campaign is meant for: named customers, a segment, those whom a search finds, or everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from crm.contacts.filters import Condition, matching, mine
from crm.contacts.segments import conditions, filter_of, segment_of
from crm.contacts.tables import Account
from kernel.call import Call
from kernel.errors import InvalidArguments, NotFound

MOST = 5000
"""So many customers may be meant at once."""


@dataclass(frozen=True, slots=True)
class Audience:
    """One way to say who is meant; with none of them everybody."""

    accounts: Sequence[UUID] | None = None
    segment: UUID | None = None
    words: str | None = None


def said(accounts: Sequence[UUID] | None, segment: UUID | None, words: str | None, *, everybody: bool) -> Audience:
    """Who is meant. Raises InvalidArguments unless it is said in one way."""
    if sum([accounts is not None, segment is not None, words is not None, everybody]) != 1:
        raise InvalidArguments("Give one of `accountIds`, `segmentId`, `search` and `everybody`.")
    return Audience(accounts, segment, words)


def chosen(call: Call, audience: Audience) -> Sequence[Account]:
    """The customers who are meant. Raises NotFound, InvalidArguments."""
    if audience.accounts is not None:
        return _named(call, audience.accounts)
    if audience.segment is not None:
        return _found(call, conditions(call, filter_of(segment_of(call, audience.segment))))
    return _found(call, [*mine(call), *matching(audience.words)])


def _named(call: Call, accounts: Sequence[UUID]) -> list[Account]:
    """These customers, in this order. Raises NotFound unless all are of this workspace."""
    wanted = select(Account).where(*mine(call), Account.id.in_(accounts))
    known = {account.id: account for account in call.session.scalars(wanted)}
    if unknown := set(accounts) - set(known):
        msg = f"{len(unknown)} of the accountIds are no customers of this workspace."
        raise NotFound(msg, next_step="Find customers with search_members.")
    return [known[account] for account in accounts]


def _found(call: Call, wanted: Sequence[Condition]) -> Sequence[Account]:
    """Who meets these conditions. Raises InvalidArguments when they are too many."""
    accounts = call.session.scalars(select(Account).where(*wanted).order_by(Account.id).limit(MOST + 1)).all()
    if len(accounts) > MOST:
        msg = f"More than {MOST} customers are meant."
        raise InvalidArguments(msg, next_step="Send it in several campaigns, each to some of them.")
    return accounts
