"""Taking a list of customers: whoever is known is filled in, the others are made, and what they agreed to is kept with its evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ARRAY, CollectionAggregate, Text, Uuid, any_, cast, func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from approvals import gate
from crm.contacts.consents import CHANNELS, address_on
from crm.contacts.sheets import Fault, Sheet, Told, read
from crm.contacts.tables import Account, AccountTag, Consent
from kernel.call import Call
from kernel.errors import Conflict
from kernel.keys import new_id, show
from kernel.tenancy import Workspace
from outbox.content import Channel
from outbox.events import Actor, happened, note
from outbox.tables import Suppression

FIELDS = ("first_name", "last_name", "email", "phone", "notes")


class ChangedMeanwhile(Conflict):
    """Somebody else added one of these customers at the same moment, so nothing was imported."""

    code = "changed_meanwhile"
    next_step = "Import the list again: whoever is known by then is filled in."


@dataclass(frozen=True, slots=True)
class Plan:
    """What a list would do: whom each good line means, and what is wrong with the others."""

    sheet: Sheet
    known: Mapping[int, Account]
    """By line; the other good lines are new."""
    faults: Sequence[Fault]

    @property
    def lines(self) -> dict[int, Told]:
        """The lines that can be taken."""
        wrong = {fault.line for fault in self.faults}
        return {line: told for line, told in self.sheet.lines.items() if line not in wrong}

    @property
    def new(self) -> int:
        """How many customers it would make."""
        return len(self.lines) - len(self.known)


@dataclass(slots=True)
class Done:
    """What a list did."""

    consents: int = 0
    still_opted_out: int = 0
    words: list[dict[str, object]] = field(default_factory=list)


def plan(call: Call, text: str) -> Plan:
    """Read a list and find who is known; nothing is written. Raises SheetUnreadable."""
    sheet = read(text, call.session.get_one(Workspace, call.workspace).country)
    by_email, by_phone = _known(call, sheet.lines.values())
    known: dict[int, Account] = {}
    faults = list(sheet.faults)
    for line, told in sheet.lines.items():
        found = {account.id: account for account in (by_email.get((told.email or "").lower()), by_phone.get(told.phone or "")) if account}
        if len(found) > 1:
            faults.append(Fault(line, "the e-mail address belongs to one customer and the phone number to another"))
        elif found:
            known[line] = next(iter(found.values()))
    return Plan(sheet, known, sorted(faults, key=lambda fault: fault.line))


def _known(call: Call, told: Iterable[Told]) -> tuple[dict[str, Account], dict[str, Account]]:
    said = list(told)
    emails, phones = [one.email.lower() for one in said if one.email], [one.phone for one in said if one.phone]
    there = or_(func.lower(Account.email) == _any(emails), Account.phone == _any(phones))
    found = call.session.scalars(select(Account).where(Account.workspace_id == call.workspace, there)).all()
    return {one.email.lower(): one for one in found if one.email}, {one.phone: one for one in found if one.phone}


def _any(words: list[str]) -> CollectionAggregate[bool]:
    return any_(cast(words, ARRAY(Text)))


def carry_out(call: Call, planned: Plan) -> Done:
    """Write what was planned. Raises ChangedMeanwhile."""
    lines = planned.lines
    ids = {line: planned.known[line].id if line in planned.known else new_id() for line in lines}
    try:
        _make(call, {ids[line]: told for line, told in lines.items() if line not in planned.known})
        _fill(call, [(planned.known[line], told) for line, told in lines.items() if line in planned.known])
    except IntegrityError as taken:
        raise ChangedMeanwhile from taken
    tags = [{"workspace_id": call.workspace, "account_id": ids[line], "tag": tag} for line, told in lines.items() for tag in sorted(set(told.tags))]
    if tags:
        call.session.execute(upsert(AccountTag).on_conflict_do_nothing(), tags)
    done = _agree(call, {ids[line]: told for line, told in lines.items()})
    many = {"new": planned.new, "known": len(planned.known), "refused": len(planned.faults), "consents": done.consents}
    happened(call, "customers.imported", show("org", call.workspace), **many)
    note(call.session, Actor.of(call), "customers.imported", show("org", call.workspace), **many)
    return done


def _make(call: Call, new: Mapping[UUID, Told]) -> None:
    rows = [{"id": one, "workspace_id": call.workspace, "name": told.name, **{name: getattr(told, name) for name in FIELDS}} for one, told in new.items()]
    if rows:
        call.session.execute(insert(Account), rows)


def _fill(call: Call, known: Sequence[tuple[Account, Told]]) -> None:
    """What is known stands; what is missing is filled in."""
    for account, told in known:
        for name in FIELDS:
            if getattr(account, name) is None and getattr(told, name) is not None:
                setattr(account, name, getattr(told, name))
    call.session.flush()


def _agree(call: Call, told: Mapping[UUID, Told]) -> Done:
    """Keep what they said; a yes in a list lifts no opt-out, and a no holds at once."""
    done = Done()
    accounts = {one.id: one for one in _accounts(call, [account for account, said in told.items() if _words(said)])}
    for channel in CHANNELS:
        silent, newest = _silent(call, channel), _newest(call, channel, list(accounts))
        for one, account in accounts.items():
            said = _words(told[one]).get(channel)
            if said is not None and newest.get(one) != said:
                _say(call, account, (channel, said, told[one].consent_evidence), silent, done)
    if done.words:
        call.session.execute(insert(Consent), done.words)
    return done


def _words(told: Told) -> dict[Channel, bool]:
    said = {channel: getattr(told, f"consent_{channel}") for channel in CHANNELS}
    return {channel: word for channel, word in said.items() if word is not None}


def _say(call: Call, account: Account, word: tuple[Channel, bool, str | None], silent: frozenset[str], done: Done) -> None:
    channel, is_given, evidence = word
    address = address_on(account, channel)
    if is_given and (address or "").lower() in silent:
        done.still_opted_out += 1
        return
    if not is_given and address:
        gate.suppress(call, channel, address, evidence or "the imported list says so", "import")
    row = {"id": new_id(), "workspace_id": call.workspace, "account_id": account.id, "channel": channel, "is_given": is_given}
    done.words.append(row | {"source": "import", "evidence": evidence, "said_by": call.caller.shown()})
    done.consents += 1


def _accounts(call: Call, ids: Sequence[UUID]) -> list[Account]:
    return list(call.session.scalars(select(Account).where(Account.workspace_id == call.workspace, Account.id == any_(cast(list(ids), ARRAY(Uuid))))))


def _silent(call: Call, channel: Channel) -> frozenset[str]:
    there = (Suppression.workspace_id == call.workspace, Suppression.channel == channel)
    return frozenset(call.session.scalars(select(Suppression.recipient).where(*there)))


def _newest(call: Call, channel: Channel, ids: Sequence[UUID]) -> dict[UUID, bool]:
    mine = (Consent.workspace_id == call.workspace, Consent.channel == channel, Consent.account_id == any_(cast(list(ids), ARRAY(Uuid))))
    words = select(Consent.account_id, Consent.is_given).where(*mine).order_by(Consent.at, Consent.id)
    return {row[0]: row[1] for row in call.session.execute(words)}
