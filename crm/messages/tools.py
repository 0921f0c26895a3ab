"""The tools that send: each is the gate, so what it answers is a pending approval and never a send."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from pydantic import AwareDatetime, Field

from approvals.gate import Draft, submit
from approvals.requests import Pending
from crm.contacts.consents import CHANNELS
from crm.contacts.shapes import AccountId, account_of
from crm.contacts.tables import Account
from crm.conversations.tools import ConversationId, conversation_of
from crm.templates.approved import said_by
from crm.templates.gaps import check_given, fill, gaps_in
from crm.templates.tools import TemplateId, version_of
from kernel.arguments import fitted
from kernel.call import Call
from kernel.errors import InvalidArguments
from kernel.operation import AskedOnce, Effect, operation
from outbox.content import Channel, kind_saying

SEND_AT = "Not before this moment (ISO 8601 with offset), at most a year ahead: a reminder. Now, when left out."
FARTHEST = timedelta(days=366)


class Sending(AskedOnce):
    """What every send may say."""

    account_id: AccountId | None = Field(None, description="The customer; or give `to`.")
    send_at: AwareDatetime | None = Field(None, description=SEND_AT)


class SendMessage(Sending):
    """A message on a channel of your choice, or an answer in a conversation."""

    channel: Channel | None = Field(None, description="whatsapp, sms or email; a conversation's own when left out.")
    conversation_id: ConversationId | None = Field(None, description="Answers in it; or give channel with `to` or accountId.")
    to: str | None = Field(None, max_length=254, description="Phone number (E.164) or e-mail address; or give accountId.")
    body: str = Field(description="The text; SMS and WhatsApp take 1600 characters.")
    subject: str | None = Field(None, description="For e-mail only, and needed there.")


@operation("messaging", Effect.SEND, example={"channel": "sms", "to": "+447400123456", "body": "Your table is ready."})
def send_message(call: Call, asked: SendMessage) -> Pending:
    """Ask to send a message by WhatsApp, SMS or e-mail. It is held until a person approves."""
    words = {"body": asked.body, **({"subject": asked.subject} if asked.subject is not None else {})}
    channel, to = _place(call, asked)
    return _hold(call, "send_message", asked, (channel, to, words))


def _place(call: Call, asked: SendMessage) -> tuple[Channel, str | None]:
    """The channel and the address. Raises InvalidArguments, NotFound."""
    if asked.conversation_id is None and asked.channel is not None:
        return asked.channel, asked.to
    if asked.conversation_id is None or any(given is not None for given in (asked.channel, asked.to, asked.account_id)):
        raise InvalidArguments("Give either `channel` with `to` or `accountId`, or `conversationId` alone.")
    found = conversation_of(call, asked.conversation_id)
    return next(channel for channel in CHANNELS if channel == found.channel), found.address


class SendWhatsappMessage(Sending):
    """A WhatsApp message."""

    to: str | None = Field(None, max_length=254, description="Phone number (E.164); or give accountId.")
    body: str | None = Field(None, description="The text, at most 1600 characters; or give templateId.")
    template_id: TemplateId | None = Field(None, description="A WhatsApp template from list_message_templates: its newest version is said.")
    variables: dict[str, str] | None = Field(None, description="What fills the template's variables, each by its name.")


@operation("messaging", Effect.SEND, example={"to": "+447400123456", "body": "See you at 3 pm."})
def send_whatsapp_message(call: Call, asked: SendWhatsappMessage) -> Pending:
    """Ask to send a WhatsApp message, or an approved template. It is held until a person approves."""
    return _hold(call, "send_whatsapp_message", asked, ("whatsapp", asked.to, _whatsapp_words(call, asked)))


def _whatsapp_words(call: Call, asked: SendWhatsappMessage) -> dict[str, str]:
    """The text, or the template's filled once. Raises InvalidArguments, NotFound, UnknownVariable."""
    if (asked.body is None) == (asked.template_id is None) or (asked.template_id is None and asked.variables is not None):
        raise InvalidArguments("Give either `body`, or `templateId` with its `variables`.")
    if asked.template_id is None:
        return {"body": asked.body or ""}
    template, words = version_of(call, asked.template_id)
    if template.channel != "whatsapp":
        raise InvalidArguments(f"This template is for {template.channel}.", next_step="Choose one of WhatsApp, with list_message_templates.")
    given = asked.variables or {}
    check_given(gaps_in(words.body), given)
    return {"body": fill(call.session, words.body, given), **said_by(words.approved, given)}


class SendSms(Sending):
    """A text message."""

    to: str | None = Field(None, max_length=254, description="Phone number (E.164); or give accountId.")
    body: str = Field(description="The text, at most 1600 characters.")


@operation("messaging", Effect.SEND, example={"to": "+447400123456", "body": "See you at 3 pm."})
def send_sms(call: Call, asked: SendSms) -> Pending:
    """Ask to send an SMS. It is held until a person approves."""
    return _hold(call, "send_sms", asked, ("sms", asked.to, {"body": asked.body}))


class SendEmail(Sending):
    """A letter."""

    to: str | None = Field(None, max_length=254, description="E-mail address; or give accountId.")
    subject: str = Field(description="One line, at most 200 characters.")
    body: str = Field(description="The text, at most 50,000 characters.")


@operation("messaging", Effect.SEND, example={"to": "mia@example.com", "subject": "Your visit", "body": "Thank you for coming."})
def send_email(call: Call, asked: SendEmail) -> Pending:
    """Ask to send an e-mail. It is held until a person approves."""
    return _hold(call, "send_email", asked, ("email", asked.to, {"subject": asked.subject, "body": asked.body}))


def _hold(call: Call, action: str, asked: Sending, what: tuple[Channel, str | None, dict[str, str]]) -> Pending:
    channel, to, words = what
    check_moment(call, asked.send_at)
    recipient = recipient_of(call, channel, to, asked.account_id)
    return submit(call, action, [Draft(fitted(kind_saying(channel, words), {"to": recipient, **words}), not_before=asked.send_at)])


def check_moment(call: Call, send_at: datetime | None) -> None:
    """Raises InvalidArguments for a moment that is nobody's plan."""
    if send_at is not None and not call.moment - FARTHEST < send_at < call.moment + FARTHEST:
        raise InvalidArguments("'sendAt' must lie within a year from now.")


def recipient_of(call: Call, channel: Channel, to: str | None, account: UUID | None) -> str:
    """The one address that is meant. Raises InvalidArguments, NotFound."""
    if to is not None and account is None:
        return to
    if account is not None and to is None:
        return address_of(account_of(call, account), channel)
    raise InvalidArguments("Give either `to` or `accountId`.")


def address_of(account: Account, channel: Channel) -> str:
    """Where a customer is reached on the channel; raises InvalidArguments when nowhere."""
    address = account.email if channel == "email" else account.phone
    if address is None:
        kind = "e-mail address" if channel == "email" else "phone number"
        msg = f"{account.name} has no {kind}."
        raise InvalidArguments(msg, next_step="Choose another channel, or ask the customer for it.")
    return address
