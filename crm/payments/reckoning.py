"""The reckoning: payments, refunds, disputes and paid invoices, compared with the provider's books for a time; what it finds is kept, nothing else written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row, scalar_row
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.payments.comparing import Difference, Line, differences, in_our_words
from crm.payments.tables import Reconciliation
from kernel.db import raw
from kernel.keys import new_id, read, show
from kernel.money import as_decimal
from outbox.dispatch import Booked

SLACK = timedelta(days=14)
"""What the provider began so long before may have been paid, and told of, within the time."""
MOST_KEPT = 100
HERE = """
SELECT what, workspace_id, ref, amount_minor, currency, state, invoice_id FROM (
    SELECT 'payment' AS what, workspace_id, provider, provider_ref AS ref, amount_minor, currency, 'succeeded' AS state,
        invoice_id, paid_at AS at FROM payment
    UNION ALL SELECT 'refund', workspace_id, provider, provider_ref, amount_minor, currency, state, NULL, created_at FROM refund WHERE provider_ref IS NOT NULL
    UNION ALL SELECT 'dispute', workspace_id, provider, provider_ref, amount_minor, currency, state, NULL, created_at FROM dispute
) line WHERE provider = %(provider)s AND (ref = ANY(%(refs)s) OR at >= %(since)s AND at < %(until)s)
"""
HERE_IS = "SELECT id FROM workspace WHERE id = ANY(%s::uuid[])"
PAID_FOR = "SELECT provider_ref, workspace_id FROM payment WHERE provider = %s AND provider_ref = ANY(%s)"
# A page that was paid twice, and money for what nobody owes: both look right payment by payment.
INVOICES = """
SELECT n.workspace_id, n.id, n.total_minor, n.paid_minor::bigint AS paid_minor, n.currency, n.is_void
FROM invoice_now n
WHERE EXISTS (SELECT FROM payment p WHERE p.invoice_id = n.id AND p.provider = %(provider)s AND p.paid_at >= %(since)s AND p.paid_at < %(until)s)
  AND (n.paid_minor > n.total_minor OR n.is_void)
"""
LAST = "SELECT max(ran_at) FROM reconciliation WHERE provider = %s"
EVERY = "SELECT DISTINCT workspace_id FROM payment WHERE provider = %s"


@dataclass(frozen=True, slots=True)
class Time:
    """Which provider's books, from when, until when (not included)."""

    provider: str
    since: datetime
    until: datetime


def last_run(session: Session, provider: str) -> datetime | None:
    """When the books were compared last."""
    return raw(session).cursor(row_factory=scalar_row).execute(LAST, (provider,)).fetchone()


def newest(session: Session, workspace: UUID) -> Reconciliation | None:
    """What the last comparison found of this business."""
    mine = select(Reconciliation).where(Reconciliation.workspace_id == workspace)
    return session.scalar(mine.order_by(Reconciliation.ran_at.desc(), Reconciliation.id.desc()).limit(1))


def reckon(session: Session, time: Time, booked: Sequence[Booked]) -> list[Reconciliation]:
    """Compare, and keep what was found for each business; `booked` begins `SLACK` before the time."""
    given = {"provider": time.provider, "since": time.since, "until": time.until, "refs": [one.ref for one in booked]}
    line = raw(session).cursor(row_factory=dict_row)
    here: dict[UUID, dict[str, Line]] = defaultdict(dict)
    for row in line.execute(HERE, given).fetchall():
        whose, invoice = row.pop("workspace_id"), row.pop("invoice_id")
        here[whose][row["ref"]] = Line(**row, invoice=show("inv", invoice) if invoice else "")
    there = _by_workspace(session, time, booked)
    paid = _invoices(session, given)
    known = raw(session).cursor(row_factory=scalar_row).execute(EVERY, (time.provider,)).fetchall()
    found = [_one(time, each, (here[each], there[each]), paid[each]) for each in sorted({*here, *there, *known}, key=str)]
    session.add_all(found)
    return found


def _by_workspace(session: Session, time: Time, booked: Sequence[Booked]) -> dict[UUID, dict[str, Booked]]:
    """Whose each line is: its metadata says so, else the payment that it is about; what is nobody's here was not made by us."""
    owners: Mapping[str, UUID] = dict(raw(session).execute(PAID_FOR, (time.provider, [one.payment_ref for one in booked])).fetchall())
    here = set(raw(session).cursor(row_factory=scalar_row).execute(HERE_IS, ([_read(one.workspace) for one in booked],)).fetchall())
    found: dict[UUID, dict[str, Booked]] = defaultdict(dict)
    for one in booked:
        whose = owners.get(one.payment_ref) or _read(one.workspace)
        if whose and (whose in here or one.payment_ref in owners):
            found[whose][one.ref] = one
    return found


def _read(workspace: str) -> UUID | None:
    try:
        return read("org", workspace)
    except ValueError:
        return None


def _one(time: Time, workspace: UUID, lines: tuple[dict[str, Line], dict[str, Booked]], paid: list[Difference]) -> Reconciliation:
    here, there = lines
    young = {ref: in_our_words(one) for ref, one in there.items() if ref in here or time.since <= one.at < time.until}
    found = [*differences(here, young), *paid]
    row = Reconciliation(id=new_id(), workspace_id=workspace, provider=time.provider, since=time.since, until=time.until)
    row.compared, row.many, row.differences = len({*here, *young}), len(found), [_kept(one) for one in found[:MOST_KEPT]]
    return row


def _invoices(session: Session, given: dict[str, Any]) -> dict[UUID, list[Difference]]:
    found: dict[UUID, list[Difference]] = defaultdict(list)
    for row in raw(session).cursor(row_factory=dict_row).execute(INVOICES, given).fetchall():
        owed = Line("invoice", show("inv", row["id"]), row["total_minor"], row["currency"], "void" if row["is_void"] else "paid")
        there = replace(owed, amount_minor=row["paid_minor"], state="paid")
        found[row["workspace_id"]].append(Difference("invoice", "state_differs" if row["is_void"] else "amount_differs", owed.ref, owed, there))
    return found


def _kept(found: Difference) -> dict[str, Any]:
    """As it is stored: both sides in words."""
    either = found.here or found.there
    said = {side: line and _said(found, line) for side, line in (("here", found.here), ("there", found.there))}
    return {"what": found.what, "kind": found.kind, "ref": found.ref, "currency": either.currency if either else "", **said}


def _said(found: Difference, line: Line) -> str:
    match found.kind:
        case "state_differs":
            return line.state
        case "invoice_differs":
            return line.invoice or "none"
        case _:
            return f"{as_decimal(line.amount_minor, line.currency)} {line.currency}"
