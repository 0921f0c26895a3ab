"""Whom an address belongs to: the name in the contacts and who put it there, and what left for it before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from approvals.listings import Past, past, sees_all
from crm.contacts.tables import Account
from kernel.keys import show
from outbox.tables import Audit

ADDED = "customer.created"
MOST_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Contact:
    """A name for an address: what somebody claimed, and when."""

    id: UUID
    name: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """Everything known of one recipient; on a list, only the contact."""

    contact: Contact | None
    added_by: str | None = None
    """Who added the contact, such as `agent: first agent`, where that was kept."""
    past: Past | None = None
    is_first: bool = True
    """Whether nothing ever left for it; False too when there are more requests than are looked at."""


def contacts_of(session: Session, workspace: UUID, addresses: Collection[str]) -> dict[str, Contact]:
    """The contacts with these addresses."""
    named = select(Account).where(Account.workspace_id == workspace, or_(Account.phone.in_(addresses), Account.email.in_(addresses)))
    return {
        address: Contact(account.id, account.name, account.created_at)
        for account in session.scalars(named)
        for address in (account.phone, account.email)
        if address is not None and address in addresses
    }


def known(session: Session, workspace: UUID, addresses: Collection[str]) -> Mapping[str, Known]:
    """All that is known of these addresses."""
    contacts, earlier = contacts_of(session, workspace, addresses), past(session, workspace, list(addresses))
    is_first = len(earlier) < len(addresses) and sees_all(session, workspace)
    authors = _authors(session, workspace, [contact.id for contact in contacts.values()])
    return {
        address: Known(contact := contacts.get(address), authors.get(show("acc", contact.id)) if contact else None, earlier.get(address), is_first)
        for address in addresses
    }


def _authors(session: Session, workspace: UUID, accounts: list[UUID]) -> dict[str, str]:
    mine = (Audit.workspace_id == workspace, Audit.action == ADDED, Audit.subject.in_([show("acc", account) for account in accounts]))
    return {row.subject: row.actor for row in session.scalars(select(Audit).where(*mine))}


def addresses_of(session: Session, workspace: UUID, words: str) -> list[str]:
    """The addresses of the contacts whose name holds these words, as far as one page can use them."""
    named = select(Account.phone, Account.email).where(Account.workspace_id == workspace, Account.name.icontains(words, autoescape=True))
    return [address for row in session.execute(named.limit(MOST_NAMED)) for address in row if address]
