"""Finding anything of a business by one word: a customer's name or address, an id of ours, a number on a bill, an id of a provider."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import class_row
from sqlalchemy import select

from crm.contacts import filters
from crm.contacts.tables import Account
from kernel.call import Call
from kernel.db import raw

What = Literal["customer", "request", "send", "booking", "invoice", "payment"]
LONGEST = 200
"""No name, address or id is longer; the rest is cut off."""
MOST = 20
SHORTEST_NAME = 2
IDS: dict[str, What] = {"acc": "customer", "apr": "request", "int": "send", "bkg": "booking", "inv": "invoice", "pay": "payment"}
OURS = re.compile(r"(?:([a-z]{3})_)?([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})", re.IGNORECASE)
NUMBER = re.compile(r"(?:INV-)?0*([1-9][0-9]{0,8})", re.IGNORECASE)
PRINTED = re.compile(r"[\s().-]")


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found: what it is, how people call it, and the customer whom it belongs to."""

    what: What
    id: UUID
    name: str
    state: str
    at: datetime
    account: UUID | None = None


# Each branch is walled by the workspace and walks an index of its own. A send is found only where a person was asked for it: mail to
# our own people is not found here.
FIND = """
SELECT 'request' AS what, a.id, a.action AS name, a.state, a.created_at AS at, NULL::uuid AS account
FROM approval a WHERE a.workspace_id = %(workspace)s AND a.id = %(request)s
UNION ALL
SELECT 'send', i.id, c.recipient, d.state, i.created_at, NULL
FROM intent i JOIN content c ON c.intent_id = i.id JOIN every_delivery d ON d.intent_id = i.id
WHERE i.workspace_id = %(workspace)s AND NOT is_ours(i.kind) AND i.id IN (
    SELECT %(send)s::uuid UNION SELECT t.intent_id FROM attempt t WHERE t.workspace_id = %(workspace)s AND t.provider_ref = %(ref)s)
UNION ALL
SELECT 'booking', b.id, s.name, b.state, b.starts_at, b.account_id
FROM booking b JOIN service s ON s.id = b.service_id WHERE b.workspace_id = %(workspace)s AND b.id = %(booking)s
UNION ALL
SELECT 'invoice', v.id, 'INV-' || lpad(v.number::text, 5, '0'), CASE WHEN v.voided_at IS NULL THEN 'standing' ELSE 'void' END, v.created_at, v.account_id
FROM invoice v WHERE v.workspace_id = %(workspace)s AND (v.id = %(invoice)s OR v.number = %(number)s)
UNION ALL
SELECT 'payment', p.id, p.provider_ref, p.provider, p.paid_at, v.account_id
FROM payment p LEFT JOIN invoice v ON v.id = p.invoice_id WHERE p.workspace_id = %(workspace)s AND p.id IN (
    SELECT %(payment)s::uuid
    UNION SELECT y.id FROM payment y WHERE y.workspace_id = %(workspace)s AND y.provider_ref = %(ref)s
    UNION SELECT y.id FROM refund r JOIN payment y ON (y.provider, y.provider_ref) = (r.provider, r.payment_ref)
        WHERE r.workspace_id = %(workspace)s AND r.provider_ref = %(ref)s
    UNION SELECT y.id FROM dispute r JOIN payment y ON (y.provider, y.provider_ref) = (r.provider, r.payment_ref)
        WHERE r.workspace_id = %(workspace)s AND r.provider_ref = %(ref)s)
ORDER BY at DESC LIMIT %(most)s
"""
SENT_TO = "SELECT EXISTS (SELECT FROM content WHERE recipient = %s AND workspace_id = %s)"


def clean(typed: str) -> str:
    """What was typed as it is looked for: no control characters, no more than any name has."""
    return "".join(sign for sign in typed if sign.isprintable()).strip()[:LONGEST]


def find(call: Call, words: str) -> list[Hit]:
    """What the words name, customers first; nothing for nothing."""
    if not words:
        return []
    return [*_customers(call, words), *_named(call, words)]


def address_in(words: str) -> str:
    """The words as an address is kept: a phone number without its blanks and brackets, an e-mail address in small letters."""
    return PRINTED.sub("", words) if words.startswith("+") else words.lower()


def was_sent_to(call: Call, words: str) -> bool:
    """Whether anything was ever asked for to this address."""
    row = raw(call.session).execute(SENT_TO, (address_in(words), call.workspace)).fetchone()
    return bool(row and row[0])


def _customers(call: Call, words: str) -> Sequence[Hit]:
    phone = address_in(words) if words.startswith("+") else words
    sought = filters.matching(phone) if len(words) >= SHORTEST_NAME else []
    ids = _ids(words, "customer")
    if not sought and not ids:
        return []
    wanted = Account.id.in_(ids) if ids else sought[0]
    found = call.session.scalars(select(Account).where(*filters.mine(call), wanted).order_by(Account.name, Account.id).limit(MOST)).all()
    return [Hit("customer", one.id, one.name, one.phone or one.email or "", one.created_at, one.id) for one in found]


def _named(call: Call, words: str) -> list[Hit]:
    number = NUMBER.fullmatch(words)
    given: dict[str, Any] = {what: next(iter(_ids(words, what)), None) for what in IDS.values()}
    given |= {"workspace": call.workspace, "ref": words, "number": int(number.group(1)) if number else None, "most": MOST}
    return raw(call.session).cursor(row_factory=class_row(Hit)).execute(FIND, given).fetchall()


def _ids(words: str, what: What) -> list[UUID]:
    """The id that the words are, where it is one of this kind, or says no kind."""
    named = OURS.fullmatch(words)
    if named is None or IDS.get((named.group(1) or "").lower(), what) != what or (named.group(1) and named.group(1).lower() not in IDS):
        return []
    return [UUID(hex=named.group(2).replace("-", ""))]
