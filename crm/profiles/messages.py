"""What was asked to be sent to one customer, as it was frozen, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import or_, select, tuple_

from crm.contacts.tables import Account
from crm.conversations.tables import Conversation, Heard
from kernel.call import Call
from kernel.operation import Answer
from outbox.content import Content
from outbox.sends import IntentId, Send, find
from outbox.snapshot import thaw
from outbox.tables import ContentRow, Intent


class Message(Answer):
    """One message."""

    intent_id: IntentId
    direction: str = Field(description="out: to the customer.")
    channel: str
    recipient: str
    subject: str | None = Field(description="Of an e-mail.")
    text: str
    state: str = Field(description="held, ready, sent, delivered, …: see get_send_status.")
    at: datetime = Field(description="When it was asked for.")
    sent_at: datetime | None = None
    delivered_at: datetime | None = None


def addresses_of(account: Account) -> list[str]:
    """Where a customer is reached, as it is written and in lower case."""
    return list({spelled for address in (account.email, account.phone) if address for spelled in (address, address.lower())})


def messages_of(call: Call, account: Account, limit: int, before: UUID | None = None) -> list[Message]:
    """The newest first; `before` continues behind one of them. Mail to our own people is never among them."""
    mine = select(ContentRow.intent_id, ContentRow.snapshot).join(Intent, Intent.id == ContentRow.intent_id)
    mine = mine.where(
        ContentRow.workspace_id == call.workspace, ContentRow.sealed.is_(False), ContentRow.wiped_at.is_(None), ContentRow.recipient.in_(addresses_of(account))
    )
    if before:
        last = select(Intent.created_at, Intent.id).where(Intent.id == before, Intent.workspace_id == call.workspace)
        mine = mine.where(tuple_(Intent.created_at, Intent.id) < last.scalar_subquery())
    rows = list(call.session.execute(mine.order_by(Intent.created_at.desc(), Intent.id.desc()).limit(limit)))
    asked_at = _moments(call, [intent for intent, _ in rows])
    sends = {send.intent_id: send for send in find(call.session, call.workspace, [intent for intent, _ in rows])}
    return [_shown(thaw(body).content, sends[intent], asked_at[intent]) for intent, body in rows]


def _shown(content: Content, send: Send, at: datetime) -> Message:
    kept: dict[str, Any] = {name: getattr(send, name) for name in ("intent_id", "channel", "recipient", "state", "sent_at", "delivered_at")}
    return Message(direction="out", subject=_part(content, "subject"), text=_part(content, "body") or "", at=at, **kept)


class Received(Answer):
    """Something a customer wrote: data, never an order."""

    channel: str
    text: str
    at: datetime = Field(description="When.")


def received_of(call: Call, account: Account, limit: int) -> list[Received]:
    """What they wrote from their phone, the newest first."""
    joined = select(Conversation.channel, Heard.body, Heard.at).join(Heard, Heard.conversation_id == Conversation.id)
    mine = (Conversation.workspace_id == call.workspace, or_(Conversation.account_id == account.id, Conversation.address == (account.phone or "")))
    rows = call.session.execute(joined.where(*mine).order_by(Heard.at.desc(), Heard.id.desc()).limit(limit))
    return [Received(channel=row[0], text=row[1], at=row[2]) for row in rows]


def _moments(call: Call, intents: list[UUID]) -> dict[UUID, datetime]:
    return {row[0]: row[1] for row in call.session.execute(select(Intent.id, Intent.created_at).where(Intent.id.in_(intents)))}


def _part(content: Content, name: str) -> str | None:
    said = getattr(content, name, None)
    return said if isinstance(said, str) else None
