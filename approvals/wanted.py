"""Whether a message is wanted: what no claim would take is refused when it is asked for, and once more when somebody would approve it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from kernel.call import Call
from kernel.db import raw
from kernel.errors import Conflict
from outbox import facts, windows
from outbox.intents import Drafted

WINDOW = windows.WINDOW
# What became of it since it was asked for, as the claim will see it.
SINCE = """
SELECT bool_or(EXISTS (SELECT FROM suppression s WHERE s.workspace_id = d.workspace_id
        AND s.channel = split_part(d.lane, ':', 1) AND s.recipient = lower(c.recipient))),
    bool_or({closed})
FROM delivery d JOIN intent i ON i.id = d.intent_id JOIN content c ON c.intent_id = d.intent_id
WHERE d.intent_id = ANY(%s) AND d.state = 'held'
"""
REJECT = "Reject it; whoever asked is told why."


class OptedOut(Conflict):
    """This customer does not want messages on this channel, so nothing was asked for."""

    code = "opted_out"
    next_step = "Leave it (with a booking: leave `notify` out), or use another channel that they agree to."


class WindowClosed(Conflict):
    """WhatsApp takes free words only within 24 hours of the customer's own last message, and there is none so young when this would leave."""

    code = "window_closed"
    next_step = "Send an approved template (send_whatsapp_message with templateId), or an SMS."


def check_wanted(call: Call, drafts: Sequence[Drafted]) -> None:
    """Raises OptedOut when one of the recipients must not be messaged on its channel, WindowClosed when one does not take free words then."""
    places = {(draft.snapshot.content.channel, draft.snapshot.content.recipient) for draft in drafts}
    for channel, recipient in sorted(places):
        if facts.is_suppressed(call.session, call.workspace, (channel, recipient)):
            raise OptedOut(channel=channel)
    for draft in drafts:
        if draft.answers and not windows.is_open(call.session, call.workspace, draft.answers, leaving(call, draft.snapshot.not_before)):
            raise WindowClosed


def leaving(call: Call, not_before: datetime | None) -> datetime:
    """The earliest moment at which something asked for now can leave."""
    return max(call.moment, not_before or call.moment)


def check_still_wanted(session: Session, intents: Sequence[UUID]) -> None:
    """Raises OptedOut or WindowClosed for what nobody can approve any more, because of what happened since it was asked for."""
    opted_out, closed = raw(session).execute(SINCE.format(closed=windows.CLOSED).encode(), (list(intents),)).fetchone() or (None, None)
    if opted_out:
        raise OptedOut("This customer asked for no more messages on this channel meanwhile, so it cannot be sent.", next_step=REJECT)
    if closed:
        raise WindowClosed("The 24 hours in which WhatsApp takes free words to this customer are over, so it cannot be sent.", next_step=REJECT)
