"""Paying an invoice: the page at the provider, made ready once and used until it is old, and what our own page of it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row
from sqlalchemy import select
from sqlalchemy.orm import Session

from approvals.inward import begin
from crm.invoices.shapes import OPEN, numbered
from crm.invoices.tables import Checkout, Invoice, PaymentLink
from kernel.call import Caller
from kernel.clock import now
from kernel.db import bind, raw
from kernel.errors import Conflict, NotFound
from kernel.keys import new_id, new_token, show, token_hash
from kernel.settings import Settings
from kernel.tenancy import Workspace
from outbox.content import KINDS

GOOD_FOR = timedelta(hours=23)
"""A page of Stripe's lives a day at most (docs.stripe.com/api/checkout/sessions/create, expires_at); an hour is left to pay."""
OWED = "SELECT * FROM invoice_now WHERE id = %s"
NEWEST = """
SELECT c.intent_id, c.amount_minor, c.created_at, c.closed_at, d.state, d.lane, url_of(c.intent_id) AS url
FROM checkout c JOIN every_delivery d ON d.intent_id = c.intent_id
WHERE c.invoice_id = %s ORDER BY c.created_at DESC, c.intent_id DESC LIMIT 1
"""
CUSTOMER = Caller("system", None, "customer")


class LinkUnknown(NotFound):
    """This address leads to no invoice."""

    code = "payment_link_unknown"
    next_step = "Ask the business for a new link."


class NothingToPay(Conflict):
    """There is nothing to pay on this invoice."""

    code = "nothing_to_pay"
    next_step = "Read it with get_invoice."


@dataclass(frozen=True, slots=True)
class Payable:
    """An invoice as whoever pays it sees it."""

    workspace: UUID
    business: str
    invoice: UUID
    number: str
    owed_minor: int
    currency: str
    status: str
    page: UUID | None = None
    lane: str | None = None
    url: str | None = None
    is_young: bool = False
    """Whether its page at the provider can still be used."""
    is_stuck: bool = False
    """Whether the provider refused to make a page."""

    @property
    def is_open(self) -> bool:
        """Whether there is something to pay."""
        return self.status in OPEN and self.owed_minor > 0


def give_link(session: Session, workspace: UUID, invoice: UUID) -> str:
    """A new secret token that leads to the invoice."""
    token = new_token()
    session.add(PaymentLink(id=new_id(), workspace_id=workspace, invoice_id=invoice, token_hash=token_hash(token)))
    return token


def follow(session: Session, token: str) -> Payable:
    """What the token leads to; the transaction then belongs to that business. Raises LinkUnknown."""
    link = session.scalar(select(PaymentLink).where(PaymentLink.token_hash == token_hash(token)))
    if link is None:
        raise LinkUnknown
    bind(session, link.workspace_id)
    return payable(session, link.workspace_id, link.invoice_id)


def payable(session: Session, workspace: UUID, invoice: UUID) -> Payable:
    """The invoice with its newest page at the provider."""
    line = raw(session).cursor(row_factory=dict_row)
    row = line.execute(OWED, (invoice,)).fetchone() or {}
    page = line.execute(NEWEST, (invoice,)).fetchone()
    owed = row["total_minor"] - int(row["paid_minor"])
    found = Payable(workspace, session.get_one(Workspace, workspace).name, invoice, numbered(row["number"]), owed, row["currency"], row["status"])
    return found if page is None else _with_page(found, page)


def _with_page(found: Payable, page: dict[str, Any]) -> Payable:
    is_stuck = page["state"] in ("failed", "cancelled", "expired")
    is_usable = not is_stuck and page["closed_at"] is None
    is_young = page["created_at"] > now() - GOOD_FOR and page["amount_minor"] == found.owed_minor and is_usable
    seen = (found.workspace, found.business, found.invoice, found.number, found.owed_minor, found.currency, found.status)
    return Payable(*seen, page["intent_id"], page["lane"], page["url"], is_young, is_stuck)


def prepare(session: Session, settings: Settings, asker: Caller, found: Payable, back: str) -> UUID:
    """Have the provider make a page ready, unless there is a young one: two would let the customer pay twice. Raises NothingToPay."""
    session.execute(select(Invoice.id).where(Invoice.id == found.invoice).with_for_update())
    found = payable(session, found.workspace, found.invoice)
    if not found.is_open:
        raise NothingToPay(status=found.status)
    if found.page and found.is_young:
        return found.page
    intent = begin(session, settings, found.workspace, asker, KINDS["payment_link"](**_content(found, back)))
    session.add(Checkout(intent_id=intent, workspace_id=found.workspace, invoice_id=found.invoice, amount_minor=found.owed_minor, created_at=now()))
    session.flush()
    return intent


def pretend(session: Session, settings: Settings, found: Payable, back: str) -> UUID:
    """Have the sandbox pretend that the customer paid. Raises NothingToPay."""
    if not found.is_open or found.lane != "payments:sandbox" or settings.payments != "sandbox":
        raise NothingToPay(status=found.status)
    return begin(session, settings, found.workspace, CUSTOMER, KINDS["pretend_payment"](**_content(found, back)))


def _content(found: Payable, back: str) -> dict[str, Any]:
    said = {"number": found.number, "business": found.business, "amount_minor": found.owed_minor, "currency": found.currency, "back": back}
    return said | {"invoice": show("inv", found.invoice), "workspace": show("org", found.workspace)}
