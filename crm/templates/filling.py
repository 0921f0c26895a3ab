"""What a template says once its gaps are filled: from values at hand, or with a booking as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.rows import scalar_row
from sqlalchemy.orm import Session

from crm.templates.approved import said_by
from crm.templates.gaps import ABOUT_A_BOOKING, check_known, fill, gaps_in
from crm.templates.tables import TemplateVersion
from kernel.call import Call
from kernel.db import raw
from kernel.errors import NotFound

GAPS = "SELECT gaps_of(b.id) FROM booking b WHERE b.id = %s AND b.workspace_id = %s"


def filled(session: Session, texts: Mapping[str, str], approved: Mapping[str, Any] | None, given: Mapping[str, str]) -> dict[str, str]:
    """Each text with its gaps filled, and beside them what WhatsApp's approved template needs to say the same."""
    return {**{name: fill(session, text, given) for name, text in texts.items()}, **said_by(approved, given)}


def about_booking(call: Call, version: TemplateVersion, booking: UUID) -> dict[str, str]:
    """What these words say about a booking, by the parts of a message. Raises UnknownVariable, NotFound."""
    texts = {name: text for name, text in (("subject", version.subject), ("body", version.body)) if text}
    check_known(gaps_in(*texts.values()), ABOUT_A_BOOKING)
    call.session.flush()
    given = raw(call.session).cursor(row_factory=scalar_row).execute(GAPS, (booking, call.workspace)).fetchone()
    if given is None:
        raise NotFound("There is no such booking in this workspace.", next_step="Find it with list_bookings.")
    return filled(call.session, texts, version.approved, given)
