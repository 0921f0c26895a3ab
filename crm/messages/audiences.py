"""Whom a campaign is meant for: named customers, those whom a search finds, or everybody."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from approvals.mailings import Meant
from crm.contacts.filters import matching, mine
from crm.contacts.tables import Account
from kernel.call import Call
from kernel.errors import InvalidArguments, NotFound
from outbox.content import Channel

MOST = 5000
"""So many customers may be meant at once."""


def chosen(call: Call, channel: Channel, accounts: Sequence[UUID] | None, words: str | None) -> list[Meant]:
    """These customers, or whom these words find, or everybody. Raises NotFound, InvalidArguments."""
    return _found(call, channel, words) if accounts is None else _named(call, channel, accounts)


def _named(call: Call, channel: Channel, accounts: Sequence[UUID]) -> list[Meant]:
    """These customers, in this order. Raises NotFound unless all are of this workspace."""
    wanted = select(Account).where(*mine(call), Account.id.in_(accounts))
    known = {account.id: account for account in call.session.scalars(wanted)}
    if unknown := set(accounts) - set(known):
        msg = f"{len(unknown)} of the accountIds are no customers of this workspace."
        raise NotFound(msg, next_step="Find customers with search_members.")
    return [_meant(known[account], channel) for account in accounts]


def _found(call: Call, channel: Channel, words: str | None) -> list[Meant]:
    """Whom search_members finds by these words; without words everybody. Raises InvalidArguments when they are too many."""
    wanted = select(Account).where(*mine(call), *matching(words))
    accounts = call.session.scalars(wanted.order_by(Account.id).limit(MOST + 1)).all()
    if len(accounts) > MOST:
        msg = f"More than {MOST} customers are meant."
        raise InvalidArguments(msg, next_step="Send it in several campaigns, each to some of them.")
    return [_meant(account, channel) for account in accounts]


def _meant(account: Account, channel: Channel) -> Meant:
    return Meant(account.name, account.email if channel == "email" else account.phone)
