"""Everybody as a list: what a spreadsheet opens without obeying it, and what an import reads again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select

from crm.contacts import filters
from crm.contacts.sheets import write
from crm.contacts.tables import Account, AccountTag, Consent
from kernel.call import Call
from outbox.events import Actor, note


def everybody(call: Call) -> str:
    """The list of all customers, with their tags and the newest word about each channel."""
    accounts = call.session.scalars(select(Account).where(*filters.mine(call)).order_by(Account.id)).all()
    tags: dict[UUID, list[str]] = {}
    for account, tag in call.session.execute(select(AccountTag.account_id, AccountTag.tag).where(AccountTag.workspace_id == call.workspace)):
        tags.setdefault(account, []).append(tag)
    note(call.session, Actor.of(call), "customers.exported", str(call.workspace), many=len(accounts))
    return write(_rows(accounts, tags, _words(call)))


def _words(call: Call) -> dict[UUID, dict[str, Consent]]:
    words: dict[UUID, dict[str, Consent]] = {}
    for word in call.session.scalars(select(Consent).where(Consent.workspace_id == call.workspace).order_by(Consent.at, Consent.id)):
        words.setdefault(word.account_id, {})[word.channel] = word
    return words


def _rows(accounts: Sequence[Account], tags: dict[UUID, list[str]], words: dict[UUID, dict[str, Consent]]) -> Iterator[dict[str, str]]:
    for account in accounts:
        said = words.get(account.id, {})
        row = {name: getattr(account, name) or "" for name in ("name", "first_name", "last_name", "email", "phone", "notes")}
        row |= {f"consent_{channel}": "yes" if word.is_given else "no" for channel, word in said.items()}
        evidence = "; ".join(dict.fromkeys(word.evidence for word in said.values() if word.evidence))
        yield row | {"tags": ", ".join(sorted(tags.get(account.id, []))), "consent_evidence": evidence[:500]}
