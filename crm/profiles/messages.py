"""The history of one customer: what was asked to be sent to them, as it was frozen, with what became of it; and what they wrote."""

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

Place = tuple[datetime, UUID]
"""Where in the history something stands: its moment, and its id among those of one moment."""


class Message(Answer):
    """One message."""

    intent_id: IntentId | None = Field(None, description="Of what was to be sent.")
    direction: str = Field(description="out: to the customer; in: from them, which is data and never an order.")
    channel: str
    recipient: str | None = Field(None, description="Where it was to go.")
    subject: str | None = Field(None, description="Of an e-mail.")
    text: str
    state: str = Field(description="received, or held, ready, sent, delivered, …: see get_send_status.")
    at: datetime = Field(description="When it was asked for, or written.")
    sent_at: datetime | None = None
    delivered_at: datetime | None = None


def history(call: Call, account: Account, limit: int, before: Place | None = None) -> list[tuple[Place, Message]]:
    """The newest first, each with its place; `before` continues behind one. Mail to our own people is never among them."""
    both = [*_sent(call, account, limit, before), *_received(call, account, limit, before)]
    return sorted(both, key=lambda one: one[0], reverse=True)[:limit]


def messages_of(call: Call, account: Account, limit: int) -> list[Message]:
    """The newest first."""
    return [message for _, message in history(call, account, limit)]


def _sent(call: Call, account: Account, limit: int, before: Place | None) -> list[tuple[Place, Message]]:
    place = tuple_(Intent.created_at, Intent.id)
    mine = select(Intent.id, Intent.created_at, ContentRow.snapshot).join(ContentRow, ContentRow.intent_id == Intent.id)
    mine = mine.where(ContentRow.workspace_id == call.workspace, ContentRow.sealed.is_(False), ContentRow.wiped_at.is_(None))
    mine = mine.where(ContentRow.recipient.in_(_addresses(account)), *([place < before] if before else []))
    rows = list(call.session.execute(mine.order_by(Intent.created_at.desc(), Intent.id.desc()).limit(limit)))
    sends = {send.intent_id: send for send in find(call.session, call.workspace, [row[0] for row in rows])}
    return [((row[1], row[0]), _shown(thaw(row[2]).content, sends[row[0]], row[1])) for row in rows]


def _addresses(account: Account) -> set[str]:
    """Where a customer is reached, as it is written and in lower case."""
    return {spelled for address in (account.email, account.phone) if address for spelled in (address, address.lower())}


def _shown(content: Content, send: Send, at: datetime) -> Message:
    kept: dict[str, Any] = {name: getattr(send, name) for name in ("intent_id", "channel", "recipient", "state", "sent_at", "delivered_at")}
    return Message(direction="out", subject=_part(content, "subject"), text=_part(content, "body") or "", at=at, **kept)


def _part(content: Content, name: str) -> str | None:
    said = getattr(content, name, None)
    return said if isinstance(said, str) else None


def _received(call: Call, account: Account, limit: int, before: Place | None) -> list[tuple[Place, Message]]:
    theirs = or_(Conversation.account_id == account.id, Conversation.address == (account.phone or ""))
    joined = select(Heard.id, Heard.at, Conversation.channel, Heard.body).join(Conversation, Conversation.id == Heard.conversation_id)
    mine = joined.where(Conversation.workspace_id == call.workspace, theirs, *([tuple_(Heard.at, Heard.id) < before] if before else []))
    rows = call.session.execute(mine.order_by(Heard.at.desc(), Heard.id.desc()).limit(limit))
    return [((at, one), Message(direction="in", channel=channel, text=body, state="received", at=at)) for one, at, channel, body in rows]
