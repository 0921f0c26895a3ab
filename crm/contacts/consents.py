"""Consent: what a customer said about being written to on a channel, with its evidence; an opt-out also tells the claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from sqlalchemy import func, select

from approvals import gate
from approvals.gate import WEAK, Source
from crm.contacts.tables import Account, Consent
from kernel.call import Call
from kernel.errors import Conflict, InvalidArguments
from kernel.keys import new_id, show
from outbox.content import Channel
from outbox.events import Actor, happened, note
from outbox.tables import Suppression

CHANNELS: tuple[Channel, ...] = get_args(Channel)
LONGEST_EVIDENCE = 500
Standing = Literal["given", "withdrawn", "unknown"]


class NeedsEvidence(InvalidArguments):
    """That somebody agreed needs its evidence: when, where and in which words."""

    code = "needs_evidence"
    next_step = "Say in `evidence` how you know, such as: ticked the box in the salon on 3 May."


class StaysOptedOut(Conflict):
    """The customer opted out themselves, a provider reported them, or a person of the business wrote it down; an agent cannot undo that."""

    code = "stays_opted_out"
    next_step = "If the customer asks for messages again, an owner or a manager records it on the customer's page in the portal."


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says that a customer said."""

    channel: Channel
    is_given: bool
    evidence: str | None = None
    source: Source = "agent"


@dataclass(frozen=True, slots=True)
class Stand:
    """How a customer stands on one channel: the newest word, and whether the claim lets anything through."""

    channel: Channel
    word: Consent | None
    suppression: Suppression | None

    @property
    def is_withdrawn_strongly(self) -> bool:
        """Whether the newest word is an opt-out that an agent cannot take back, with or without an address that it silences."""
        return self.word is not None and not self.word.is_given and self.word.source not in WEAK

    @property
    def consent(self) -> Standing:
        """In one word."""
        if self.word is None:
            return "withdrawn" if self.suppression else "unknown"
        return "given" if self.word.is_given else "withdrawn"


def address_on(account: Account, channel: Channel) -> str | None:
    """Where a customer is reached on a channel."""
    return account.email if channel == "email" else account.phone


def say(call: Call, account: Account, word: Word) -> None:
    """Keep what was said; an opt-out holds from this commit on. Raises NeedsEvidence, StaysOptedOut."""
    if word.is_given and not word.evidence:
        raise NeedsEvidence
    stands = stands_on(call, account, word.channel)
    is_weaker = word.source in WEAK and stands.is_withdrawn_strongly
    if word.is_given:
        if is_weaker:
            raise StaysOptedOut
        _lift(call, account, word)
    else:
        _stop(call, account, word)
    if not is_weaker:
        _write(call, account, word)


def leave_letters(call: Call, address: str, said: str) -> None:
    """Whoever reads letters at this address wants no more of them: kept as their own word where they are a customer, so that it outlives the address."""
    mine = select(Account).where(Account.workspace_id == call.workspace, func.lower(Account.email) == address.lower())
    account = call.session.scalars(mine).one_or_none()
    if account:
        say(call, account, Word("email", is_given=False, evidence=said, source="customer"))
    else:
        gate.suppress(call, "email", address, said, "customer")


def _stop(call: Call, account: Account, word: Word) -> None:
    address = address_on(account, word.channel)
    if address:
        gate.suppress(call, word.channel, address, word.evidence or "the customer opted out", word.source)


def _lift(call: Call, account: Account, word: Word) -> None:
    """Raises StaysOptedOut where a stronger word stands, which the database lets only a signed-in decider take back."""
    address = address_on(account, word.channel)
    stands = stands_on(call, account, word.channel)
    if stands.suppression is None or address is None:
        return
    if word.source == "import" or not gate.unsuppress(call, word.channel, address):
        raise StaysOptedOut


def _write(call: Call, account: Account, word: Word) -> None:
    row = Consent(id=new_id(), workspace_id=call.workspace, account_id=account.id, channel=word.channel, is_given=word.is_given)
    row.source, row.evidence, row.said_by = word.source, word.evidence, call.caller.shown()
    call.session.add(row)
    call.session.flush()
    deed = "consent.given" if word.is_given else "consent.withdrawn"
    happened(call, deed, show("acc", account.id), channel=word.channel, source=word.source)
    note(call.session, Actor.of(call), deed, show("acc", account.id), channel=word.channel, source=word.source)


def carry(call: Call, account: Account) -> None:
    """A new address of whoever opted out is not messaged either: the opt-out is the customer's, not the address's."""
    for stand in stands(call, account):
        address, word = address_on(account, stand.channel), stand.word
        if address and word and not word.is_given and stand.suppression is None:
            gate.suppress(call, stand.channel, address, "the customer opted out under another address", _source(word))


def _source(word: Consent) -> Source:
    return next(source for source in get_args(Source) if source == word.source)


def stands(call: Call, account: Account) -> list[Stand]:
    """How a customer stands on every channel."""
    return [stands_on(call, account, channel) for channel in CHANNELS]


def stands_on(call: Call, account: Account, channel: Channel) -> Stand:
    """How a customer stands on a channel."""
    mine = select(Consent).where(Consent.workspace_id == call.workspace, Consent.account_id == account.id, Consent.channel == channel)
    word = call.session.scalars(mine.order_by(Consent.at.desc(), Consent.id.desc()).limit(1)).first()
    there = (Suppression.workspace_id == call.workspace, Suppression.channel == channel)
    address = (address_on(account, channel) or "").lower()
    return Stand(channel, word, call.session.scalar(select(Suppression).where(*there, Suppression.recipient == address)))


def history(call: Call, account: UUID, limit: int) -> list[Consent]:
    """What was said, the newest first."""
    mine = select(Consent).where(Consent.workspace_id == call.workspace, Consent.account_id == account)
    return list(call.session.scalars(mine.order_by(Consent.at.desc(), Consent.id.desc()).limit(limit)))
