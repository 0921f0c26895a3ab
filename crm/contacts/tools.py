"""The tools about customers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from crm.contacts.tables import Account
from kernel.call import Call
from kernel.errors import Conflict, NotFound
from kernel.keys import Wire, show
from kernel.operation import Answer, Asked, AskedOnce, Effect, operation
from outbox.content import Address, OneLine, Phone, Readable
from outbox.events import Actor, happened, note

AccountId = Annotated[UUID, Wire("acc")]


class AccountTaken(Conflict):
    """A customer with this e-mail address or phone number exists already."""

    code = "account_exists"
    next_step = "Find it with search_members and use its accountId."


class CreateAccount(AskedOnce):
    """A new customer."""

    name: OneLine = Field(min_length=1, max_length=120, description="How the business calls them.")
    email: Address | None = Field(None, description="E-mail address.")
    phone: Phone | None = Field(None, description="Phone number, E.164.")
    first_name: OneLine | None = Field(None, max_length=80, description="Given name.")
    last_name: OneLine | None = Field(None, max_length=80, description="Family name.")
    notes: Readable | None = Field(None, max_length=5000, description="What the team should know.")


class Member(Answer):
    """A customer."""

    account_id: AccountId
    name: str
    email: str | None
    phone: str | None
    notes: str | None
    created_at: datetime


@operation("contacts", Effect.WRITE, example={"name": "Mia Park", "phone": "+447400123456", "email": "mia@example.com"})
def create_account(call: Call, asked: CreateAccount) -> Member:
    """Create a customer. Nothing is sent to them."""
    account = Account(workspace_id=call.workspace, **asked.model_dump(exclude={"idempotency_key"}))
    call.session.add(account)
    try:
        call.session.flush()
    except IntegrityError as taken:
        raise AccountTaken from taken
    happened(call, "customer.created", show("acc", account.id))
    note(call.session, Actor.of(call), "customer.created", show("acc", account.id))
    return _member(account)


class SearchMembers(Asked):
    """Which customers."""

    search: str | None = Field(None, max_length=120, description="Part of a name, e-mail address or phone number.")
    query: str | None = Field(None, max_length=120, description="The same as search.")
    limit: int = Field(20, ge=1, le=100, description="How many.")
    cursor: AccountId | None = Field(None, description="nextCursor of the page before.")


class Members(Answer):
    """A page of customers."""

    items: list[Member]
    next_cursor: AccountId | None = None
    total: int


@operation("contacts", Effect.READ, aliases=("list_members",), example={"search": "mia"})
def search_members(call: Call, asked: SearchMembers) -> Members:
    """Find customers by part of their name, e-mail address or phone number; without words, list them all."""
    words = asked.search or asked.query
    mine = [Account.workspace_id == call.workspace, *matching(words)]
    page = select(Account).where(*mine, *([Account.id > asked.cursor] if asked.cursor else [])).order_by(Account.id)
    found = list(call.session.scalars(page.limit(asked.limit + 1)))
    total = call.session.scalar(select(func.count()).select_from(Account).where(*mine)) or 0
    shown = found[: asked.limit]
    return Members(items=[_member(a) for a in shown], next_cursor=shown[-1].id if len(found) > len(shown) else None, total=total)


def matching(words: str | None) -> list[ColumnElement[bool]]:
    """What a customer must meet to be found by these words; nothing without words."""
    searched: tuple[InstrumentedAttribute[Any], ...] = (Account.name, Account.email, Account.phone)
    return [or_(*(column.icontains(words, autoescape=True) for column in searched))] if words else []


class GetMemberProfile(Asked):
    """Which customer."""

    account_id: AccountId = Field(description="From search_members or create_account.")


@operation("contacts", Effect.READ, example={"accountId": "acc_01990000000070008000000000000000"})
def get_member_profile(call: Call, asked: GetMemberProfile) -> Member:
    """Show one customer."""
    return _member(account_of(call, asked.account_id))


def account_of(call: Call, account: UUID) -> Account:
    """The customer, or NotFound (also when it is another workspace's)."""
    row = call.session.scalar(select(Account).where(Account.id == account, Account.workspace_id == call.workspace))
    if row is None:
        msg = "There is no such customer in this workspace."
        raise NotFound(msg, next_step="Find the customer with search_members.")
    return row


def _member(account: Account) -> Member:
    return Member(
        account_id=account.id,
        name=account.name,
        email=account.email,
        phone=account.phone,
        notes=account.notes,
        created_at=account.created_at,
    )
