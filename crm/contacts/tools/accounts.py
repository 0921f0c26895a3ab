"""The tools that make, change, sort and find customers."""

from __future__ import annotations

from typing import Any

from pydantic import Field
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from crm.contacts import filters
from crm.contacts.consents import carry
from crm.contacts.known import AccountTaken, known, meet
from crm.contacts.shapes import LONGEST_NAME, LONGEST_NOTES, LONGEST_TAG, MOST_TAGS, AccountId, Member, Tag, TierId, account_of, member, members
from crm.contacts.tables import Account, AccountTag
from crm.contacts.tiers import enrol, first_tier, tier_named
from kernel.call import Call
from kernel.errors import Conflict, InvalidArguments
from kernel.keys import show
from kernel.operation import Answer, Asked, AskedOnce, Effect, operation
from outbox.content import Address, OneLine, Phone, Readable
from outbox.events import Actor, happened, note

WHICH = "From search_members or create_account."
EXAMPLE = {"accountId": "acc_01990000000070008000000000000000"}
TAGS = f"Words to sort by, at most {LONGEST_TAG} characters each."


class TooManyTags(Conflict):
    """A customer has at most so many tags."""

    code = "too_many_tags"
    next_step = "Remove some with remove_tags first."


class CreateAccount(AskedOnce):
    """A customer."""

    name: OneLine = Field(min_length=1, max_length=LONGEST_NAME, description="How the business calls them.")
    email: Address | None = Field(None, description="E-mail address.")
    phone: Phone | None = Field(None, description="Phone number, E.164.")
    first_name: OneLine | None = Field(None, max_length=80, description="Given name.")
    last_name: OneLine | None = Field(None, max_length=80, description="Family name.")
    notes: Readable | None = Field(None, max_length=LONGEST_NOTES, description="What the team should know.")
    enroll_membership: bool = Field(default=False, description="Also make them a member, of tierId or else of the first tier.")
    tier_id: TierId | None = Field(None, description="The tier, from list_tiers.")


class Created(Member):
    """The customer, new or known."""

    is_new: bool = Field(description="false: they were known by e-mail or phone, and what was missing was filled in.")


@operation("contacts", Effect.WRITE, example={"name": "Mia Park", "phone": "+447400123456", "email": "mia@example.com"})
def create_account(call: Call, asked: CreateAccount) -> Created:
    """Create a customer, or find the one with this e-mail or phone and fill in what is missing. Nothing is sent to them."""
    told = asked.model_dump(exclude={"idempotency_key", "enroll_membership", "tier_id"})
    account, is_new = meet(call, told)
    if not is_new:
        fill(call, account, told)
    if asked.tier_id is not None or asked.enroll_membership:
        enrol(call, account, first_tier(call) if asked.tier_id is None else tier_named(call, asked.tier_id))
    return Created(**member(call, account).model_dump(), is_new=is_new)


def fill(call: Call, account: Account, told: dict[str, Any]) -> None:
    """Write what is not known of them yet; what is known stands. Raises AccountTaken."""
    if any(other.id != account.id for other in known(call, told.get("email"), told.get("phone"))):
        raise AccountTaken
    missing = {name: value for name, value in told.items() if value is not None and getattr(account, name) is None}
    if missing:
        change(call, account, missing)


def change(call: Call, account: Account, changes: dict[str, Any]) -> None:
    """Write these fields of a customer. Raises AccountTaken."""
    for name, value in changes.items():
        setattr(account, name, value)
    try:
        call.session.flush()
    except IntegrityError as taken:
        raise AccountTaken from taken
    carry(call, account)
    _tell(call, "customer.updated", account, fields=sorted(changes))


class UpdateAccount(Asked):
    """What to change; the rest stays."""

    account_id: AccountId = Field(description=WHICH)
    name: OneLine | None = Field(None, min_length=1, max_length=LONGEST_NAME, description="How the business calls them.")
    email: Address | None = Field(None, description="E-mail address.")
    phone: Phone | None = Field(None, description="Phone number, E.164.")
    first_name: OneLine | None = Field(None, max_length=80, description="Given name.")
    last_name: OneLine | None = Field(None, max_length=80, description="Family name.")
    notes: Readable | None = Field(None, max_length=LONGEST_NOTES, description="What the team should know, instead of what stands there.")


