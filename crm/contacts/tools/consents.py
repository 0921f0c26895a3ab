"""The tools about consent: recording what a customer said, and reading who must not be messaged."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field
from sqlalchemy import func, select, tuple_

from crm.contacts.consents import LONGEST_EVIDENCE, Standing, Word, say, stands_on
from crm.contacts.consents import Stand as Stands
from crm.contacts.shapes import AccountId, account_of
from kernel.call import Call
from kernel.errors import InvalidArguments
from kernel.operation import Answer, Asked, AskedOnce, Effect, operation
from outbox.content import Channel, Readable
from outbox.tables import Suppression

DONE = {
    "given": "They may be messaged here, once a person approves what is sent.",
    "withdrawn": "Nothing is sent to them here from now on, not even what was approved before.",
    "unknown": "Ask them, and record the answer with set_consent.",
}


class SetConsent(AskedOnce):
    """What the customer said."""

    account_id: AccountId = Field(description="From search_members or create_account.")
    channel: Channel = Field(description="whatsapp, sms or email.")
    consent: bool = Field(description="true: they agreed to be written to; false: they opted out.")
    evidence: Readable | None = Field(None, max_length=LONGEST_EVIDENCE, description="How you know: when, where, in which words. Needed for true.")


class ConsentShown(Answer):
    """How a customer stands on one channel."""

    channel: Channel
    consent: Standing = Field(description="given, withdrawn or unknown: the newest word.")
    source: str | None = Field(description="Whose word it is: agent, import, person, customer or provider.")
    evidence: str | None = Field(description="How that is known.")
    at: datetime | None = Field(description="When it was recorded.")
    is_suppressed: bool = Field(description="true: nothing is sent to their address here, whatever is approved.")
    next_step: str


@operation("contacts", Effect.SET, example={"accountId": "acc_01990000000070008000000000000000", "channel": "sms", "consent": False})
def set_consent(call: Call, asked: SetConsent) -> ConsentShown:
    """Record that a customer opted out, at once, or agreed, with evidence. Their own STOP is undone by a person in the portal alone."""
    account = account_of(call, asked.account_id)
    say(call, account, Word(asked.channel, asked.consent, asked.evidence))
    return consent_shown(stands_on(call, account, asked.channel))


def consent_shown(stand: Stands) -> ConsentShown:
    """As the wire has it."""
    word, stop = stand.word, stand.suppression
    return ConsentShown(
        channel=stand.channel,
        consent=stand.consent,
        source=word.source if word else stop and stop.source,
        evidence=word.evidence if word else stop and stop.reason,
        at=word.at if word else stop and stop.at,
        is_suppressed=stop is not None,
        next_step=DONE["withdrawn" if stop else stand.consent],
    )


class ListSuppressions(Asked):
    """Which of them."""

    channel: Channel | None = Field(None, description="whatsapp, sms or email.")
    search: str | None = Field(None, max_length=120, description="Part of the address.")
    limit: int = Field(20, ge=1, le=100, description="How many.")
    cursor: str | None = Field(None, max_length=340, description="nextCursor of the page before.")


class Silenced(Answer):
    """An address that nothing is sent to on a channel."""

    channel: str
    recipient: str
    reason: str
    source: str = Field(description="Whose word it is: agent, import, person, customer or provider.")
    at: datetime = Field(description="Since when.")


class Suppressions(Answer):
    """A page of them."""

    items: list[Silenced]
    next_cursor: str | None = None
    total: int


@operation("contacts", Effect.READ, example={"channel": "sms"})
def list_suppressions(call: Call, asked: ListSuppressions) -> Suppressions:
    """List the addresses that nothing is sent to: opt-outs, complaints and dead addresses, each with its reason."""
    mine = [Suppression.workspace_id == call.workspace]
    mine += [Suppression.channel == asked.channel] if asked.channel else []
    mine += [Suppression.recipient.icontains(asked.search, autoescape=True)] if asked.search else []
    place = tuple_(Suppression.channel, Suppression.recipient)
    further = [place > _place(asked.cursor)] if asked.cursor else []
    page = select(Suppression).where(*mine, *further).order_by(Suppression.channel, Suppression.recipient)
    found = list(call.session.scalars(page.limit(asked.limit + 1)))
    shown = found[: asked.limit]
    items = [Silenced(channel=one.channel, recipient=one.recipient, reason=one.reason, source=one.source, at=one.at) for one in shown]
    then = f"{shown[-1].channel}:{shown[-1].recipient}" if len(found) > len(shown) else None
    total = call.session.scalar(select(func.count()).select_from(Suppression).where(*mine)) or 0
    return Suppressions(items=items, next_cursor=then, total=total)


def _place(cursor: str) -> tuple[str, str]:
    channel, colon, recipient = cursor.partition(":")
    if not colon:
        raise InvalidArguments("'cursor' is none of an earlier answer.")
    return channel, recipient
