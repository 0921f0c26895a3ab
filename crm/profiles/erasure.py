"""Erasing a customer: anybody who may asks, a signed-in owner or manager does it, and the database does it whole or not at all."""

from __future__ import annotations

from uuid import UUID

from psycopg.errors import CheckViolation
from psycopg.rows import scalar_row
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from approvals import gate
from crm.contacts.shapes import account_of
from crm.contacts.tables import Account
from crm.profiles.tables import Erasure
from kernel.call import Call
from kernel.db import raw
from kernel.errors import Conflict
from kernel.keys import show
from outbox.events import Actor, happened, note

WAITING = """
SELECT c.intent_id FROM content c JOIN delivery d ON d.intent_id = c.intent_id AND d.state IN ('held', 'ready', 'blocked')
WHERE c.workspace_id = %s AND NOT c.sealed AND lower(c.recipient) = ANY(%s) ORDER BY c.intent_id
"""
ERASE = "SELECT account, messages FROM erase_account(%s)"


class StillLeaving(Conflict):
    """A message to this customer is being handed to a provider, or is in doubt, so nothing was erased."""

    code = "still_leaving"
    next_step = "Try again in a minute; settle what is in doubt first."


def ask(call: Call, account: Account, reason: str) -> Erasure:
    """Write that somebody wants it, once."""
    row = {"account_id": account.id, "workspace_id": call.workspace, "reason": reason, "asked_by": call.caller.shown()}
    if call.session.scalar(insert(Erasure).values(row).on_conflict_do_nothing().returning(Erasure.account_id)):
        happened(call, "erasure.asked", show("acc", account.id))
        note(call.session, Actor.of(call), "erasure.asked", show("acc", account.id))
    return call.session.scalars(select(Erasure).where(Erasure.account_id == account.id, Erasure.workspace_id == call.workspace)).one()


def asked(call: Call, account: UUID) -> Erasure | None:
    """The wish, if somebody has it."""
    return call.session.scalar(select(Erasure).where(Erasure.account_id == account, Erasure.workspace_id == call.workspace))


def wanted(call: Call) -> list[Account]:
    """The customers whom somebody wants erased, the longest waiting first."""
    joined = select(Account).join(Erasure, Erasure.account_id == Account.id)
    return list(call.session.scalars(joined.where(Erasure.workspace_id == call.workspace).order_by(Erasure.asked_at).limit(100)))


def decline(call: Call, account: UUID) -> None:
    """A person says no; it is as if nobody had asked."""
    if call.session.scalar(delete(Erasure).where(Erasure.account_id == account, Erasure.workspace_id == call.workspace).returning(Erasure.account_id)):
        note(call.session, Actor.of(call), "erasure.declined", show("acc", account))


def erase(call: Call, account: UUID) -> int:
    """Erase a customer for good; answers how many messages went with them. Raises NotFound, StillLeaving.

    The database takes it only in a transaction that presents the portal session of an owner or a manager.
    """
    row = account_of(call, account)
    addresses = [address.lower() for address in (row.email, row.phone) if address]
    waiting = raw(call.session).cursor(row_factory=scalar_row).execute(WAITING, (call.workspace, addresses)).fetchall()
    for intent in waiting:
        gate.drop(call, intent)
    call.session.flush()
    try:
        done = raw(call.session).execute(ERASE, (account,)).fetchone()
    except CheckViolation:
        raise StillLeaving from None
    messages = done[1] if done else 0
    call.session.expire_all()
    happened(call, "customer.erased", show("acc", account))
    note(call.session, Actor.of(call), "customer.erased", show("acc", account), messages=messages)
    return int(messages)
