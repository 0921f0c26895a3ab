"""The books: what a provider says of a payment, a refund or a dispute, written so that any order and any repetition ends in the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import scalar_row
from sqlalchemy.orm import Session

from approvals.moot import drop_moot
from kernel.call import Caller
from kernel.db import raw, stand_in_line
from kernel.keys import new_id, show
from outbox.events import Actor, happened_in
from outbox.handlers import NotForUs, NotYet
from outbox.inbox import take_up

IS_HERE = "SELECT EXISTS (SELECT FROM workspace WHERE id = %s)"
IS_KNOWN = "SELECT EXISTS (SELECT FROM payment WHERE provider = %s AND provider_ref = %s)"
WHOSE = "SELECT workspace_id FROM payment WHERE provider = %s AND provider_ref = %s"
# What waits to be said about an invoice that was paid: nobody is asked for money they have paid, or told that they need not pay it.
LETTERS = "SELECT intent_id FROM invoice_send WHERE invoice_id = %s ORDER BY intent_id"
PAYMENTS = Caller("system", None, "payments")
IS_PAID = "SELECT status = 'paid' FROM invoice_now WHERE id = %s"
# The same payment has several events, of which only some name the invoice; the earliest says when it was paid.
PAY = """
INSERT INTO payment AS p (id, workspace_id, provider, provider_ref, amount_minor, currency, paid_at, invoice_id)
VALUES (%(id)s, %(workspace)s, %(provider)s, %(ref)s, %(amount)s, %(currency)s, %(at)s,
    (SELECT i.id FROM invoice i WHERE i.id = %(invoice)s AND i.workspace_id = %(workspace)s AND i.currency = %(currency)s))
ON CONFLICT (provider, provider_ref) DO UPDATE SET paid_at = least(p.paid_at, excluded.paid_at), invoice_id = coalesce(p.invoice_id, excluded.invoice_id)
    WHERE p.workspace_id = excluded.workspace_id
