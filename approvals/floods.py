"""Flood control: how many requests of one key may wait for a decision at once, counted exactly however many ask at the same time."""

from __future__ import annotations

from kernel.call import Call
from kernel.db import raw, stand_in_line
from kernel.errors import RateLimited

WAITING = """
SELECT count(*) FROM (
    SELECT FROM approval WHERE workspace_id = %s AND asked_by_id = %s AND state = 'pending' AND expires_at > now() LIMIT %s) a
"""


class TooManyPending(RateLimited):
    """Too many requests of this key wait for a decision already, so nothing was asked."""

    code = "too_many_pending"
    next_step = "Do not repeat it: wait until people have decided some (list_pending_approvals), or take back what is not needed (withdraw_send_request)."


def check_pending(call: Call) -> None:
    """Raises TooManyPending when the asking key has as many as it may; people and the system are not counted."""
    if call.caller.kind != "agent" or call.caller.id is None:
        return
    most = call.settings.pending_per_key
    line = raw(call.session)
    with line.pipeline():
        stand_in_line(line, call.caller.id.hex)
        waiting = line.execute(WAITING, (call.workspace, call.caller.id, most))
    (many,) = waiting.fetchone() or (0,)
    if many >= most:
        raise TooManyPending(pending=many, most=most)
