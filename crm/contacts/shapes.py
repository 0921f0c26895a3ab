"""What the tools answer: a customer as the wire shows them, and the customer that an id names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import func, select

from crm.contacts.tables import Account, AccountTag, Visit
from kernel.call import Call
from kernel.errors import NotFound
from kernel.keys import Wire
from kernel.operation import Answer
from outbox.content import one_line, readable

AccountId = Annotated[UUID, Wire("acc")]
TierId = Annotated[UUID, Wire("tier")]
LONGEST_NAME = 120
LONGEST_NOTES = 5000
LONGEST_TAG = 40
MOST_TAGS = 20


def as_tag(word: str) -> str:
    """A tag as it is kept: in lower case, with single blanks; raises ValueError for what is no word in one line."""
    tag = " ".join(readable(one_line(word)).lower().split())
    if len(tag) > LONGEST_TAG or "," in tag or ";" in tag:
        msg = f"must have at most {LONGEST_TAG} characters, and no comma"
        raise ValueError(msg)
    return tag


Tag = Annotated[str, AfterValidator(as_tag)]


class Member(Answer):
    """A customer."""

    account_id: AccountId
    name: str
    email: str | None
    phone: str | None
    notes: str | None
    tags: list[str] = Field(description="In order of the alphabet.")
    tier_id: TierId | None = Field(description="Their membership, if it is not over.")
    last_visit_at: datetime | None = None
    created_at: datetime


def members(call: Call, accounts: Sequence[Account]) -> list[Member]:
    """The customers as the wire has them."""
    ids = [account.id for account in accounts]
    tags, visits = _tags(call, ids), _visits(call, ids)
    return [Member(**fields_of(account, call.moment), tags=tags.get(account.id, []), last_visit_at=visits.get(account.id)) for account in accounts]


def member(call: Call, account: Account) -> Member:
    """One customer."""
    return members(call, [account])[0]


def fields_of(account: Account, now: datetime) -> dict[str, Any]:
    """What every answer says of a customer, from their own row."""
    kept = ("name", "email", "phone", "notes", "created_at")
    return {name: getattr(account, name) for name in kept} | {"account_id": account.id, "tier_id": tier_of(account, now)}


def tier_of(account: Account, now: datetime) -> UUID | None:
    """The tier whose member the customer is at that moment."""
    return account.tier_id if account.tier_until is None or account.tier_until > now else None


def _tags(call: Call, accounts: Sequence[UUID]) -> dict[UUID, list[str]]:
    mine = select(AccountTag.account_id, AccountTag.tag).where(AccountTag.workspace_id == call.workspace, AccountTag.account_id.in_(accounts))
    found: dict[UUID, list[str]] = {}
    for account, tag in call.session.execute(mine.order_by(AccountTag.tag)):
        found.setdefault(account, []).append(tag)
    return found


def _visits(call: Call, accounts: Sequence[UUID]) -> dict[UUID, datetime]:
    mine = select(Visit.account_id, func.max(Visit.at)).where(Visit.workspace_id == call.workspace, Visit.account_id.in_(accounts))
    return {row[0]: row[1] for row in call.session.execute(mine.group_by(Visit.account_id))}


def ever_of(call: Call, account: UUID) -> Account:
    """The customer of a booking, also one who was erased since."""
    return call.session.scalars(select(Account).where(Account.id == account, Account.workspace_id == call.workspace)).one()


def account_of(call: Call, account: UUID) -> Account:
    """The customer, or NotFound (also when it is another workspace's, or erased)."""
    mine = (Account.id == account, Account.workspace_id == call.workspace, Account.erased_at.is_(None))
    row = call.session.scalar(select(Account).where(*mine))
    if row is None:
        raise NotFound("There is no such customer in this workspace.", next_step="Find the customer with search_members.")
    return row
