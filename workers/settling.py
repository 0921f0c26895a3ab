"""How a provider's event ends: done, ignored, tried again ever later, or given up; its row is locked by whoever calls."""

from __future__ import annotations

import logging
from collections.abc import Callable

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kernel.clock import now
from kernel.failpoints import Instant, reach
from kernel.log import trail
from outbox.handlers import NotForUs, NotYet
from outbox.retries import backoff
from outbox.tables import InboxRow

log = logging.getLogger("sayso.receive")
MOST_TRIES = 10


def due(state: str) -> Select[InboxRow]:
    """The one that is due longest, which nobody else holds."""
    waiting = select(InboxRow).where(InboxRow.state == state, InboxRow.due_at <= func.now())
    return waiting.order_by(InboxRow.due_at).limit(1).with_for_update(skip_locked=True)


def work_off(session: Session, row: InboxRow, apply: Callable[[], str]) -> None:
    """Apply an event, all of it or nothing, and leave its row in the state that `apply` answers."""
    try:
        with session.begin_nested():
            settle(row, apply())
        reach(Instant.EVENT_BEFORE_COMMIT)
    except NotForUs as reason:
        settle(row, "ignored", str(reason))
    except NotYet as reason:
        row.waits_for = reason.waits_for
        put_off(row, str(reason))
    except Exception as fault:  # noqa: BLE001 - its words may quote a customer
        log.warning("event %s of %s failed: %s", row.id, row.provider, trail(fault))
        put_off(row, type(fault).__name__)


def settle(row: InboxRow, state: str, reason: str = "") -> None:
    """Leave it there; a hint still has its way to go."""
    row.state, row.reason, row.done_at = state, reason, None if state == "hint" else now()
    if state == "done":
        row.waits_for = None


def put_off(row: InboxRow, reason: str) -> None:
    """Try it again later; after too many tries it is kept for a person, or for the moment when what it waits for comes."""
    row.tries += row.state != "hint"  # a question was counted when it was taken
    if row.tries >= MOST_TRIES:
        settle(row, "ignored" if row.waits_for else "dead", reason)
        return
    row.reason, row.due_at = reason, func.now() + func.make_interval(0, 0, 0, 0, 0, 0, backoff(row.tries))
