"""Visits: that a customer came, written by whoever knows it and read wherever customers are chosen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from crm.contacts.tables import Visit
from kernel.call import Call


def record(call: Call, booking: UUID, account: UUID, service: UUID, at: datetime) -> None:
    """A customer came, once for each booking."""
    row = {"booking_id": booking, "workspace_id": call.workspace, "account_id": account, "service_id": service, "at": at}
    call.session.execute(insert(Visit).values(row).on_conflict_do_nothing())
