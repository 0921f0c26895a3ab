"""Closing the pages on which nothing is to be paid any more: whoever still has one open would pay what is void, or pay twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from approvals.inward import begin
from crm.invoices.shapes import numbered
from crm.payments.books import PAYMENTS
from kernel.db import Database, raw
from kernel.keys import show
from kernel.settings import Settings
from outbox.content import KINDS

AT_ONCE = 200
# A page lives a day at the provider; one that was made late, because the lane was paused, is found as well.
SPENT = """
SELECT p.intent_id AS id, p.workspace_id, p.invoice_id, p.page, n.number FROM page_spent p JOIN invoice n ON n.id = p.invoice_id
WHERE p.closed_at IS NULL AND p.lane = %(lane)s AND p.created_at > now() - interval '3 days' ORDER BY p.created_at, p.intent_id LIMIT %(most)s
"""
CLOSE = "UPDATE checkout SET closed_at = now() WHERE intent_id = %s AND closed_at IS NULL"


@dataclass(frozen=True, slots=True)
class Spent:
    """A page that is there and not to be paid."""

    id: UUID
    workspace_id: UUID
    invoice_id: UUID
    page: str
    number: int


def spent(line: psycopg.Connection[Any], settings: Settings) -> Sequence[Spent]:
    """Those of every workspace that nobody has closed yet, at the provider that serves now."""
    wanted = {"lane": f"payments:{settings.payments}", "most": AT_ONCE}
    return line.cursor(row_factory=class_row(Spent)).execute(SPENT, wanted).fetchall()


def close(gate: Database, settings: Settings, one: Spent) -> None:
    """Have the provider close it, once; any number of clocks may do so at the same time."""
    said = {"invoice": show("inv", one.invoice_id), "workspace": show("org", one.workspace_id), "number": numbered(one.number), "page": one.page}
    with gate.transaction(one.workspace_id) as session:
        if raw(session).execute(CLOSE, (one.id,)).rowcount:
            begin(session, settings, one.workspace_id, PAYMENTS, KINDS["page_closing"](**said))