RETURNING id, xmax = 0, invoice_id
"""
# A state is only ever followed by a later one of these: what failed after all had succeeded before.
_ORDER = "ARRAY['asked', 'pending', 'succeeded', 'canceled', 'failed']"
FURTHER = f"array_position({_ORDER}, %(state)s) > array_position({_ORDER}, f.state)"
_OURS = """
UPDATE refund f SET provider_ref = %(ref)s, state = CASE WHEN {further} THEN %(state)s ELSE f.state END
WHERE f.intent_id = %(intent)s AND f.workspace_id = %(workspace)s AND f.provider = %(provider)s AND coalesce(f.provider_ref, %(ref)s) = %(ref)s
"""
_REFUND = """
INSERT INTO refund AS f (id, workspace_id, provider, provider_ref, payment_ref, amount_minor, currency, state)
VALUES (%(id)s, %(workspace)s, %(provider)s, %(ref)s, %(payment)s, %(amount)s, %(currency)s, %(state)s)
ON CONFLICT (provider, provider_ref) DO UPDATE SET state = %(state)s WHERE f.workspace_id = %(workspace)s AND {further}
"""
OURS, REFUND = _OURS.format(further=FURTHER), _REFUND.format(further=FURTHER)
STATE = "SELECT state FROM refund WHERE provider = %s AND provider_ref = %s"
TOLD = "UPDATE payment SET told_refunded_minor = greatest(told_refunded_minor, %s) WHERE provider = %s AND provider_ref = %s RETURNING workspace_id"
DISPUTE = """
INSERT INTO dispute AS d (id, workspace_id, provider, provider_ref, payment_ref, amount_minor, currency, state)
VALUES (%(id)s, %(workspace)s, %(provider)s, %(ref)s, %(payment)s, %(amount)s, %(currency)s, %(state)s)
ON CONFLICT (provider, provider_ref) DO UPDATE SET state = excluded.state WHERE d.workspace_id = excluded.workspace_id AND d.state = 'open'
RETURNING xmax = 0, state
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider tells of: its own id of it, the payment that it is about, and how much."""

    provider: str
    ref: str
    payment: str
    amount: int
    currency: str
    state: str = ""

    @property
    def row(self) -> dict[str, Any]:
        """As the statements name it."""
        money = {"amount": self.amount, "currency": self.currency.upper()}
        return {"provider": self.provider, "ref": self.ref, "payment": self.payment, "state": self.state} | money


def workspace_here(session: Session, named: UUID | None) -> UUID:
    """The workspace that the metadata names. Raises NotForUs."""
    if named is None:
        msg = "its metadata names no workspace (sayso_workspace)"
        raise NotForUs(msg)
    if not _one(session, IS_HERE, named):
        msg = "its metadata names a workspace that is not here"
        raise NotForUs(msg)
    return named


def workspace_of(session: Session, told: Told, named: UUID | None) -> UUID:
    """The workspace of the payment it is about; while that is not known here, the one that the metadata names. Raises NotYet."""
    found: UUID | None = _one(session, WHOSE, told.provider, told.payment)
    if found is None and named is not None:
        found = workspace_here(session, named)
    if found is None:
        raise _before_its_payment(told)
    return found


def record_payment(session: Session, workspace: UUID, told: Told, at: datetime, invoice: UUID | None) -> None:
    """Write a payment, or learn what one lacked; the invoice that is paid with it is told of."""
    line = raw(session)
    stand_in_line(line, f"invoice {invoice}")
    was_paid = invoice and _one(session, IS_PAID, invoice)
    row = told.row | {"id": new_id(), "workspace": workspace, "at": at, "invoice": invoice}
    written = line.execute(PAY, row).fetchone()
    if written is None:
        msg = "it is a payment of another workspace"
        raise NotForUs(msg)
    payment, is_new, tied = written
    if is_new:
        take_up(session, _payment_named(told))
        happened_in(session, workspace, "payment.succeeded", show("pay", payment), providerRef=told.ref)
    if tied and not was_paid and _one(session, IS_PAID, tied):
        happened_in(session, workspace, "invoice.paid", show("inv", tied), method=told.provider)
        for intent in line.cursor(row_factory=scalar_row).execute(LETTERS, (tied,)).fetchall():
            drop_moot(session, Actor(workspace, PAYMENTS), intent, "The invoice was paid.")


def is_recorded(session: Session, told: Told, invoice: UUID | None) -> bool:
    """Whether a payment is here; one that is being written is waited for."""
    stand_in_line(raw(session), f"invoice {invoice}")
    return bool(_one(session, IS_KNOWN, told.provider, told.payment))


def record_refund(session: Session, workspace: UUID, told: Told, intent: UUID | None) -> None:
    """Write a refund, or how far it got; one that we asked for is found by our own id."""
    line = raw(session)
    stand_in_line(line, f"refund {told.ref}")
    row = told.row | {"id": new_id(), "workspace": workspace, "intent": intent}
    was = _one(session, STATE, told.provider, told.ref)
    if not (intent and line.execute(OURS, row).rowcount):
        line.execute(REFUND, row)
    stands = _one(session, STATE, told.provider, told.ref)
    if stands != was and stands in ("succeeded", "failed"):
        happened_in(session, workspace, f"refund.{stands}", told.ref, providerRef=told.payment)


def record_sum_refunded(session: Session, told: Told) -> None:
    """Write how much of a payment was given back in all. Raises NotYet."""
    if _one(session, TOLD, told.amount, told.provider, told.payment) is None:
        raise _before_its_payment(told)


def record_dispute(session: Session, workspace: UUID, told: Told) -> None:
    """Write a dispute, or how it ended."""
    written = raw(session).execute(DISPUTE, told.row | {"id": new_id(), "workspace": workspace}).fetchone()
    if written and (written[0] or written[1] != "open"):
        happened_in(session, workspace, f"dispute.{'opened' if written[1] == 'open' else written[1]}", told.ref, providerRef=told.payment)


def _payment_named(told: Told) -> str:
    return f"payment {told.provider} {told.payment}"


def _before_its_payment(told: Told) -> NotYet:
    return NotYet("it is about a payment that is not here; it is tried anew when that comes", _payment_named(told))


def _one(session: Session, statement: str, *given: Any) -> Any:
    return raw(session).cursor(row_factory=scalar_row).execute(statement.encode(), given).fetchone()
