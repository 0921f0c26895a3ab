"""On the host: comparing the books of every business with the payment provider's own."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.exc import OperationalError

from crm.payments.comparing import NEXT
from crm.payments.tables import Reconciliation
from kernel import clock
from kernel.errors import InvalidArguments
from kernel.keys import show
from kernel.roles import Role
from outbox.scrutiny import visible
from processes.events import moment_of
from processes.host import NotRunning
from processes.premises import attached, connector, open_database
from workers.reckoning import USUAL, Reckoning


def compare(since: str | None, until: str | None) -> list[Reconciliation]:
    """Compare now; answers what was found, for each business. Raises InvalidArguments, NotRunning."""
    settings = attached()
    ends = moment_of(until) or clock.now()
    begins = moment_of(since) or ends - USUAL
    if begins >= ends:
        msg = "--since must lie before --until."
        raise InvalidArguments(msg)
    database = open_database(settings, Role.WORKER, size=1)
    provider = connector(settings.payments)(settings)
    try:
        return Reckoning(database, {settings.payments: provider}).compare(settings.payments, begins, ends)
    except OperationalError as away:
        raise NotRunning from away
    finally:
        provider.close()
        database.close()


def told(found: Reconciliation) -> Iterator[str]:
    """One business's result, a line for each difference, and what to do about each kind."""
    yield f"{show('org', found.workspace_id)}  {found.provider}  {found.compared} compared, {found.many} differ"
    for one in found.differences:
        yield visible(f"  {one['kind']}  {one['what']} {one['ref']}  here: {one['here'] or '-'}  there: {one['there'] or '-'}")
    for kind in sorted({one["kind"] for one in found.differences}):
        yield f"  {kind}: {NEXT[kind]}"