@operation("contacts", Effect.SET, example={**EXAMPLE, "phone": "+447400123456"})
def update_account(call: Call, asked: UpdateAccount) -> Member:
    """Change what is known of a customer. Messages that wait keep the address they were asked for."""
    account = account_of(call, asked.account_id)
    changes = asked.model_dump(exclude_none=True, exclude={"account_id"})
    if not changes:
        raise InvalidArguments("Nothing to change was given.")
    change(call, account, changes)
    return member(call, account)


class ChooseTags(Asked):
    """Which customer, and which tags."""

    account_id: AccountId = Field(description=WHICH)
    tags: list[Tag] = Field(min_length=1, max_length=MOST_TAGS, description=TAGS)


@operation("contacts", Effect.SET, example={**EXAMPLE, "tags": ["vip"]})
def attach_tags(call: Call, asked: ChooseTags) -> Member:
    """Sort a customer by tags; those they have stay."""
    account = account_of(call, asked.account_id)
    attach(call, account, asked.tags)
    _tell(call, "customer.tagged", account, many=len(set(asked.tags)))
    return member(call, account)


def attach(call: Call, account: Account, tags: list[str]) -> None:
    """Give a customer these tags too. Raises TooManyTags."""
    rows = [{"workspace_id": call.workspace, "account_id": account.id, "tag": tag} for tag in sorted(set(tags))]
    call.session.execute(insert(AccountTag).values(rows).on_conflict_do_nothing())
    if (call.session.scalar(select(func.count()).select_from(AccountTag).where(AccountTag.account_id == account.id)) or 0) > MOST_TAGS:
        raise TooManyTags(most=MOST_TAGS)


@operation("contacts", Effect.SET, example={**EXAMPLE, "tags": ["vip"]})
def remove_tags(call: Call, asked: ChooseTags) -> Member:
    """Take tags away from a customer; what they have not is no fault."""
    account = account_of(call, asked.account_id)
    mine = (AccountTag.workspace_id == call.workspace, AccountTag.account_id == account.id)
    call.session.execute(delete(AccountTag).where(*mine, AccountTag.tag.in_(asked.tags)))
    _tell(call, "customer.untagged", account, many=len(set(asked.tags)))
    return member(call, account)


class SearchMembers(Asked):
    """Which customers."""

    search: str | None = Field(None, max_length=LONGEST_NAME, description="Part of a name, e-mail address or phone number.")
    query: str | None = Field(None, max_length=LONGEST_NAME, description="The same as search.")
    tags: list[Tag] = Field([], max_length=MOST_TAGS, description="With all of these tags.")
    inactive_days: int | None = Field(None, ge=1, le=filters.LONGEST_SPAN, description="Known, and without a visit, for so many days.")
    tier_id: TierId | None = Field(None, description="Members of this tier.")
    limit: int = Field(20, ge=1, le=100, description="How many.")
    cursor: AccountId | None = Field(None, description="nextCursor of the page before.")


class Members(Answer):
    """A page of customers."""

    items: list[Member]
    next_cursor: AccountId | None = None
    total: int


@operation("contacts", Effect.READ, aliases=("list_members",), example={"search": "mia"})
def search_members(call: Call, asked: SearchMembers) -> Members:
    """Find customers by part of their name or address, by tag, tier or time since the last visit; without any of it, list them all."""
    wanted = [*filters.mine(call), *filters.matching(asked.search or asked.query), *filters.tagged(asked.tags)]
    wanted += [*filters.inactive(call, asked.inactive_days), *filters.in_tier(call, asked.tier_id)]
    page = select(Account).where(*wanted, *([Account.id > asked.cursor] if asked.cursor else [])).order_by(Account.id)
    found = list(call.session.scalars(page.limit(asked.limit + 1)))
    total = call.session.scalar(select(func.count()).select_from(Account).where(*wanted)) or 0
    shown = found[: asked.limit]
    return Members(items=members(call, shown), next_cursor=shown[-1].id if len(found) > len(shown) else None, total=total)


def _tell(call: Call, deed: str, account: Account, **detail: Any) -> None:
    happened(call, deed, show("acc", account.id), **detail)
    note(call.session, Actor.of(call), deed, show("acc", account.id), **detail)
