"""The tools about everything that is known of one customer."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from crm.bookings.shapes import BookingShown, shown, with_names, zone_of
from crm.bookings.tables import Booking
from crm.contacts import consents
from crm.contacts.shapes import AccountId, Member, account_of, member
from crm.contacts.tables import Account, Consent, Tier, Visit
from crm.contacts.tools.consents import ConsentShown, consent_shown
from crm.invoices import shapes as invoices
from crm.invoices.shapes import InvoiceShown
from crm.membership.points import balance, entries
from crm.membership.tools import Entry
from crm.profiles import erasure
from crm.profiles.messages import Message, Place, history, messages_of
from kernel.call import Call
from kernel.errors import InvalidArguments, ScopeMissing
from kernel.keys import show
from kernel.operation import Answer, Asked, AskedOnce, Effect, operation
from outbox.content import Readable

NEXT = 3
LAST = 5
MOST = 1000
"""So many of each kind are exported, the newest."""
WHICH = "From search_members or create_account."
EXAMPLE = {"accountId": "acc_01990000000070008000000000000000"}


WHOLE = ("bookings", "membership", "messaging", "payments")
"""An export holds what a key of the contacts alone may not read."""
OWED = "n.account_id = %(account)s AND n.status IN ('draft', 'sending', 'sent')"
BILLED = "n.account_id = %(account)s ORDER BY n.number DESC LIMIT %(most)s"


class WhichAccount(Asked):
    """Which customer."""

    account_id: AccountId = Field(description=WHICH)


class MemberProfile(Member):
    """Everything that matters of a customer."""

    first_name: str | None = Field(description="Given name.")
    last_name: str | None = Field(description="Family name.")
    tier_name: str | None = Field(description="Of their membership.")
    tier_until: datetime | None = Field(description="When it ends.")
    points: int = Field(description="Loyalty points.")
    consents: list[ConsentShown] = Field(description="How they stand on each channel.")
    visits: int = Field(description="Bookings completed.")
    upcoming: int = Field(description="Bookings pending or confirmed, and still ahead.")
    cancelled: int = Field(description="Bookings cancelled.")
    no_shows: int = Field(description="Bookings they did not come to.")
    open_invoices: int = Field(description="Invoices they have not paid.")
    next_bookings: list[BookingShown] = Field(description="The next few; none for a key without the scope bookings.")
    messages: list[Message] = Field(description="The last few, for a key with the scope messaging; all of them: list_account_messages.")
    is_erasure_asked: bool = Field(description="Somebody wants them erased, and a person must do it.")


@operation("contacts", Effect.READ, example=EXAMPLE)
def get_member_profile(call: Call, asked: WhichAccount) -> MemberProfile:
    """Show one customer: addresses, tags, consent per channel, membership, bookings in numbers, and the last messages."""
    account = account_of(call, asked.account_id)
    base = member(call, account)
    tier = call.session.get(Tier, base.tier_id) if base.tier_id else None
    return MemberProfile(
        **{name: getattr(base, name) for name in Member.model_fields},
        first_name=account.first_name,
        last_name=account.last_name,
        tier_name=tier and tier.name,
        tier_until=account.tier_until if tier else None,
        points=balance(call, account.id),
        consents=[consent_shown(stand) for stand in consents.stands(call, account)],
        **_figures(call, account.id),
        open_invoices=len(invoices.rows(call, OWED, account=account.id)),
        next_bookings=_ahead(call, account.id) if _may(call, "bookings") else [],
        messages=messages_of(call, account, LAST) if _may(call, "messaging") else [],
        is_erasure_asked=erasure.asked(call, account.id) is not None,
    )


def _may(call: Call, scope: str) -> bool:
    """Whether whoever calls may read what belongs to that scope; a person may."""
    return call.caller.kind != "agent" or scope in call.caller.scopes


def _figures(call: Call, account: UUID) -> dict[str, int]:
    mine = (Booking.workspace_id == call.workspace, Booking.account_id == account)
    states = Counter({row[0]: row[1] for row in call.session.execute(select(Booking.state, func.count()).where(*mine).group_by(Booking.state))})
    ahead = select(func.count()).select_from(Booking).where(*mine, Booking.state.in_(("pending", "confirmed")), Booking.starts_at > call.moment)
    visits = select(func.count()).select_from(Visit).where(Visit.workspace_id == call.workspace, Visit.account_id == account)
    counted = {"visits": call.session.scalar(visits) or 0, "upcoming": call.session.scalar(ahead) or 0}
    return counted | {"cancelled": states["cancelled"], "no_shows": states["no_show"]}


def _ahead(call: Call, account: UUID) -> list[BookingShown]:
    live = (Booking.account_id == account, Booking.state.in_(("pending", "confirmed")), Booking.starts_at > call.moment)
    return shown(call.session.execute(with_names(call).where(*live).order_by(Booking.starts_at).limit(NEXT)).all(), zone_of(call))


class ListAccountMessages(WhichAccount):
    """Which customer, and which page."""

    limit: int = Field(20, ge=1, le=100, description="How many, the newest first.")
    cursor: str | None = Field(None, max_length=80, description="nextCursor of the page before.")


class Messages(Answer):
    """A page of messages."""

    items: list[Message]
    next_cursor: str | None = None


@operation("messaging", Effect.READ, example=EXAMPLE)
def list_account_messages(call: Call, asked: ListAccountMessages) -> Messages:
    """List everything that was asked to be sent to a customer, with the words and what became of it, and everything that they wrote."""
    found = history(call, account_of(call, asked.account_id), asked.limit + 1, _place(asked.cursor))
    listed = found[: asked.limit]
    then = _written(listed[-1][0]) if len(found) > len(listed) else None
    return Messages(items=[message for _, message in listed], next_cursor=then)


def _written(place: Place) -> str:
    return f"{place[0].isoformat()},{place[1].hex}"


def _place(cursor: str | None) -> Place | None:
    """Where the page before ended. Raises InvalidArguments."""
    if cursor is None:
        return None
    at, _, one = cursor.partition(",")
    try:
        moment, last = datetime.fromisoformat(at), UUID(hex=one)
    except ValueError:
        raise InvalidArguments("'cursor' is none of an earlier answer.") from None
    if moment.tzinfo is None:
        raise InvalidArguments("'cursor' is none of an earlier answer.")
    return moment, last


class ConsentSaid(Answer):
    """One word of the history."""

    channel: str
    is_given: bool = Field(description="true: they agreed.")
    source: str = Field(description="Whose word it is.")
    evidence: str | None = Field(description="How it is known.")
    said_by: str = Field(description="Who recorded it.")
    at: datetime = Field(description="When.")


class AccountExport(Answer):
    """Everything that is kept of a customer."""

    customer: Member = Field(description="Who they are.")
    first_name: str | None = Field(description="Given name.")
    last_name: str | None = Field(description="Family name.")
    consents: list[ConsentSaid] = Field(description="What they said, the newest first.")
    bookings: list[BookingShown] = Field(description="The latest first.")
    points: int = Field(description="Loyalty points.")
    points_entries: list[Entry] = Field(description="The newest first.")
    messages: list[Message] = Field(description="The newest first.")
    invoices: list[InvoiceShown] = Field(description="The newest first.")
    is_complete: bool = Field(description="false: there is more of something than an export holds.")
    exported_at: datetime


@operation("contacts", Effect.READ, example=EXAMPLE)
def export_account(call: Call, asked: WhichAccount) -> AccountExport:
    """Give everything that is kept of one customer as data, as they may ask for: at most 1,000 of each kind."""
    if lacking := [scope for scope in WHOLE if not _may(call, scope)]:
        raise ScopeMissing(f"This key lacks {', '.join(lacking)}, which an export of everything needs.", scope=lacking[0])
    account = account_of(call, asked.account_id)
    said, sent, earned = consents.history(call, account.id, MOST), messages_of(call, account, MOST), entries(call, account.id, MOST)
    rows = call.session.execute(with_names(call).where(Booking.account_id == account.id).order_by(Booking.starts_at.desc()).limit(MOST)).all()
    billed = invoices.rows(call, BILLED, account=account.id, most=MOST)
    return AccountExport(
        customer=member(call, account),
        first_name=account.first_name,
        last_name=account.last_name,
        consents=[_said(word) for word in said],
        bookings=shown(rows, zone_of(call)),
        points=balance(call, account.id),
        points_entries=[Entry(points=one.points, reason=one.reason, at=one.at) for one in earned],
        messages=sent,
        invoices=invoices.shown(call, billed),
        is_complete=max(len(said), len(sent), len(rows), len(earned), len(billed)) < MOST,
        exported_at=call.moment,
    )


def _said(word: Consent) -> ConsentSaid:
    kept: dict[str, Any] = {name: getattr(word, name) for name in ConsentSaid.model_fields}
    return ConsentSaid(**kept)


class EraseAccount(AskedOnce):
    """Which customer, and why."""

    account_id: AccountId = Field(description=WHICH)
    reason: Readable = Field(max_length=500, description="Why, such as: asked by e-mail on 3 May. The person who erases reads it.")


class ErasureAsked(Answer):
    """A wish that waits for a person."""

    account_id: AccountId
    status: str = Field(description="waits_for_a_person.")
    portal_url: str = Field(description="Where an owner or a manager does it.")
    next_step: str


@operation("contacts", Effect.DESTROY, example={**EXAMPLE, "reason": "Asked by e-mail on 3 May."})
def erase_account(call: Call, asked: EraseAccount) -> ErasureAsked:
    """Ask to erase a customer: a person does it in the portal. Their data and messages go; the audit and an opt-out stay."""
    account: Account = account_of(call, asked.account_id)
    erasure.ask(call, account, asked.reason)
    url = f"{call.settings.base_url}/portal/customers/{show('acc', account.id)}/erase"
    says = "Tell an owner or a manager to open portalUrl. Once it is done, get_member_profile finds nobody."
    return ErasureAsked(account_id=account.id, status="waits_for_a_person", portal_url=url, next_step=says)
